package harness

import (
	"context"
	"time"
)

const (
	// recoveryPoll is how often it is looked whether a restarted aggregator has caught up.
	recoveryPoll = 10 * time.Millisecond
	// recoveryBaseline is over how long before a restart the greatest backlog is what it has to come back to: over several polls of each shard.
	recoveryBaseline = 5 * time.Second
)

// sample is a backlog at a time.
type sample struct{ at, age time.Duration }

// watchRecovery measures what each restart costs, until ctx ends.
//
// A restart is recovered from when the aggregator runs again and the backlog of the input, in seconds, is no greater than it was at most in the five
// seconds before: from then on, a row is as late as it was. A restart that comes before the one before it was recovered from has that one's measure.
func (e *restarting) watchRecovery(ctx context.Context) error {
	ticker := time.NewTicker(recoveryPoll)
	defer ticker.Stop()
	var before []sample
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now := e.run.clock.Now()
		seen := sample{now, e.run.meter.InputBacklog(now).Age(now)}
		if !e.recovering(before, seen) {
			before = append(before, seen)
			for seen.at-before[0].at > recoveryBaseline {
				before = before[1:]
			}
		}
	}
}

// recovering says whether a restart is being recovered from, and notes what is seen of it.
func (e *restarting) recovering(before []sample, now sample) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.restarts) == 0 {
		return false
	}
	r := e.restarts[len(e.restarts)-1]
	if r.recovered != nil {
		return false
	}
	if r.BacklogBefore == nil {
		most := time.Duration(0)
		for _, s := range before {
			if s.at <= r.killed {
				most = max(most, s.age)
			}
		}
		r.BacklogBefore, r.MaxBacklog = new(most.Seconds()), new(float64(0))
	}
	*r.MaxBacklog = max(*r.MaxBacklog, now.age.Seconds())
	r.Replayed = e.run.meter.Reading().Counts().Again
	if r.began != 0 && e.run.meter.Reading().Placed() && now.age.Seconds() <= *r.BacklogBefore {
		r.recovered = new(now.at - r.killed)
	}
	return true
}
