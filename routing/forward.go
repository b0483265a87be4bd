package routing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"weir/record"
)

// Putter puts records on the output stream. It may block, and returns when it has taken all of them.
type Putter interface {
	Put(ctx context.Context, records []record.Record) error
}

// Forward puts the rows that fire on the output stream. It is an aggregator's sink in the pipeline routed.
type Forward struct{ putter Putter }

// NewForward makes a Forward to the putter.
func NewForward(putter Putter) *Forward { return &Forward{putter: putter} }

// Emit puts each row as one record: the row's JSON, with the partition key of [PartitionKey]. The record is due when the row's
// trigger was, and its event is the row's id: kind, key, and the window's start as its time.
func (f *Forward) Emit(ctx context.Context, rows []record.Fired) error {
	records := make([]record.Record, len(rows))
	for i := range rows {
		row := &rows[i]
		data, err := json.Marshal(&row.Row)
		if err != nil {
			return fmt.Errorf("routing: row %s: %w", row.RowID, err)
		}
		due := row.Trigger
		if row.Flushed {
			due = record.NoDue
		}
		records[i] = record.Record{
			PartitionKey: PartitionKey(row.RowID), Data: data, Due: due,
			Event: record.Event{Kind: row.Kind, Key: row.Key, Time: row.WindowStart},
		}
	}
	return f.putter.Put(ctx, records)
}

// maxPartitionKey is the most Unicode characters that a partition key has (Kinesis API reference, PutRecords).
const maxPartitionKey = 256

// PartitionKey is a row's partition key on the output stream: kind|key. Where that is longer than a partition key can be, its
// end gives way to a hash of the whole, so that the rows of one key still share a shard and their order.
func PartitionKey(id record.RowID) string {
	key := id.Kind + "|" + id.Key
	if len(key) <= maxPartitionKey || utf8.RuneCountInString(key) <= maxPartitionKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	hash := hex.EncodeToString(sum[:16])
	kept, runes := 0, 0
	for kept = range key {
		if runes == maxPartitionKey-1-len(hash) {
			break
		}
		runes++
	}
	return key[:kept] + "|" + hash
}
