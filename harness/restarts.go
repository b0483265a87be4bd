package harness

import (
	"fmt"
	"time"

	"weir/aggregator"
	"weir/result"
)

// fillRestarts says what became of the aggregator's checkpoints, and what its restarts cost.
func (r *run) fillRestarts(res *result.Result, status *aggregator.Status) {
	if r.scenario.Pipeline.Aggregator.Checkpoints != nil {
		c := &status.Checkpoints
		res.Checkpoints = &result.Checkpoints{Completed: c.Completed, Failed: c.Failed}
		if c.Last != "" {
			res.Checkpoints.LastMS, res.Checkpoints.LastBytes = new(inMS(c.Took)), new(c.Bytes)
		}
		if c.Failure != nil {
			res.Warnings = append(res.Warnings, fmt.Sprintf("%d checkpoints failed, the last of them: %v", c.Failed, c.Failure))
		}
	}
	e := r.pipeline.restarting
	if e == nil {
		return
	}
	if e.stateless.Load() {
		res.Warnings = append(res.Warnings, fmt.Sprintf(
			"the aggregator was started without a state: %d records are in windows that it could not know whole, and made no row of; counted is of the last one alone", status.Suppressed))
	} else {
		res.Records.Late = status.Late // once each, however often they were read
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range e.restarts {
		filled := one.Restart
		if one.began != 0 {
			filled.DownMS = new(inMS(one.began - one.killed))
		}
		if one.recovered != nil {
			filled.RecoveredMS = new(inMS(*one.recovered))
		}
		res.Restarts = append(res.Restarts, filled)
	}
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
