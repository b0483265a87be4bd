package measure

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"weir/record"
	"weir/result"
)

// spiky is a schedule of so many phases of a second, each of its own name.
func spiky(names int) []Phase {
	var spans []Phase
	for i := range names {
		spans = append(spans, Phase{Name: fmt.Sprint("p", i), Start: time.Duration(i) * time.Second, End: time.Duration(i+1) * time.Second})
	}
	return spans
}

// busy is a meter of a run that went through its phases: all its points have taken log-normal samples in each.
func busy(tb testing.TB, spans []Phase, samples int) *Meter {
	m := New(Config{Phases: spans})
	m.Begin(0)
	random := rand.New(rand.NewPCG(1, 2))
	for _, span := range spans {
		for _, p := range m.points {
			p.record(span.End, samples, func(int) time.Duration {
				return min(time.Duration(float64(20*time.Millisecond)*(0.2+random.ExpFloat64())), span.End-span.Start)
			})
			if err := p.take(nothing); err != nil {
				tb.Fatal(err)
			}
		}
		m.see(span.End)
	}
	return m
}

func TestALiveViewHasTheLatenciesOfThePhaseThatNowIsIn(t *testing.T) {
	m := busy(t, spiky(3), 100)
	var live, full result.Result
	m.Live(&live, 1500*time.Millisecond)
	m.Fill(&full, 3*time.Second)
	if len(live.Phases) != 3 || len(full.Phases) != 3 {
		t.Fatalf("%d and %d phases", len(live.Phases), len(full.Phases))
	}
	for i, want := range []int{0, len(m.points), 0} {
		if got := len(live.Phases[i].Latency); got != want {
			t.Errorf("phase %d has latencies of %d points, want %d", i, got, want)
		}
		if got := len(full.Phases[i].Latency); got != len(m.points) {
			t.Errorf("at the end, phase %d has latencies of %d points", i, got)
		}
	}
	if live.Latency[Written] != full.Latency[Written] || live.Latency[Written].Count != 300 {
		t.Errorf("%+v, and at the end %+v", live.Latency[Written], full.Latency[Written])
	}
}

// Sixty phases take a few megabytes, not the 120 of as many full histograms.
func TestManyPhasesTakeLittleMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m := busy(t, spiky(60), 300)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("%d MiB", grown>>20)
	}
	var r result.Result
	if m.Fill(&r, 0); len(r.Phases) != 60 || r.Phases[59].Latency[Age].Count != 300 {
		t.Errorf("%d phases", len(r.Phases))
	}
}

func BenchmarkLive(b *testing.B) {
	for _, phases := range []int{0, 3, 100} {
		b.Run(fmt.Sprintf("phases=%d", phases), func(b *testing.B) {
			m := busy(b, spiky(phases), 10_000)
			for b.Loop() {
				var r result.Result
				m.Live(&r, 2500*time.Millisecond)
			}
		})
	}
}

// What the end of a second costs, ten thousand samples a point after the last.
func BenchmarkSecond(b *testing.B) {
	m := busy(b, spiky(3), 10_000)
	for b.Loop() {
		b.StopTimer()
		for _, p := range m.points {
			p.record(3*time.Second, 10_000, func(i int) time.Duration { return time.Duration(i) * 10 * time.Microsecond })
			if err := p.take(nothing); err != nil {
				b.Fatal(err)
			}
			p.record(3*time.Second, 10_000, func(i int) time.Duration { return time.Duration(i) * 10 * time.Microsecond })
		}
		b.StartTimer()
		m.second(2500 * time.Millisecond)
	}
}

// The cost of a record at a point, in a run without phases, within a phase, and around the edge of one.
func BenchmarkPoint(b *testing.B) {
	const batch = 500
	for _, bench := range []struct {
		name  string
		spans []Phase
		at    time.Duration
	}{
		{"recording", nil, 0}, {"phase", spiky(3), 1900 * time.Millisecond}, {"edge", spiky(3), 2250 * time.Millisecond},
	} {
		b.Run(bench.name, func(b *testing.B) {
			of := newPhases(bench.spans)
			of.begun.Store(0)
			p := newPoint("p", of)
			for b.Loop() {
				p.record(bench.at, batch, func(i int) time.Duration { return time.Duration(batch-i) * time.Millisecond })
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/record")
		})
	}
}

func BenchmarkOffer(b *testing.B) {
	p := newPhases(spiky(100))
	p.begun.Store(0)
	records := make([]record.Record, 500)
	for i := range records {
		records[i].Due = 50*time.Second + time.Duration(i)*time.Microsecond
	}
	for b.Loop() {
		p.offer(records)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(records)), "ns/record")
}
