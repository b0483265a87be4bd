package replay

import (
	"strings"
	"time"

	"weir/record"
)

// brief is what a survey asks of a record. While it is sorted, the record's data, and the piece of the file that it stands in, need not be held.
type brief struct {
	kind, partitionKey string
	hashKey            *string // nil for none
	time               int64
	bytes              uint32 // of the data
	unreadable         bool
}

// briefs makes them. What it gives back has data of the record's length, all of it zero.
type briefs struct {
	blank  []byte            // as long as the longest record so far
	names  map[string]string // kinds and keys that were met, so that those that come often are held once
	record record.Record
}

// maxNames bounds how many kinds and keys are remembered.
const maxNames = 1 << 14

func newBriefs() *briefs {
	return &briefs{names: make(map[string]string)}
}

func (b *briefs) pack(r *record.Record) brief {
	if more := len(r.Data) - len(b.blank); more > 0 {
		b.blank = append(b.blank, make([]byte, more)...)
	}
	p := brief{kind: b.name(r.Event.Kind), partitionKey: b.name(r.PartitionKey), time: r.Event.Time, bytes: uint32(len(r.Data)), unreadable: r.Event.Unreadable}
	if r.ExplicitHashKey != "" {
		p.hashKey = new(strings.Clone(r.ExplicitHashKey))
	}
	return p
}

func (b *briefs) unpack(i *item[brief]) *record.Record {
	p := &i.held
	b.record = record.Record{
		PartitionKey: p.partitionKey, Data: b.blank[:p.bytes], Due: time.Duration(i.at),
		Event: record.Event{Kind: p.kind, Time: p.time, Unreadable: p.unreadable},
	}
	if p.hashKey != nil {
		b.record.ExplicitHashKey = *p.hashKey
	}
	return &b.record
}

// name is a kind or a key in memory that is not a block's.
func (b *briefs) name(text string) string {
	if known, ok := b.names[text]; ok {
		return known
	}
	text = strings.Clone(text)
	if len(b.names) < maxNames {
		b.names[text] = text
	}
	return text
}
