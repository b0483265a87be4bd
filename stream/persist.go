package stream

import (
	"context"
	"time"

	"weir/record"
)

const (
	// persistTries bounds the tries of a call that does the same however often it is made.
	persistTries = 5
	// persistFor is for how long a call that is not answered is tried again.
	persistFor  = 20 * time.Second
	minTryPause = 100 * time.Millisecond
	maxTryPause = time.Second
)

// persist makes such a call until it succeeds, at most persistTries times. A throttle passes, and so does a lost answer; a refusal does
// not, and an endpoint that nobody listens on is better named at once.
func persist(ctx context.Context, call func() error) error {
	begun := time.Now()
	for try := 0; ; try++ {
		err := call()
		if err == nil || try+1 == persistTries || time.Since(begun) > persistFor {
			return err
		}
		if outcome := classify(err); outcome != record.Throttled && outcome != record.Unknown {
			return err
		}
		if sleep(ctx, jitter(grown(minTryPause, maxTryPause, try))) != nil {
			return err
		}
	}
}
