package measure

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"weir/record"
	"weir/result"
)

// The points in time of a run; the table in DESIGN.md says what each is of, from when and to when.
const (
	Handed           = "handed"
	Acked            = "acked"
	AckedUncorrected = "acked_uncorrected"
	Read             = "read"
	Fired            = "fired"
	Forwarded        = "forwarded"
	Routed           = "routed"
	Written          = "written"
	Age              = "age"
)

// A histogram holds 1 µs to 24 h with three significant digits.
const (
	unit      = time.Microsecond
	longest   = 24 * time.Hour
	precision = 3
)

// point is one point in time: how long after its start each sample reached it. It is safe for concurrent use; its lock is taken
// once a batch.
type point struct {
	name string

	mu         sync.Mutex
	interval   *hdrhistogram.Histogram
	spare      *hdrhistogram.Histogram
	skew       *hdrhistogram.Histogram // negative samples; made when there is one
	outOfRange int64
	phase      cursor
	phases     []*hdrhistogram.Histogram // by the number of the phase's name; made when there is a sample

	totalMu sync.Mutex
	total   *hdrhistogram.Histogram
}

func newPoint(name string, of *phases) *point {
	return &point{
		name: name, interval: newHistogram(), spare: newHistogram(), total: newHistogram(),
		phase: cursor{phases: of}, phases: make([]*hdrhistogram.Histogram, len(of.names)),
	}
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(longest/unit), precision)
}

// since is how long after from the time at is, NoDue where from is not known.
func since(at, from time.Duration) time.Duration {
	if from == record.NoDue {
		return record.NoDue
	}
	return at - from
}

// record takes n samples that end at a time; one that is NoDue was not observed.
func (p *point) record(at time.Duration, n int, sample func(i int) time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range n {
		if s := sample(i); s != record.NoDue {
			p.add(s, at-s)
		}
	}
}

// add takes a sample that counts from a time.
func (p *point) add(sample, from time.Duration) {
	to := p.interval
	if sample < 0 {
		if p.skew == nil {
			p.skew = newHistogram()
		}
		to, sample = p.skew, -sample
	}
	if sample > longest {
		p.outOfRange++
		return
	}
	if n := p.phase.at(from); n != noPhase && to != p.skew {
		if p.phases[n] == nil {
			p.phases[n] = newHistogram()
		}
		_ = p.phases[n].RecordValue(int64(sample / unit)) // in range
		if n == p.phase.phases.warmup {
			return
		}
	}
	_ = to.RecordValue(int64(sample / unit)) // in range
}

// during sums up what was recorded of the phases of one name; ok is false where nothing was.
func (p *point) during(number int) (latency result.Latency, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phases[number] == nil {
		return result.Latency{}, false
	}
	return summarize(p.phases[number])
}

// take moves what was recorded since the last take, if anything, into the total, and shows it to the caller first. Only one
// goroutine takes.
func (p *point) take(show func(interval *hdrhistogram.Histogram) error) error {
	p.mu.Lock()
	taken := p.interval
	if taken.TotalCount() == 0 {
		p.mu.Unlock()
		return nil
	}
	p.interval, p.spare = p.spare, nil
	p.mu.Unlock()

	err := show(taken)
	p.totalMu.Lock()
	p.total.Merge(taken)
	p.totalMu.Unlock()

	taken.Reset()
	p.mu.Lock()
	p.spare = taken
	p.mu.Unlock()
	return err
}

// summary sums up everything that was recorded; ok is false where nothing was.
func (p *point) summary() (latency result.Latency, ok bool) {
	p.totalMu.Lock()
	all := p.total.Clone()
	p.totalMu.Unlock()
	p.mu.Lock()
	all.Merge(p.interval)
	p.mu.Unlock()
	return summarize(all)
}

// skewed sums up the negative samples, as positive numbers.
func (p *point) skewed() (skew result.Latency, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.skew == nil {
		return result.Latency{}, false
	}
	return summarize(p.skew)
}

func summarize(h *hdrhistogram.Histogram) (result.Latency, bool) {
	if h.TotalCount() == 0 {
		return result.Latency{}, false
	}
	milliseconds := func(units int64) float64 { return float64(units) * float64(unit) / float64(time.Millisecond) }
	return result.Latency{
		Count: h.TotalCount(),
		P50:   milliseconds(h.ValueAtPercentile(50)),
		P90:   milliseconds(h.ValueAtPercentile(90)),
		P99:   milliseconds(h.ValueAtPercentile(99)),
		P999:  milliseconds(h.ValueAtPercentile(99.9)),
		Max:   milliseconds(h.Max()),
	}, true
}

// beyond counts the samples that no histogram holds.
func (p *point) beyond() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outOfRange
}
