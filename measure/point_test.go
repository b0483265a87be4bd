package measure

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"

	"weir/record"
	"weir/result"
)

func samples(p *point, values ...time.Duration) {
	p.record(0, len(values), func(i int) time.Duration { return values[i] })
}

func TestWhatNoHistogramHoldsIsCounted(t *testing.T) {
	p := newPoint("p", newPhases(nil))
	samples(p, record.NoDue)
	p.settle()
	if _, ok := p.summary(); ok {
		t.Error("what was not observed has a summary")
	}
	samples(p, time.Millisecond, -3*time.Millisecond, 25*time.Hour, -25*time.Hour, 24*time.Hour, 0)
	p.settle()
	latency, ok := p.summary()
	if !ok || latency.Count != 3 {
		t.Errorf("summary %+v, want 3 samples", latency)
	}
	if skew, ok := p.skewed(); !ok || skew.Count != 1 || skew.Max < 3 || skew.Max > 3.01 {
		t.Errorf("skew %+v", skew)
	}
	if got := p.beyond(); got != 2 {
		t.Errorf("%d out of range, want 2", got)
	}
}

// Percentiles are those of the sorted samples, to three digits, whatever was taken on the way.
func TestPercentilesAreExactToThreeDigits(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	p := newPoint("p", newPhases(nil))
	values := make([]time.Duration, 10_000)
	for i := range values {
		values[i] = time.Duration(random.ExpFloat64() * float64(20*time.Millisecond)).Truncate(time.Microsecond)
		samples(p, values[i])
		if i%3000 == 0 {
			if err := p.take(nothing); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Sort(values)
	p.settle()
	got, _ := p.summary()
	for _, test := range []struct {
		name string
		got  float64
		rank int
	}{
		{"p50", got.P50, 4999}, {"p90", got.P90, 8999}, {"p99", got.P99, 9899}, {"p999", got.P999, 9989}, {"max", got.Max, 9999},
	} {
		exact := float64(values[test.rank]) / float64(time.Millisecond)
		if test.got < exact || test.got > exact*1.001+0.001 {
			t.Errorf("%s is %v ms, and the sample is %v", test.name, test.got, exact)
		}
	}
	if got.Count != int64(len(values)) {
		t.Errorf("%d samples of %d", got.Count, len(values))
	}
}

// Samples that are spread over any number of points, phases and intervals make, added up, the histogram that one would have made: bit for bit, as
// HdrHistogram writes it. So those of several runs, or of several machines, can be.
func TestMergedHistogramsAreTheOneOfAllSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		merged, one := newHistogram(), newHistogram()
		add := func(_ string, interval *hdrhistogram.Histogram) error {
			merged.Merge(interval)
			return nil
		}
		points := make([]*point, rapid.IntRange(1, 5).Draw(t, "points"))
		totals := newPacked()
		for i := range points {
			points[i] = newPoint("p", newPhases(spiky(3)))
			points[i].phase.phases.begun.Store(0)
		}
		for range rapid.IntRange(0, 60).Draw(t, "batches") {
			p := points[rapid.IntRange(0, len(points)-1).Draw(t, "point")]
			batch := rapid.SliceOfN(rapid.Int64Range(0, int64(longest)), 1, 20).Draw(t, "samples")
			p.record(time.Duration(rapid.Int64Range(0, int64(longest)).Draw(t, "at")), len(batch), func(i int) time.Duration { return time.Duration(batch[i]) })
			for _, sample := range batch {
				if err := one.RecordValue(sample / int64(unit)); err != nil {
					t.Fatal(err)
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "take") == 0 {
				if err := p.take(add); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, p := range points {
			if err := p.take(add); err != nil {
				t.Fatal(err)
			}
			totals.Merge(p.total)
		}
		if got, want := encoded(t, merged), encoded(t, one); !bytes.Equal(got, want) || !merged.Equals(one) {
			t.Fatal("the merged intervals are another histogram")
		}
		if got, _ := summarize(totals); one.TotalCount() > 0 {
			if want, _ := summarize(one); got != want {
				t.Fatalf("the merged totals are %+v, want %+v", got, want)
			}
		}
	})
}

func encoded(t *rapid.T, h *hdrhistogram.Histogram) []byte {
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestNoSampleIsLostWhileIntervalsAreTaken(t *testing.T) {
	p := newPoint("p", newPhases(nil))
	var recorders sync.WaitGroup
	for range 4 {
		recorders.Go(func() {
			for range 1000 {
				samples(p, time.Millisecond, time.Second)
			}
		})
	}
	var shown int64
	show := func(_ string, interval *hdrhistogram.Histogram) error {
		shown += interval.TotalCount()
		return nil
	}
	for i := range 100 {
		p.settle()
		if i%3 > 0 {
			continue
		}
		if err := p.take(show); err != nil {
			t.Fatal(err)
		}
	}
	recorders.Wait()
	if err := p.take(show); err != nil {
		t.Fatal(err)
	}
	if got, _ := p.summary(); got.Count != 8000 || shown != 8000 {
		t.Errorf("%d samples of 8000, and %d shown", got.Count, shown)
	}
}

func TestLatenciesOfRecords(t *testing.T) {
	m := New(Config{})
	records := []record.Record{{PartitionKey: "k", Data: []byte("a"), Due: 10 * time.Millisecond}, {PartitionKey: "k", Data: []byte("b"), Due: 20 * time.Millisecond}}
	m.Handing(records, 21*time.Millisecond)
	m.Handed(records, 21*time.Millisecond)
	sends := []record.Send{
		{Record: records[0], Attempts: 1, SentAt: 30 * time.Millisecond, Outcome: record.Acked, Sequence: "1"},
		{Record: records[1], Position: 1, Attempts: 1, SentAt: 30 * time.Millisecond, Outcome: record.Throttled},
	}
	m.Input().Sending("shard", sends)
	m.Input().Answered("shard", sends, 50*time.Millisecond)
	sends[1].Outcome, sends[1].Sequence, sends[1].Attempts, sends[1].SentAt = record.Acked, "2", 2, 100*time.Millisecond
	m.Input().Sending("shard", sends[1:])
	m.Input().Answered("shard", sends[1:], 120*time.Millisecond)
	m.JoinInput(&record.Page{Shard: "shard", At: 200 * time.Millisecond, Behind: 1, Records: []record.Stored{
		{Sequence: "1", PartitionKey: "k", Data: []byte("a")},
		{Sequence: "2", PartitionKey: "k", Data: []byte("b")},
		{Sequence: "3", PartitionKey: record.FlushKey("run")},
	}})
	for name, exact := range map[string]float64{Handed: 11, Acked: 100, AckedUncorrected: 20, Read: 190} {
		if got := maxima(m)[name]; got < exact || got > exact*1.001 {
			t.Errorf("%s is %v ms, want %v", name, got, exact)
		}
	}
	var r result.Result
	m.Fill(&r, time.Second)
	want := result.Records{Offered: 2, Acked: 2, Read: 2, Throttled: 1, Retried: 1}
	if r.Records != want {
		t.Errorf("records %+v, want %+v", r.Records, want)
	}
	// What was read and is not processed is as old as the look at the end.
	b := r.Backlog["input"]
	if b.MaxRecords != 2 || *b.MaxSeconds != 0.99 || *b.Parts["stream"].MaxSeconds != 0.19 || *b.Parts["writer"].MaxSeconds != 0.1 || *b.Parts["harness"].MaxSeconds != 0.011 {
		t.Errorf("backlog %+v", b)
	}
	if _, ok := r.Backlog["output"]; ok {
		t.Error("a stream that nobody used has a backlog")
	}
}
