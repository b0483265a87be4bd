package window

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func tumbling(t testing.TB, size time.Duration) Grid {
	t.Helper()
	a, err := NewGrid(size, size, 0)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestStartFloorsAlsoBeforeTheEpoch(t *testing.T) {
	for _, c := range []struct {
		size      time.Duration
		ts, start int64
	}{
		{time.Second, 0, 0},
		{time.Second, 999, 0},
		{time.Second, 1000, 1000},
		{time.Second, -1, -1000},
		{time.Second, -1000, -1000},
		{time.Second, -1001, -2000},
		{time.Millisecond, -7, -7},
		{time.Hour, 1357020000000, 1357020000000}, // 2013-01-01T06:00:00Z
		{time.Hour, 1357023599999, 1357020000000},
		{7 * time.Millisecond, -62135596800000, -62135596800000 - floorMod(-62135596800000, 7)}, // year 1
		{24 * time.Hour, 253402300799999, 253402214400000},                                      // the last ms of 9999
	} {
		if start := tumbling(t, c.size).Pane(c.ts); start != c.start {
			t.Errorf("%s: Pane(%d) = %d, want %d", c.size, c.ts, start, c.start)
		}
	}
}

func TestWindowFiresAtTheLastMillisecondBeforeItsEnd(t *testing.T) {
	a := tumbling(t, 10*time.Second)
	for _, c := range []struct{ watermark, fired, step, next int64 }{
		{Unset, Unset, Unset, Unset + 1},
		{0, 0, -1, 9_999},
		{9_998, 0, -1, 9_999},
		{9_999, 10_000, 9_999, 19_999},
		{10_000, 10_000, 9_999, 19_999},
		{19_999, 20_000, 19_999, 29_999},
		{-1, 0, -1, 9_999},
		{-2, -10_000, -10_001, -1},
		{-10_001, -10_000, -10_001, -1},
		{-10_002, -20_000, -20_001, -10_001},
		{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64},
	} {
		if fired := a.Fired(c.watermark); fired != c.fired {
			t.Errorf("Fired(%d) = %d, want %d", c.watermark, fired, c.fired)
		}
		if step := a.Step(c.watermark); step != c.step {
			t.Errorf("Step(%d) = %d, want %d", c.watermark, step, c.step)
		}
		if next := a.Next(c.step); next != c.next {
			t.Errorf("Next(%d) = %d, want %d", c.step, next, c.next)
		}
	}
}

// Flink states the rules a record at a time: which windows a record is in (SlidingEventTimeWindows), which of them have fired, and which are over.
func TestPanesAndStepsAreFlinksRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slide := rapid.Int64Range(1, 500).Draw(t, "slide")
		a := Grid{size: slide * rapid.Int64Range(1, 6).Draw(t, "slides"), slide: slide, lateness: rapid.Int64Range(0, 2_000).Draw(t, "lateness")}
		ts, watermark := rapid.Int64Range(-5_000, 5_000).Draw(t, "ts"), rapid.Int64Range(-5_000, 5_000).Draw(t, "watermark")
		pane, step := a.Pane(ts), a.Step(watermark)
		end := a.First(pane)
		for start := ts - floorMod(ts, slide) - a.size + slide; start <= ts; start += slide {
			if end != start+a.size {
				t.Fatalf("the window from %d does not end at %d", start, end)
			}
			for _, w := range []int64{watermark, step} {
				if fired := end-1 <= w; fired != (end <= a.Fired(watermark)) {
					t.Fatalf("window ending %d at watermark %d: fired is %v, Fired is %d", end, w, fired, a.Fired(watermark))
				}
				if over := end-1+a.lateness <= w; over != (end <= a.Over(watermark)) {
					t.Fatalf("window ending %d at watermark %d: over is %v, Over is %d", end, w, over, a.Over(watermark))
				}
			}
			end += slide
		}
		if end-slide != a.Last(pane) {
			t.Fatalf("the last window ends at %d, and not at %d", end-slide, a.Last(pane))
		}
		next := a.Next(step)
		if step > watermark || a.Step(next) != next || next <= watermark || a.Step(next-1) != step {
			t.Fatalf("watermark %d: step %d, next %d", watermark, step, next)
		}
	})
}

func TestWindowsAreWholeMillisecondsAndWholeSlides(t *testing.T) {
	for _, c := range []struct{ size, slide, lateness time.Duration }{
		{0, time.Second, 0},
		{-time.Second, time.Second, 0},
		{time.Microsecond, time.Microsecond, 0},
		{time.Second + time.Microsecond, time.Second, 0},
		{time.Second, 0, 0},
		{time.Second, -time.Second, 0},
		{time.Second, 2 * time.Second, 0},
		{time.Second, 300 * time.Millisecond, 0},
		{time.Second, time.Microsecond, 0},
		{time.Second, time.Second, -time.Second},
		{time.Second, time.Second, time.Microsecond},
	} {
		if _, err := NewGrid(c.size, c.slide, c.lateness); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}
