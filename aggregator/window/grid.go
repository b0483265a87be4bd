// Package window is the arithmetic of event-time windows: which windows a record falls into, when a window fires, which record
// comes late, and the exact aggregate of a window's values. It holds no clock, no goroutine and no I/O.
//
// All times are milliseconds since the Unix epoch, within the years 0001 to 9999 that a record's event time can have. The
// rules are Apache Flink's (SlidingEventTimeWindows, TimeWindow.getWindowStartWithOffset, WindowOperator):
//
//	starts  ts - floorMod(ts, slide), and every slide before that for as long as the window still holds ts
//	fires   when watermark >= end - 1 ms
//	late    if   watermark >= end - 1 ms + lateness, before the record's own timestamp advances the watermark
//
// Between the latter two, a record fires its window again. A tumbling window is one whose slide is its size.
package window

import (
	"fmt"
	"math"
	"time"
)

// Grid cuts event time into windows of one size that begin every slide, aligned to the Unix epoch. Windows that overlap
// share panes: the pieces of a slide's length that each of them is made of whole.
type Grid struct{ size, slide, lateness int64 }

// NewGrid makes windows of a size that is a whole number of slides, as Flink SQL asks of HOP; with the size for a slide they
// tumble. The lateness is how far the watermark may be past a window's end for a record to be counted there still. All are whole
// milliseconds, size and slide at least one.
func NewGrid(size, slide, lateness time.Duration) (Grid, error) {
	switch {
	case size < time.Millisecond || size%time.Millisecond != 0:
		return Grid{}, fmt.Errorf("a window of %s: its size is a whole number of milliseconds, at least one", size)
	case slide < time.Millisecond || slide%time.Millisecond != 0 || size%slide != 0:
		return Grid{}, fmt.Errorf("a window of %s that slides by %s: its size is a whole number of slides, and these of milliseconds", size, slide)
	case lateness < 0 || lateness%time.Millisecond != 0:
		return Grid{}, fmt.Errorf("an allowed lateness of %s: it is a whole number of milliseconds, at least zero", lateness)
	}
	return Grid{size: size.Milliseconds(), slide: slide.Milliseconds(), lateness: lateness.Milliseconds()}, nil
}

// Pane is the start of the pane that ts falls into.
func (g Grid) Pane(ts int64) int64 { return ts - floorMod(ts, g.slide) }

// Size and Slide are in milliseconds.
func (g Grid) Size() int64 { return g.size }

// Slide is the length of a pane, and the time from the end of a window to that of the next.
func (g Grid) Slide() int64 { return g.slide }

// First is the end, exclusive, of the first window that a pane belongs to, Last that of the last one.
func (g Grid) First(pane int64) int64 { return pane + g.slide }

// Last is [Grid.First] of the last window.
func (g Grid) Last(pane int64) int64 { return pane + g.size }

// Fired is the end of the last window that a watermark fires: every window whose end is at most Fired(watermark) has fired, and
// no other. The greatest of all times fires everything, [Unset] nothing.
func (g Grid) Fired(watermark int64) int64 {
	if watermark == Unset || watermark == math.MaxInt64 {
		return watermark
	}
	return g.Pane(watermark + 1)
}

// Over is the end of the last window that a watermark is past by the lateness: a record that comes then is too late for it.
func (g Grid) Over(watermark int64) int64 {
	if watermark == Unset || watermark == math.MaxInt64 {
		return watermark
	}
	return g.Pane(watermark - g.lateness + 1)
}

// Step is the greatest watermark, up to the one given, at which a window fires or is over. A watermark thus matters only by its
// step, which changes a few times a slide and not once a record. As a greater watermark never has a lesser step, the step of the
// least of several watermarks is the least of their steps.
func (g Grid) Step(watermark int64) int64 {
	if watermark == Unset || watermark == math.MaxInt64 {
		return watermark
	}
	return max(g.Fired(watermark)-1, g.Over(watermark)-1+g.lateness)
}

// Next is the step after one that [Grid.Step] gave.
func (g Grid) Next(step int64) int64 {
	switch step {
	case Unset:
		return Unset + 1
	case math.MaxInt64:
		return step
	}
	return min(g.Fired(step)-1, g.Over(step)-1+g.lateness) + g.slide
}

// floorMod is the remainder that has the sign of the divisor, so that times before 1970 fall into the right window too.
func floorMod(n, by int64) int64 {
	if m := n % by; m < 0 {
		return m + by
	} else {
		return m
	}
}
