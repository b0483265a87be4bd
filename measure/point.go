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
	Handled          = "handled"
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
// once a batch. A sample is recorded once, into the interval of its phase; each second, the intervals are settled: counted in the totals of
// the run and of their phases, and kept for the latency log.
type point struct {
	name string

	mu         sync.Mutex
	phase      cursor
	intervals  []*hdrhistogram.Histogram // by slot; nil where nothing was recorded since they were settled
	spare      []*hdrhistogram.Histogram // empty ones, at most sparesKept
	skew       *hdrhistogram.Histogram   // negative samples; made when there is one
	outOfRange int64
	// settling is nil where nobody asks how long the point takes to settle.
	settling *settling
	sum      time.Duration // of the samples of the call that is being recorded
	counted  int64         // how many these are

	totalMu sync.Mutex                      // taken before mu
	total   *hdrhistogram.PackedHistogram   // without the warm-up
	phases  []*hdrhistogram.PackedHistogram // by slot; nil where nothing was settled
	// log and logWarmup are what was settled and is not in the latency log yet; nil where there is nothing.
	log, logWarmup *hdrhistogram.Histogram
}

// sparesKept bounds the empty histograms of a point. One is in use at a time, and two around the edge of a phase.
const sparesKept = 2

func newPoint(name string, of *phases) *point {
	slots := slot(len(of.names))
	return &point{
		name: name, phase: cursor{phases: of}, intervals: make([]*hdrhistogram.Histogram, slots),
		total: newPacked(), phases: make([]*hdrhistogram.PackedHistogram, slots),
	}
}

// slot is the place of a phase's number; that of noPhase is the first.
func slot(number int) int { return number + 1 }

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(longest/unit), precision)
}

// newPacked makes a histogram that is as exact, and holds no more than what it counts: for totals, of which there are many.
func newPacked() *hdrhistogram.PackedHistogram {
	return hdrhistogram.NewPacked(1, int64(longest/unit), precision)
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
	p.sum, p.counted = 0, 0
	for i := range n {
		if s := sample(i); s != record.NoDue {
			p.add(s, at-s)
		}
	}
	if p.settling != nil && p.counted > 0 {
		p.settling.add(at, p.sum, p.counted)
	}
}

// add takes a sample that counts from a time.
func (p *point) add(sample, from time.Duration) {
	switch {
	case sample > longest || sample < -longest:
		p.outOfRange++
	case sample < 0:
		if p.skew == nil {
			p.skew = newHistogram()
		}
		_ = p.skew.RecordValue(int64(-sample / unit)) // in range
	default:
		_ = p.interval(slot(p.phase.at(from))).RecordValue(int64(sample / unit)) // in range
		p.sum += sample
		p.counted++
	}
}

// interval is the histogram that a slot records into.
func (p *point) interval(slot int) *hdrhistogram.Histogram {
	if p.intervals[slot] == nil {
		p.intervals[slot] = p.empty()
	}
	return p.intervals[slot]
}

func (p *point) empty() *hdrhistogram.Histogram {
	last := len(p.spare) - 1
	if last < 0 {
		return newHistogram()
	}
	h := p.spare[last]
	p.spare = p.spare[:last]
	return h
}

// settle counts the intervals in the totals, and keeps them for the log.
func (p *point) settle() {
	p.totalMu.Lock()
	defer p.totalMu.Unlock()
	p.mu.Lock()
	settled := p.intervals
	p.intervals = make([]*hdrhistogram.Histogram, len(settled))
	p.mu.Unlock()
	for i, interval := range settled {
		if interval == nil {
			continue
		}
		p.count(i, interval)
		log := &p.logWarmup
		if !p.phase.phases.leftOut(i) {
			p.total.MergeFrom(interval)
			log = &p.log
		}
		if *log == nil {
			*log = interval
			continue
		}
		(*log).Merge(interval)
		p.reuse(interval)
	}
}

// count counts an interval of a slot for its phase, if it has one.
func (p *point) count(slot int, interval *hdrhistogram.Histogram) {
	if slot == 0 {
		return
	}
	if p.phases[slot] == nil {
		p.phases[slot] = newPacked()
	}
	p.phases[slot].MergeFrom(interval)
}

// take settles, and shows the caller what was settled since the last take: what counts for the run, then the warm-up under a tag of its
// own.
func (p *point) take(show func(tag string, interval *hdrhistogram.Histogram) error) error {
	p.settle()
	p.totalMu.Lock()
	run, warmup := p.log, p.logWarmup
	p.log, p.logWarmup = nil, nil
	p.totalMu.Unlock()
	for _, part := range []struct {
		tag      string
		interval *hdrhistogram.Histogram
	}{{p.name, run}, {p.name + "." + Warmup, warmup}} {
		if part.interval == nil {
			continue
		}
		if err := show(part.tag, part.interval); err != nil {
			return err
		}
		p.reuse(part.interval)
	}
	return nil
}

// reuse empties an interval, and keeps it if there are few.
func (p *point) reuse(interval *hdrhistogram.Histogram) {
	interval.Reset()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.spare) < sparesKept {
		p.spare = append(p.spare, interval)
	}
}

// summary sums up everything that was settled but for the warm-up; ok is false where nothing was.
func (p *point) summary() (latency result.Latency, ok bool) {
	p.totalMu.Lock()
	defer p.totalMu.Unlock()
	return summarize(p.total)
}

// p99 is that of everything that was settled but for the warm-up, in milliseconds; nil where nothing was.
func (p *point) p99() *float64 {
	p.totalMu.Lock()
	defer p.totalMu.Unlock()
	if p.total.TotalCount() == 0 {
		return nil
	}
	return new(float64(p.total.ValueAtPercentilesSlice([]float64{99})[0]) * float64(unit) / float64(time.Millisecond))
}

// during sums up what was settled of the phases of one name; ok is false where nothing was.
func (p *point) during(number int) (latency result.Latency, ok bool) {
	p.totalMu.Lock()
	defer p.totalMu.Unlock()
	if p.phases[slot(number)] == nil {
		return result.Latency{}, false
	}
	return summarize(p.phases[slot(number)])
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

// percentiles are those of a [result.Latency].
var percentiles = []float64{50, 90, 99, 99.9}

func summarize(h interface {
	TotalCount() int64
	Max() int64
	ValueAtPercentilesSlice(percentiles []float64) []int64
},
) (result.Latency, bool) {
	if h.TotalCount() == 0 {
		return result.Latency{}, false
	}
	milliseconds := func(units int64) float64 { return float64(units) * float64(unit) / float64(time.Millisecond) }
	at := h.ValueAtPercentilesSlice(percentiles)
	return result.Latency{
		Count: h.TotalCount(),
		P50:   milliseconds(at[0]), P90: milliseconds(at[1]), P99: milliseconds(at[2]), P999: milliseconds(at[3]), Max: milliseconds(h.Max()),
	}, true
}

// settled are the means of its batches between two times, and when each ended.
func (p *point) settled(from, to time.Duration) (means []float64, ends []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settling.between(from, to)
}

// beyond counts the samples that no histogram holds.
func (p *point) beyond() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outOfRange
}
