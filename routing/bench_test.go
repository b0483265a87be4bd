package routing

import (
	"context"
	"fmt"
	"testing"
	"time"

	"weir/record"
)

// BenchmarkMapping takes ten thousand rows, of which the filter lets half through, from a page to a function that does nothing.
func BenchmarkMapping(b *testing.B) {
	const rows = 10_000
	keys := make([]string, rows)
	for i := range keys {
		keys[i] = fmt.Sprintf("key-%d", i%500)
	}
	var contents []any
	for i, row := range rowsOf("order", keys...) {
		if i%2 == 1 {
			row.Kind = "refund"
		}
		contents = append(contents, row)
	}
	p := page(1, contents...)
	p.Shard = "s"
	for _, factor := range []int{1, 10} {
		b.Run(fmt.Sprintf("factor=%d", factor), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ctx, cancel := context.WithCancel(b.Context())
				left := rows / 2
				taken := make(chan int, rows)
				f := function(func(_ context.Context, batch *Batch) (Answer, error) {
					taken <- len(batch.Items)
					return Answer{}, nil
				})
				m := NewMapping(MappingConfig{
					Filter: orders(b), Function: f, Source: oneShard(p), Observer: nobody{}, Clock: record.NewClock(time.Now()), ParallelizationFactor: factor,
				})
				ended := make(chan error, 1)
				go func() { ended <- m.Run(ctx, record.Position{}) }()
				for left > 0 {
					left -= <-taken
				}
				cancel()
				if err := <-ended; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/record")
		})
	}
}

type nobody struct{}

func (nobody) Routed(string, []record.RowID, time.Duration) {}
func (nobody) Missed(string, []record.RowID)                {}
func (nobody) Handled(string, []record.Row, time.Duration)  {}
func (nobody) Discarded(string, []record.Row)               {}
func (nobody) Done(string, string, []int64, time.Duration)  {}
