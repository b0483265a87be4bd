// Package window is the arithmetic of tumbling event-time windows: which window a record falls into, when a window fires,
// which record comes late, and the exact aggregate of a window's values. It holds no clock, no goroutine and no I/O.
//
// All times are milliseconds since the Unix epoch, within the years 0001 to 9999 that a record's event time can have. The
// rules are Apache Flink's (TumblingEventTimeWindows, TimeWindow.getWindowStartWithOffset):
//
//	start  = ts - floorMod(ts, size)
//	fires  when watermark >= end - 1 ms
//	late   if   watermark >= end - 1 ms, before the record's own timestamp advances the watermark
package window

import (
	"fmt"
	"math"
	"time"
)

// Tumbling cuts event time into windows of one size, aligned to the Unix epoch.
type Tumbling struct{ size int64 }

// NewTumbling makes windows of a size of at least one millisecond, in whole milliseconds.
func NewTumbling(size time.Duration) (Tumbling, error) {
	if size < time.Millisecond || size%time.Millisecond != 0 {
		return Tumbling{}, fmt.Errorf("a window of %s: its size is a whole number of milliseconds, at least one", size)
	}
	return Tumbling{size: size.Milliseconds()}, nil
}

// Start is the start of the window that ts falls into.
func (t Tumbling) Start(ts int64) int64 { return ts - floorMod(ts, t.size) }

// End is the end, exclusive, of the window that starts at start.
func (t Tumbling) End(start int64) int64 { return start + t.size }

// Closed is the end of the last window that a watermark fires: every window whose end is at most Closed(watermark) has fired,
// and no other. A watermark thus matters only by what it closes, which changes once a window and not once a record. The greatest
// of all times closes everything, [Unset] nothing.
func (t Tumbling) Closed(watermark int64) int64 {
	if watermark == Unset || watermark == math.MaxInt64 {
		return watermark
	}
	return t.Start(watermark + 1)
}

// Next is the least watermark that closes more than closed does, for a closed that [Tumbling.Closed] gave.
func (t Tumbling) Next(closed int64) int64 {
	switch closed {
	case Unset:
		return Unset + 1
	case math.MaxInt64:
		return closed
	}
	return t.End(closed) - 1
}

// floorMod is the remainder that has the sign of the divisor, so that times before 1970 fall into the right window too.
func floorMod(n, by int64) int64 {
	if m := n % by; m < 0 {
		return m + by
	} else {
		return m
	}
}
