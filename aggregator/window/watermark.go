package window

import (
	"fmt"
	"math"
	"time"
)

// Unset is the watermark of what has not had a record yet: minus infinity.
const Unset = math.MinInt64

// Bound makes watermarks for records that come out of order by at most so much: the greatest event time seen, less the bound.
type Bound struct{ lag int64 }

// NewBound makes the bound of a stream whose records are at most outOfOrderness behind the newest one, in whole milliseconds.
// With minus1ms the watermark is another millisecond behind, as Flink's DataStream API has it
// (BoundedOutOfOrdernessWatermarks); without, it is Flink SQL's WATERMARK FOR ts AS ts - INTERVAL.
func NewBound(outOfOrderness time.Duration, minus1ms bool) (Bound, error) {
	if outOfOrderness < 0 || outOfOrderness%time.Millisecond != 0 {
		return Bound{}, fmt.Errorf("out-of-orderness of %s: it is a whole number of milliseconds, at least zero", outOfOrderness)
	}
	lag := outOfOrderness.Milliseconds()
	if minus1ms {
		lag++
	}
	return Bound{lag: lag}, nil
}

// Watermark is the watermark after a record with the event time ts, if no greater one came before.
func (b Bound) Watermark(ts int64) int64 { return ts - b.lag }

// Minimum is the least of several times, each of which only rises; so it only rises itself. A time is [Unset] until it is
// raised for the first time.
type Minimum struct {
	each  []int64
	least int64
}

// NewMinimum is the minimum over n times.
func NewMinimum(n int) *Minimum {
	m := &Minimum{each: make([]int64, n), least: Unset}
	for i := range m.each {
		m.each[i] = Unset
	}
	return m
}

// Raise raises the i-th time, if to is above it, and says whether that raised the minimum.
func (m *Minimum) Raise(i int, to int64) bool {
	was := m.each[i]
	if to <= was {
		return false
	}
	m.each[i] = to
	if was > m.least {
		return false
	}
	least := m.each[0]
	for _, t := range m.each[1:] {
		least = min(least, t)
	}
	raised := least > m.least
	m.least = least
	return raised
}

// Value is the minimum.
func (m *Minimum) Value() int64 { return m.least }
