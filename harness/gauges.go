package harness

import (
	"fmt"
	"math"
	"time"

	"weir/aggregator"
	"weir/aggregator/window"
	"weir/measure"
)

// gauges are the engine's columns in series.csv: how far its watermark is behind what was handed over, and what its subtasks do.
func (r *run) engineGauges() []measure.Gauges {
	lag := measure.Gauges{Names: []string{"watermark_lag_ms"}, Read: func(_ time.Duration, values []float64) {
		mark, newest := r.pipeline.engine.Status().Watermark, r.newest.Load()
		if mark != window.Unset && mark != math.MaxInt64 && newest != window.Unset {
			values[0] = float64(max(0, newest-mark))
		}
	}}
	subtasks := r.scenario.Pipeline.Aggregator.Parallelism
	for _, restart := range r.scenario.Restarts() {
		if restart.Parallelism != nil {
			subtasks = max(subtasks, *restart.Parallelism)
		}
	}
	return []measure.Gauges{
		lag,
		loadGauges("source", subtasks, func() []aggregator.Load { return r.pipeline.engine.Status().Sources }),
		loadGauges("window", subtasks, func() []aggregator.Load { return r.pipeline.engine.Status().Windows }),
	}
}

// loadGauges are, for each subtask, the share of each second that it was busy, idle and back-pressured.
func loadGauges(kind string, subtasks int, loads func() []aggregator.Load) measure.Gauges {
	var names []string
	for i := range subtasks {
		for _, what := range []string{"busy", "idle", "backpressured"} {
			names = append(names, fmt.Sprintf("%s_%d_%s", kind, i, what))
		}
	}
	return measure.PerSecond(names, func(values []float64) {
		for i, load := range loads() {
			values[3*i], values[3*i+1], values[3*i+2] = load.Busy.Seconds(), load.Idle.Seconds(), load.BackPressured.Seconds()
		}
	})
}
