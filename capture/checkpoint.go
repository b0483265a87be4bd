package capture

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weir/record"
)

// checkpointName is hidden, so that replay passes over it.
const checkpointName = ".checkpoint.json"

const checkpointVersion = 1

// checkpoint is how far a capture has come: what it says is in whole files. A file beyond it was not finished, and is written anew.
type checkpoint struct {
	Version int    `json:"version"`
	Stream  string `json:"stream"`
	// Capture is the run that wrote it: a name that no other has.
	Capture string `json:"capture,omitempty"`
	// From is where it began, whatever it is told when it goes on.
	From  start     `json:"from"`
	Began time.Time `json:"began"`
	Counts
	Shards map[string]*progress `json:"shards"`
	// Listed are the shards that were there when the capture began.
	Listed map[string]bool `json:"listed"`
}

// progress is how far it is in a shard.
type progress struct {
	// Sequence is the last Kinesis record's that is written, empty for none.
	Sequence string `json:"sequence,omitempty"`
	// Ended says that the shard was closed, and is written to its end.
	Ended bool `json:"ended,omitempty"`
}

// start is where a capture begins, in the words of the command line.
type start record.Position

// MarshalText implements [encoding.TextMarshaler].
func (s start) MarshalText() ([]byte, error) {
	switch s.Kind {
	case record.Latest:
		return []byte("latest"), nil
	case record.TrimHorizon:
		return []byte("trim-horizon"), nil
	}
	return s.Timestamp.UTC().MarshalText()
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *start) UnmarshalText(text []byte) error {
	switch *s = (start{}); string(text) {
	case "latest":
		s.Kind = record.Latest
		return nil
	case "trim-horizon":
		return nil
	}
	s.Kind = record.AtTimestamp
	return s.Timestamp.UnmarshalText(text)
}

// numberOf is the sequence number of the Kinesis record that a record came in.
func numberOf(sequence string) string {
	number, _, _ := strings.Cut(sequence, "/")
	return number
}

// parse reads one that was saved.
func (c *checkpoint) parse(text []byte) error {
	if err := json.Unmarshal(text, c); err != nil {
		return fmt.Errorf("%s: %w", checkpointName, err)
	}
	if c.Version != checkpointVersion || c.Shards == nil {
		return fmt.Errorf("%s: version %d is not %d", checkpointName, c.Version, checkpointVersion)
	}
	return nil
}

func (c *checkpoint) save(ctx context.Context, store Store) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := store.Checkpoint(ctx, append(text, '\n')); err != nil {
		return fmt.Errorf("%s: %w", checkpointName, err)
	}
	return nil
}

// add takes a file that is whole.
func (c *checkpoint) add(f *file) {
	c.Files++
	c.Records += f.records
	c.Withheld += f.withheld
	if c.Sample == nil {
		c.Sample = f.sample
	}
	for id, end := range f.ends {
		if end.Sequence == "" && c.Shards[id] != nil {
			end.Sequence = c.Shards[id].Sequence
		}
		c.Shards[id] = end
	}
}
