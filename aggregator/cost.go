package aggregator

import (
	"context"
	"time"
)

// Cost makes each record cost as much as it does in another job. It is charged in the window subtask, for every record that reaches it, before the
// rows of that moment go on: there a job has its state and its own code, and by key, so that it is what parallelism divides and a hot key does not.
// The subtask is busy meanwhile, as Flink counts an operator that works or waits inside of its own code.
//
// The costs of records are added up, and paid once they come to a millisecond: no timer is finer. What is paid too much is made good by what
// comes, so that over time a subtask is as slow as it should be. A record is processed when what it cost is paid, and the last ones of a page as well when
// they owe less than a millisecond: a silence may follow.
type Cost struct {
	// Draw draws what the next record costs, for a window subtask that has its own: each is told its number.
	Draw func(subtask int) func() time.Duration
	// CPU has it spent by computing; otherwise by waiting.
	CPU bool
}

// payment is how much may be owed before it is paid.
const payment = time.Millisecond

// charge is one subtask's account.
type charge struct {
	draw func() time.Duration
	cpu  bool
	owed time.Duration
}

// newCharge is nil where records cost nothing.
func newCharge(c *Cost, subtask int) *charge {
	if c == nil {
		return nil
	}
	return &charge{draw: c.Draw(subtask), cpu: c.CPU}
}

// draws draws what records cost, up to the one with which a payment is due, and at most so many.
func (c *charge) draws(most int) (n int, due bool) {
	for n < most && !due {
		n++
		c.owed += c.draw()
		due = c.owed >= payment
	}
	return n, due
}

func (c *charge) pay(ctx context.Context) error {
	if c.cpu {
		c.owed -= burn(c.owed)
		return ctx.Err()
	}
	begun := time.Now()
	timer := time.NewTimer(c.owed)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	c.owed -= time.Since(begun)
	return nil
}

// spins is about a microsecond's work between two looks at the clock.
const spins = 1 << 10

// burn computes for so much of its thread's CPU time, and says how much it was.
func burn(d time.Duration) time.Duration {
	clock, release := cpuClock()
	defer release()
	begun := clock()
	for x := uint64(1); ; {
		for range spins {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
		if spent := clock() - begun; spent >= d || x == 0 { // it never is, and has to be computed
			return spent
		}
	}
}
