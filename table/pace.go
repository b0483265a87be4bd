package table

import (
	"context"
	"sync"

	"weir/limits"
	"weir/record"
)

// pacer spreads the writes of all calls, so that they take no more units a second than they may. Nil does not.
type pacer struct {
	clock record.Clock

	mu     sync.Mutex
	bucket *limits.Bucket
	burst  float64
}

func newPacer(clock record.Clock, units float64) *pacer {
	if units <= 0 {
		return nil
	}
	return &pacer{clock: clock, bucket: limits.NewBucket(units, units), burst: units}
}

// wait waits until the units of a call are there. A call of more than a second's worth waits for as much, and the next one for the rest.
func (p *pacer) wait(ctx context.Context, units float64) error {
	if p == nil {
		return nil
	}
	for {
		p.mu.Lock()
		now := p.clock.Now()
		left := p.bucket.Wait(now, min(units, p.burst))
		if left == 0 {
			p.bucket.Spend(now, units)
		}
		p.mu.Unlock()
		if left == 0 {
			return nil
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// unitsOf are the write units of an item: one a KiB begun (DynamoDB developer guide, "DynamoDB item sizes and formats").
func unitsOf(it item) float64 { return float64((itemBytes(it) + 1023) / 1024) }
