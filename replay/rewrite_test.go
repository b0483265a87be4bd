package replay

import (
	"errors"
	"io"
	"runtime"
	"testing"

	"weir/record"
)

// FuzzRewrite clones an arbitrary record and moves its event time. What the aggregator will read must be what the source says, and the same as
// before but for the key, or the time.
func FuzzRewrite(f *testing.F) {
	for _, seed := range []string{
		`{"t":"2013-01-01T06:00:00Z","kind":"a","key":"k","at":{"id":7},"value":1.5}`, `{"t":1.5e3,"key":[],"at":{"id":true}}`,
		`{"t":"1357020000000.25","key":"","at":{"id":""}}`, `{"key":"a","t":5,"key":"\u0062\\","t":"2013-01-01T06:00:00.5+05:30"}`, `{"t":-1.5,"at":{"id":"x"},"at":2}`,
	} {
		f.Add([]byte(seed), int64(1700000000123))
	}
	o := Options{Fields: record.Fields{Kind: "kind", EventTime: "t", Value: "value", Key: []string{"at.id", "key"}}, Multiply: 3, Loop: 2}
	f.Fuzz(func(t *testing.T, data []byte, to int64) {
		parser, err := newParser(&Options{Fields: o.Fields}, &skipLog{})
		if err != nil {
			t.Fatal(err)
		}
		before := record.Record{Data: data}
		if reason, _ := parser.decode(&before); reason != "" || before.Event.Unreadable {
			return
		}
		again := func(data []byte) record.Event {
			r := record.Record{Data: data}
			if reason, err := parser.decode(&r); reason != "" && reason != LongKey {
				t.Fatalf("%s became %s: %s, %v", before.Data, data, reason, err)
			}
			return r.Event
		}
		cloner, err := newCloner(&o)
		if err != nil {
			t.Fatal(err)
		}
		keys := map[string]bool{before.Event.Key: true}
		for i := 1; i <= cloner.copies; i++ {
			copied, ok := cloner.clone(data, i)
			if !ok {
				break
			}
			event := again(copied)
			if keys[event.Key] {
				t.Errorf("clone %d of %s has the key %q", i, data, event.Key)
			}
			keys[event.Key] = true
			if event.Key = before.Event.Key; event != before.Event && !event.Unreadable {
				t.Errorf("clone %d of %s is %+v, want %+v", i, data, event, before.Event)
			}
		}
		retimer, err := newRetimer(&o)
		if err != nil {
			t.Fatal(err)
		}
		moved := before
		moved.Event.Time = to % 100_000_000_000_000
		if moved.Event.Time < -60_000_000_000_000 {
			return
		}
		want := moved.Event
		if err := retimer.retime(&moved); err != nil {
			t.Fatal(err)
		}
		if event := again(moved.Data); event != want || moved.Event != want {
			t.Errorf("%s became %s: %+v, want %+v", data, moved.Data, event, want)
		}
	})
}

func BenchmarkRewrite(b *testing.B) {
	data := []byte(`{"kind":"departure","event_time":"2013-01-01T10:17:00Z","origin":"EWR","carrier":"UA","flight":1545,"dest":"IAH","delay":2}`)
	o := Options{Fields: flightFields(), Multiply: 2, Loop: 2}
	cloner, err := newCloner(&o)
	if err != nil {
		b.Fatal(err)
	}
	retimer, err := newRetimer(&o)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("clone", func(b *testing.B) {
		for b.Loop() {
			cloner.clone(data, 1)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/record")
	})
	b.Run("event time", func(b *testing.B) {
		for i := int64(0); b.Loop(); i += 60_000 {
			r := record.Record{Data: data, Event: record.Event{Time: 1357035420000 + i}}
			if err := retimer.retime(&r); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/record")
	})
}

// TestMemoryDoesNotGrowWithTheRecording replays a file over and over, and compares what is held after a little and after much of it.
func TestMemoryDoesNotGrowWithTheRecording(t *testing.T) {
	times := make([]int64, 10_000)
	for i := range times {
		times[i] = int64(i) * 200 // half an hour: the sorting holds two laps
	}
	o := textOptions("")
	o.Source, o.Loop, o.Pace = recorded(t, numbered(times...)), Forever, mustSpeed(t, "max")
	source, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- source.Run(t.Context()) }()
	var batch record.Batch
	held := func(records int64) int64 {
		for source.Stats().Offered < records {
			batch.Reset()
			if err := source.Fill(&batch, 0); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return int64(memory.HeapAlloc)
	}
	little := held(30_000)
	if much := held(200_000); much > little+8<<20 {
		t.Errorf("%d bytes are held after 30,000 records, %d after 200,000", little, much)
	}
	source.end()
	if err := <-ended; err == nil || errors.Is(err, io.EOF) {
		t.Errorf("it ended: %v", err)
	}
}
