package routing

import (
	"context"
	"math/rand/v2"
	"time"
)

// A failing handler is tried again after a pause that doubles from firstPause to longestPause.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// pause waits after the given attempt, counted from 0: between half of its pause and the whole, so that shards that failed
// together do not come back together. The error says that ctx ended first.
func pause(ctx context.Context, attempt int) error {
	longest := min(longestPause, firstPause<<min(attempt, 10))
	timer := time.NewTimer(longest/2 + rand.N(longest/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
