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

// Minimum is the least of several times, and only rises. A time is [Unset] until it is raised for the first time, and rises until it is held: then the
// minimum stays where it is until that time has passed it.
//
// A time that is idle is left out, until it is active again: then it is as if it had been held. Where all are idle, the minimum stays.
type Minimum struct {
	each  []int64
	idle  []bool
	least int64
}

// NewMinimum is the minimum over n times.
func NewMinimum(n int) *Minimum {
	m := &Minimum{each: make([]int64, n), idle: make([]bool, n), least: Unset}
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
	if was > m.least || m.idle[i] {
		return false
	}
	return m.rise()
}

// rise raises the minimum to that of the times that are not idle.
func (m *Minimum) rise() bool {
	least, active := int64(math.MaxInt64), false
	for i, t := range m.each {
		if !m.idle[i] {
			least, active = min(least, t), true
		}
	}
	raised := active && least > m.least
	if raised {
		m.least = least
	}
	return raised
}

// Hold sets the i-th time back to [Unset]; it is not idle.
func (m *Minimum) Hold(i int) { m.each[i], m.idle[i] = Unset, false }

// Idle leaves the i-th time out, and says whether that raised the minimum.
func (m *Minimum) Idle(i int) bool {
	m.idle[i] = true
	return m.rise()
}

// Active takes the i-th time in again.
func (m *Minimum) Active(i int) { m.idle[i] = false }

// Add adds another time, which is held, and says which it is.
func (m *Minimum) Add() (i int) {
	m.each, m.idle = append(m.each, Unset), append(m.idle, false)
	return len(m.each) - 1
}

// Restart sets the minimum itself back to [Unset]: it begins anew, with the times as they are.
func (m *Minimum) Restart() { m.least = Unset }

// Value is the minimum.
func (m *Minimum) Value() int64 { return m.least }
