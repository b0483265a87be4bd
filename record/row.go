package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// RowID identifies a row: one key of one kind in one window.
type RowID struct {
	Kind, Key   string
	WindowStart int64 // milliseconds since the Unix epoch
}

// String is the row's id as errors and reports show it.
func (id RowID) String() string {
	return fmt.Sprintf("%s %s %s", FormatTime(id.WindowStart, id.WindowStart%1000 != 0), id.Kind, id.Key)
}

// Row is the aggregate of one (kind, key) in one event-time window.
type Row struct {
	RowID
	WindowEnd int64 // milliseconds since the Unix epoch, exclusive
	Count     int64
	// Sum, Min and Max are canonical numbers (see [CanonicalNumber]), empty where the window had no value.
	Sum, Min, Max string
	// Mean is the sum of the values by their number, rounded as the scenario asks; empty where it asks for none, or where there was no value.
	Mean string
}

// Late is a record that came when windows that it falls into were over.
type Late struct {
	ID
	// Over is the end of the last of them: in those that end by then, the record is not counted.
	Over int64
	// Dropped says that no other window was left, so that the record is in no row.
	Dropped bool
}

// Fired is a row that the aggregator emitted, with the due times that its latencies start at.
type Fired struct {
	Row
	// Trigger is the due time of the record whose reading raised the minimum watermark past the window's end.
	Trigger time.Duration
	// Newest is the due time of the row's newest contributor.
	Newest time.Duration
	// Flushed says that the flush or idleness fired the row, so that no latency is taken of it.
	Flushed bool
}

// rowJSON is the row on the output stream and in a handler's hands.
type rowJSON struct {
	Kind        string      `json:"kind"`
	Key         []string    `json:"key"`
	WindowStart string      `json:"window_start"`
	WindowEnd   string      `json:"window_end"`
	Count       int64       `json:"count"`
	Sum         json.Number `json:"sum,omitempty"`
	Min         json.Number `json:"min,omitempty"`
	Max         json.Number `json:"max,omitempty"`
	Mean        json.Number `json:"mean,omitempty"`
}

// MarshalJSON writes the row as the output stream carries it; sum, min, max and mean are left out where there was no value.
func (r Row) MarshalJSON() ([]byte, error) {
	return json.Marshal(rowJSON{
		Kind: r.Kind, Key: SplitKey(r.Key),
		WindowStart: r.Time(r.WindowStart), WindowEnd: r.Time(r.WindowEnd),
		Count: r.Count, Sum: json.Number(r.Sum), Min: json.Number(r.Min), Max: json.Number(r.Max), Mean: json.Number(r.Mean),
	})
}

// UnmarshalJSON reads what MarshalJSON wrote, or what another engine wrote by the same contract.
func (r *Row) UnmarshalJSON(data []byte) error {
	var j rowJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("row: %w", err)
	}
	if j.WindowStart == "" || j.WindowEnd == "" {
		return errors.New("row: window_start or window_end is missing")
	}
	row := Row{RowID: RowID{Kind: j.Kind, Key: JoinKey(j.Key)}, Count: j.Count}
	for _, t := range []struct {
		text string
		to   *int64
	}{{j.WindowStart, &row.WindowStart}, {j.WindowEnd, &row.WindowEnd}} {
		at, err := time.Parse(time.RFC3339, t.text)
		if err != nil {
			return fmt.Errorf("row: %w", err)
		}
		*t.to = at.UnixMilli()
	}
	for _, n := range []struct {
		text json.Number
		to   *string
	}{{j.Sum, &row.Sum}, {j.Min, &row.Min}, {j.Max, &row.Max}, {j.Mean, &row.Mean}} {
		if n.text == "" {
			continue
		}
		number, err := CanonicalNumber(string(n.text))
		if err != nil {
			return fmt.Errorf("row: %w", err)
		}
		*n.to = number
	}
	*r = row
	return nil
}

// Time formats one of the row's window bounds: whole seconds, or milliseconds in every row of a window size that is not
// whole seconds, so that the text sorts as the time does.
func (r Row) Time(ms int64) string { return FormatTime(ms, (r.WindowEnd-r.WindowStart)%1000 != 0) }

// FormatTime is ms as RFC 3339 in UTC, with milliseconds if subsecond.
func FormatTime(ms int64, subsecond bool) string {
	layout := "2006-01-02T15:04:05Z"
	if subsecond {
		layout = "2006-01-02T15:04:05.000Z"
	}
	return time.UnixMilli(ms).UTC().Format(layout)
}

// keyEscaper keeps a join of key parts injective where a part holds the separator itself.
var keyEscaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`)

// JoinKey joins the parts of a key by "|". A part that a record lacks is the empty string and keeps its place, and "|" and "\" inside
// a part are escaped by "\", so that two different keys never join to the same text.
func JoinKey(parts []string) string {
	if len(parts) == 1 && strings.IndexByte(parts[0], '\\') < 0 && strings.IndexByte(parts[0], '|') < 0 {
		return parts[0]
	}
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = keyEscaper.Replace(part)
	}
	return strings.Join(escaped, "|")
}

// SplitKey is the inverse of [JoinKey].
func SplitKey(key string) []string {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(key); i++ {
		switch {
		case key[i] == '|':
			parts = append(parts, part.String())
			part.Reset()
		case key[i] == '\\' && i+1 < len(key):
			i++
			part.WriteByte(key[i])
		default:
			part.WriteByte(key[i])
		}
	}
	return append(parts, part.String())
}
