package window

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustTumbling(t testing.TB, size time.Duration) Tumbling {
	t.Helper()
	tumbling, err := NewTumbling(size)
	if err != nil {
		t.Fatal(err)
	}
	return tumbling
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
		tumbling := mustTumbling(t, c.size)
		if start := tumbling.Start(c.ts); start != c.start {
			t.Errorf("%s: Start(%d) = %d, want %d", c.size, c.ts, start, c.start)
		}
	}
}

func TestWindowFiresAtTheLastMillisecondBeforeItsEnd(t *testing.T) {
	tumbling := mustTumbling(t, 10*time.Second)
	for _, c := range []struct{ watermark, closed, next int64 }{
		{Unset, Unset, Unset + 1},
		{0, 0, 9_999},
		{9_998, 0, 9_999},
		{9_999, 10_000, 19_999},
		{10_000, 10_000, 19_999},
		{19_999, 20_000, 29_999},
		{-1, 0, 9_999},
		{-2, -10_000, -1},
		{-10_001, -10_000, -1},
		{-10_002, -20_000, -10_001},
		{math.MaxInt64, math.MaxInt64, math.MaxInt64},
	} {
		if closed := tumbling.Closed(c.watermark); closed != c.closed {
			t.Errorf("Closed(%d) = %d, want %d", c.watermark, closed, c.closed)
		}
		if next := tumbling.Next(c.closed); next != c.next {
			t.Errorf("Next(%d) = %d, want %d", c.closed, next, c.next)
		}
	}
}

// Flink states the rule a record at a time: a window is over when its end - 1 is at or below the watermark.
func TestClosedIsFlinksRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 5_000).Draw(t, "size")
		tumbling := Tumbling{size: size}
		watermark := rapid.Int64Range(-20_000, 20_000).Draw(t, "watermark")
		end := tumbling.End(tumbling.Start(rapid.Int64Range(-20_000, 20_000).Draw(t, "ts")))
		closed := tumbling.Closed(watermark)
		if over := end-1 <= watermark; over != (end <= closed) {
			t.Fatalf("window ending %d at watermark %d: over is %v, closed is %d", end, watermark, over, closed)
		}
		if next := tumbling.Next(closed); tumbling.Closed(next) <= closed || tumbling.Closed(next-1) > closed {
			t.Fatalf("Next(%d) = %d is not the least watermark that closes more", closed, next)
		}
	})
}

func TestSizeIsWholeMilliseconds(t *testing.T) {
	for _, size := range []time.Duration{0, -time.Second, time.Microsecond, time.Second + time.Microsecond} {
		if _, err := NewTumbling(size); err == nil {
			t.Errorf("a window of %s was taken", size)
		}
	}
}
