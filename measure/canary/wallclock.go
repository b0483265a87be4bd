package canary

import "time"

// leastStep is the least change of the wall clock that counts as a step: a clock that is corrected little by little, by at most 500
// parts in a million (adjtimex(2)), does not come near it between two looks.
const leastStep = 50 * time.Millisecond

// wallClock compares the wall clock with the monotonic one, which nobody sets.
type wallClock struct {
	ahead    func() time.Duration // of the wall clock, since the start
	last     time.Duration
	greatest time.Duration // step, forwards or backwards
}

func newWallClock() *wallClock {
	start := time.Now()
	return &wallClock{ahead: func() time.Duration {
		now := time.Now()
		return now.Round(0).Sub(start.Round(0)) - now.Sub(start) // Round drops the monotonic reading
	}}
}

// look notes whether the clock was set since the last look.
func (w *wallClock) look() {
	ahead := w.ahead()
	if step := ahead - w.last; step.Abs() >= leastStep && step.Abs() > w.greatest.Abs() {
		w.greatest = step
	}
	w.last = ahead
}
