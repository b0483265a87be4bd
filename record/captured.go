package record

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Captured is a record as a capture of a stream holds it, one a line:
//
//	{"captured":{"shard":"shardId-000000000003","sequence":"4961…","arrived":"2013-01-01T05:00:00.123Z","partition_key":"EWR|1545"},"data":{…}}
//
// Data that is a JSON object on one line stands there byte for byte; any other stands as data_base64.
type Captured struct {
	Shard    string
	Sequence string // see [Stored]
	// Arrived is when Kinesis took the record, in ms since the Unix epoch.
	Arrived int64
	// PartitionKey and ExplicitHashKey bring the record to the shard again; the latter is empty where the former does alone.
	PartitionKey, ExplicitHashKey string
	Data                          []byte
}

// capturedLine is the line.
type capturedLine struct {
	Captured struct {
		Shard           string `json:"shard"`
		Sequence        string `json:"sequence"`
		Arrived         string `json:"arrived"`
		PartitionKey    string `json:"partition_key"`
		ExplicitHashKey string `json:"explicit_hash_key"`
	} `json:"captured"`
	Data       json.RawMessage `json:"data"`
	DataBase64 *string         `json:"data_base64"`
}

const (
	capturedStart = `{"captured":{"shard":`
	arrivedLayout = "2006-01-02T15:04:05.000Z"
)

// IsCaptured says that a line is a captured record's, by how it starts.
func IsCaptured(line []byte) bool { return bytes.HasPrefix(line, []byte(capturedStart)) }

// Append appends the record's line, without its end.
func (c *Captured) Append(to []byte) []byte {
	to = appendQuoted(append(to, capturedStart...), c.Shard)
	to = appendQuoted(append(to, `,"sequence":`...), c.Sequence)
	to = time.UnixMilli(c.Arrived).UTC().AppendFormat(append(to, `,"arrived":"`...), arrivedLayout)
	to = appendQuoted(append(to, `","partition_key":`...), c.PartitionKey)
	if c.ExplicitHashKey != "" {
		to = appendQuoted(append(to, `,"explicit_hash_key":`...), c.ExplicitHashKey)
	}
	if n := len(c.Data); n > 0 && c.Data[0] == '{' && c.Data[n-1] == '}' && bytes.IndexByte(c.Data, '\n') < 0 && json.Valid(c.Data) {
		to = append(append(to, `},"data":`...), c.Data...)
		return append(to, '}')
	}
	to = base64.StdEncoding.AppendEncode(append(to, `},"data_base64":"`...), c.Data)
	return append(to, `"}`...)
}

func appendQuoted(to []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a string can always be marshalled
	return append(to, quoted...)
}

// ParseCaptured reads a captured record's line. Its data shares no memory with the line.
func ParseCaptured(line []byte) (c Captured, err error) {
	var l capturedLine
	if err := json.Unmarshal(line, &l); err != nil {
		return c, fmt.Errorf("captured record: %w", err)
	}
	at, err := time.Parse(time.RFC3339, l.Captured.Arrived)
	if err != nil {
		return c, fmt.Errorf("captured record: arrived: %w", err)
	}
	m := &l.Captured
	c = Captured{Shard: m.Shard, Sequence: m.Sequence, Arrived: at.UnixMilli(), PartitionKey: m.PartitionKey, ExplicitHashKey: m.ExplicitHashKey, Data: l.Data}
	switch {
	case l.DataBase64 != nil && l.Data != nil, l.DataBase64 == nil && l.Data == nil:
		return c, errors.New("captured record: it has not one of data and data_base64")
	case l.DataBase64 != nil:
		if c.Data, err = base64.StdEncoding.DecodeString(*l.DataBase64); err != nil {
			return c, fmt.Errorf("captured record: data_base64: %w", err)
		}
	}
	if m.Shard == "" || m.PartitionKey == "" || strings.Trim(m.Sequence, "0123456789/") != "" {
		return c, errors.New("captured record: its shard, sequence or partition_key is none")
	}
	if m.ExplicitHashKey != "" {
		if _, err := ParseHashKey(m.ExplicitHashKey); err != nil {
			return c, fmt.Errorf("captured record: %w", err)
		}
	}
	return c, nil
}
