package aggregator

import (
	"context"
	"testing"
	"time"

	"weir/record"
)

// endless hands over the same pages of real events again and again.
type endless struct {
	pages []record.Page
	left  chan struct{} // one for each page that may still be handed over
}

func (e *endless) Shards(context.Context) ([]record.Shard, error) { return shardsOf(1), nil }

func (e *endless) Read(ctx context.Context, _ record.Shard, _ record.Position, to record.Receiver) error {
	for n := 0; ; n++ {
		select {
		case <-e.left:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := asked(ctx, to, e.pages[n%len(e.pages)]); err != nil {
			return err
		}
	}
}

// counting is a sink and an observer that only says when records were done with.
type counting struct{}

func (counting) Emit(context.Context, []record.Fired) error { return nil }
func (counting) Late([]record.Late)                         {}
func (counting) Unreadable(record.ID, []byte, error)        {}
func (counting) Fired([]record.Fired, time.Duration)        {}
func (counting) Processed(string, []int64, time.Duration)   {}

// BenchmarkAggregate is the whole way of a record from the page to the row, decoding included: pages of 1,000 real events.
func BenchmarkAggregate(b *testing.B) {
	records := recording(b, "2013-01.ndjson.gz")
	const size = 1000
	source := &endless{left: make(chan struct{})}
	for i := 0; i+size <= len(records); i += size {
		source.pages = append(source.pages, record.Page{Shard: "shard-0", Records: records[i : i+size]})
	}
	config := flights()
	config.Source, config.Sink, config.Observer, config.Clock = source, counting{}, counting{}, record.NewClock(time.Now())
	config.OutOfOrderness = 100 * 365 * 24 * time.Hour // so that the month can come again and is never late
	a := New(config)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- a.Run(ctx, record.Position{}) }()
	pages := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		source.left <- struct{}{}
		pages++
	}
	for a.Status().Counted < pages*size {
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(pages*size), "ns/record")
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// BenchmarkSourceSubtask and BenchmarkWindowSubtask are its two halves, on one goroutine.
func BenchmarkSourceSubtask(b *testing.B) {
	s, w, page := subtasks(b)
	for b.Loop() {
		if err := s.take(b.Context(), &delivery{page: *page}); err != nil {
			b.Fatal(err)
		}
		got := <-w.queue
		got.reset()
		w.pool.Put(got)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(page.Records)), "ns/record")
}

func BenchmarkWindowSubtask(b *testing.B) {
	s, w, page := subtasks(b)
	if err := s.take(b.Context(), &delivery{page: *page}); err != nil {
		b.Fatal(err)
	}
	events := <-w.queue
	for b.Loop() {
		if err := w.process(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(page.Records)), "ns/record")
}

// subtasks are one source and one window subtask, and a page of 1,000 real events that closes no window.
func subtasks(b *testing.B) (*sourceSubtask, *windowSubtask, *record.Page) {
	b.Helper()
	b.ReportAllocs()
	config := flights()
	config.Source, config.Sink, config.Observer, config.Clock = &endless{}, counting{}, counting{}, record.NewClock(time.Now())
	config.OutOfOrderness = 100 * 365 * 24 * time.Hour
	a := New(config)
	if err := a.check(); err != nil {
		b.Fatal(err)
	}
	l, err := a.lay([]*input{newInput(shardsOf(1)[0], 0)})
	if err != nil {
		b.Fatal(err)
	}
	return l.sources[0], l.windows[0], &record.Page{Shard: "shard-0", Records: recording(b, "2013-01.ndjson.gz")[20_000:21_000]}
}
