package limits

import (
	"math"
	"time"
)

// Bucket is a token bucket: it holds at most a burst of tokens and gains a rate of them a second. It has no clock of its
// own, so that it runs in virtual time and in a simulator alike. It is not safe for concurrent use.
type Bucket struct {
	rate, burst float64
	tokens      float64
	last        time.Duration
}

// NewBucket makes a full bucket that gains rate tokens a second and holds at most burst.
func NewBucket(rate, burst float64) *Bucket {
	return &Bucket{rate: rate, burst: burst, tokens: burst}
}

// Take takes n tokens at the time now, all or none, and says whether it did. A now before the last one counts as the
// last one. More than a whole burst is never granted.
func (b *Bucket) Take(now time.Duration, n float64) bool {
	b.fill(now)
	if b.tokens < n {
		return false
	}
	b.tokens -= n
	return true
}

// Spend takes n tokens at the time now whether or not they are there: what is missing is owed, and Take waits until it
// is paid. It is for a cost that is known only afterwards, as the bytes of a read.
func (b *Bucket) Spend(now time.Duration, n float64) {
	b.fill(now)
	b.tokens -= n
}

// Wait is how long after now n tokens will be there, rounded up. More than a whole burst never will.
func (b *Bucket) Wait(now time.Duration, n float64) time.Duration {
	b.fill(now)
	if b.tokens >= n {
		return 0
	}
	wait := time.Duration(math.Ceil((n - b.tokens) / b.rate * float64(time.Second)))
	// After a long debt, the rounding of fill is coarser than a nanosecond.
	for b.tokens+b.rate*wait.Seconds() < n {
		wait += 1 + wait>>48
	}
	return wait
}

func (b *Bucket) fill(now time.Duration) {
	if now <= b.last {
		return
	}
	b.tokens = min(b.burst, b.tokens+b.rate*(now-b.last).Seconds())
	b.last = now
}

// Level is the number of tokens at the time now, negative where some are owed.
func (b *Bucket) Level(now time.Duration) float64 {
	b.fill(now)
	return b.tokens
}
