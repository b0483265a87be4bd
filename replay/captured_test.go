package replay

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/record"
)

func line(c record.Captured) string { return string(c.Append(nil)) + "\n" }

// What was captured goes out in the order and at the times of its arrival, whatever its event times say, with its own keys.
func TestACaptureIsReplayedAsItArrived(t *testing.T) {
	const start = 1_767_225_600_000
	text := line(record.Captured{Shard: "b", Sequence: "9", Arrived: start + 2000, PartitionKey: "p2", ExplicitHashKey: "7", Data: []byte(`{"event_time":1767225600000,"key":"k"}`)}) +
		line(record.Captured{Shard: "a", Sequence: "1", Arrived: start, PartitionKey: "p1", Data: []byte(`{"event_time":1767229999000,"key":"k"}`)}) +
		line(record.Captured{Shard: "a", Sequence: "2", Arrived: start + 1000, PartitionKey: "p1", Data: []byte("not JSON")}) +
		`{"captured":{"shard":"a"` + "\n"
	records, stats := replayed(t, text, Options{Fields: record.Fields{EventTime: "event_time", Key: []string{"key"}}})
	if len(records) != 2 {
		t.Fatalf("%d records: %+v", len(records), stats.Skipped)
	}
	first, second := records[0], records[1]
	if first.PartitionKey != "p1" || first.Due != 0 || second.PartitionKey != "p2" || second.ExplicitHashKey != "7" || second.Due != 2*time.Second {
		t.Errorf("%+v\n%+v", first, second)
	}
	if by := stats.Skipped.ByReason; by[NotJSON] != 1 || by[BadCapture] != 1 {
		t.Errorf("skipped %v", by)
	}
}

func TestAFieldForThePartitionKeyComesBeforeTheCapturesOwn(t *testing.T) {
	text := line(record.Captured{Shard: "a", Sequence: "1", Arrived: 1, PartitionKey: "p", ExplicitHashKey: "7", Data: []byte(`{"event_time":1,"key":"k"}`)})
	records, _ := replayed(t, text, Options{Fields: record.Fields{EventTime: "event_time", Key: []string{"key"}, PartitionKey: []string{"key"}}})
	if len(records) != 1 || records[0].PartitionKey != "k" || records[0].ExplicitHashKey != "" {
		t.Errorf("%+v", records)
	}
}

func TestAClonesPartitionKeyIsMadeOfTheOneThatACaptureBringsAlong(t *testing.T) {
	text := line(record.Captured{Shard: "a", Sequence: "1", Arrived: 1, PartitionKey: "p", ExplicitHashKey: "7", Data: []byte(`{"event_time":1,"key":"k"}`)}) +
		line(record.Captured{Shard: "a", Sequence: "2", Arrived: 2, PartitionKey: "q", Data: []byte(`{"event_time":2,"key":"k"}`)})
	records, _ := replayed(t, text, Options{Fields: record.Fields{EventTime: "event_time", Key: []string{"key"}}, Multiply: 2})
	var got []string
	for _, r := range records {
		got = append(got, r.PartitionKey+" "+r.ExplicitHashKey+" "+r.Event.Key)
	}
	if want := []string{"p 7 k", "p~1  k~1", "q  k", "q~1  k~1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// In Base64, as data that spans lines is written, the largest record takes a line of more than its own size.
func TestALineHoldsTheLargestRecordAsACaptureWritesIt(t *testing.T) {
	if about := 4096; base64.StdEncoding.EncodedLen(maxRecord)+about > maxLine {
		t.Error("such a line would be passed over")
	}
	data := []byte("{\n\"event_time\":1,\"key\":\"k\"}")
	c := record.Captured{Shard: "a", Sequence: "1", Arrived: 1, PartitionKey: "p", Data: data}
	records, _ := replayed(t, line(c), Options{Fields: record.Fields{EventTime: "event_time", Key: []string{"key"}}})
	if len(records) != 1 || !bytes.Equal(records[0].Data, data) {
		t.Errorf("%d records", len(records))
	}
}

// Two hours of event times that arrived within a second: the next lap's are as far apart, and arrive as soon.
func TestTheLapsOfACaptureFollowByItsArrivals(t *testing.T) {
	const start = 1_767_225_600_000
	file := filepath.Join(t.TempDir(), "capture.ndjson")
	text := line(record.Captured{Shard: "a", Sequence: "1", Arrived: start, PartitionKey: "p", Data: []byte(`{"event_time":1000,"key":"k"}`)}) +
		line(record.Captured{Shard: "a", Sequence: "2", Arrived: start + 1000, PartitionKey: "p", Data: []byte(`{"event_time":7201000,"key":"k"}`)})
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	records, _ := all(t, Options{Source: file, Fields: record.Fields{EventTime: "event_time", Key: []string{"key"}}, Loop: 2})
	var dues []time.Duration
	var events []int64
	for _, r := range records {
		dues, events = append(dues, r.Due), append(events, r.Event.Time)
	}
	if want := []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second}; !slices.Equal(dues, want) {
		t.Errorf("due at %v, want %v", dues, want)
	}
	if want := []int64{1000, 7201000, 14401000, 21601000}; !slices.Equal(events, want) {
		t.Errorf("of %v, want %v", events, want)
	}
}

// replayed is everything that a recording of standard input gives.
func replayed(t *testing.T, text string, o Options) ([]record.Record, Stats) {
	t.Helper()
	o.Source, o.Stdin = "-", strings.NewReader(text)
	return all(t, o)
}

// all is everything that a recording gives.
func all(t *testing.T, o Options) ([]record.Record, Stats) {
	t.Helper()
	source, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	ended := make(chan error, 1)
	go func() { ended <- source.Run(t.Context()) }()
	var batch record.Batch
	for source.Fill(&batch, 24*time.Hour) == nil {
		continue
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return batch.Records, source.Stats()
}
