package window

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The example of Flink's two formulas: with 5 s of out-of-orderness the window [0 s, 10 s) fires at an event time of 14.999 s
// in SQL, at 15.000 s in the DataStream API.
func TestVariantsDifferByOneMillisecond(t *testing.T) {
	a := tumbling(t, 10*time.Second)
	for _, c := range []struct {
		minus1ms bool
		ts       int64
	}{{false, 14_999}, {true, 15_000}} {
		bound, err := NewBound(5*time.Second, c.minus1ms)
		if err != nil {
			t.Fatal(err)
		}
		if closed := a.Fired(bound.Watermark(c.ts - 1)); closed != 0 {
			t.Errorf("minus1ms %v: %d closes up to %d", c.minus1ms, c.ts-1, closed)
		}
		if closed := a.Fired(bound.Watermark(c.ts)); closed != 10_000 {
			t.Errorf("minus1ms %v: %d closes up to %d", c.minus1ms, c.ts, closed)
		}
	}
}

func TestBoundIsWholeMilliseconds(t *testing.T) {
	for _, b := range []time.Duration{-time.Millisecond, time.Microsecond} {
		if _, err := NewBound(b, false); err == nil {
			t.Errorf("an out-of-orderness of %s was taken", b)
		}
	}
}

func TestMinimumIsTheLeastAndOnlyRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "n")
		m := NewMinimum(n)
		each := slices.Repeat([]int64{Unset}, n)
		for range rapid.IntRange(0, 30).Draw(t, "raises") {
			i, to := rapid.IntRange(0, len(each)-1).Draw(t, "i"), rapid.Int64Range(-9, 9).Draw(t, "to")
			was := m.Value()
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				m.Hold(i)
				each[i] = Unset
			case 1:
				m.Add()
				each = append(each, Unset)
			default:
				raised := m.Raise(i, to)
				each[i] = max(each[i], to)
				if raised != (m.Value() > was) {
					t.Fatalf("minimum of %v is %d, was %d, raised %v", each, m.Value(), was, raised)
				}
			}
			if want := max(was, slices.Min(each)); m.Value() != want {
				t.Fatalf("minimum of %v is %d, was %d, want %d", each, m.Value(), was, want)
			}
		}
	})
}

func TestAMinimumThatBeginsAnewMayBeLessThanBefore(t *testing.T) {
	m := NewMinimum(1)
	m.Raise(0, 9)
	m.Restart()
	i := m.Add()
	if m.Value() != Unset || !m.Raise(i, 3) || m.Value() != 3 {
		t.Errorf("it is %d", m.Value())
	}
}
