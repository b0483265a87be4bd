package scenarios

import (
	"errors"
	"fmt"
	"time"

	"weir/record"
	"weir/replay"
	"weir/routing/filter"
)

// maxShards bounds a stream of a test run; AWS's default quota is 20,000 in the largest regions and 1,000 or 6,000 elsewhere
// ("Quotas and limits", Kinesis Data Streams).
const maxShards = 20000

// maxParallelism is Managed Service for Apache Flink's default maximum of an application's Parallelism.
const maxParallelism = 256

// maxWindow keeps a window's bounds within the years that can be written.
const maxWindow = Duration(366 * 24 * time.Hour)

// Validate finds everything that is impossible in a resolved scenario, not only the first.
func (s *Scenario) Validate() error {
	var found []error
	wrong := func(path, format string, args ...any) {
		found = append(found, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
	}
	s.validateLoad(wrong)
	s.validateFields(wrong)
	s.validatePipeline(wrong)
	if s.Limits != LimitsAWS && s.Limits != LimitsOff {
		wrong("limits", "%q is neither aws nor off", s.Limits)
	}
	if s.DrainLimit <= 0 {
		wrong("drain_limit", "%s is not above zero", s.DrainLimit)
	}
	return errors.Join(found...)
}

func (s *Scenario) validateLoad(wrong func(path, format string, args ...any)) {
	load := s.Load.Replay
	if load == nil {
		wrong("load", "there is none")
		return
	}
	if load.Source == "" {
		wrong("load.replay.source", "is empty")
	}
	if load.Order != ByEventTime && load.Order != ByFile {
		wrong("load.replay.order", "%q is neither event-time nor file", load.Order)
	}
	switch {
	case (load.Speed == "") == (load.Rate == ""):
		wrong("load.replay", "takes a speed or a rate, and not both")
	case load.Speed != "":
		if _, err := replay.ParseSpeed(load.Speed); err != nil {
			wrong("load.replay.speed", "%v", err)
		}
	default:
		if _, err := replay.ParseRate(load.Rate); err != nil {
			wrong("load.replay.rate", "%v", err)
		}
	}
}

func (s *Scenario) validateFields(wrong func(path, format string, args ...any)) {
	if s.Fields.EventTime == "" {
		wrong("fields.event_time", "is empty")
	}
	if _, err := record.NewDecoder(s.Fields.Record()); err != nil {
		wrong("fields", "%v", err)
	}
	if len(s.Fields.Key) == 0 {
		wrong("fields.key", "names no path")
	}
}

func (s *Scenario) validatePipeline(wrong func(path, format string, args ...any)) {
	p := &s.Pipeline
	if p.Shape != Direct && p.Shape != Routed {
		wrong("pipeline.shape", "%q is neither direct nor routed", p.Shape)
	}
	if p.Shape == Direct && p.Output != nil {
		wrong("pipeline.output", "a direct pipeline has no output stream")
	}
	if p.Input.Shards < 1 || p.Input.Shards > maxShards {
		wrong("pipeline.input.shards", "%d is not between 1 and %d", p.Input.Shards, maxShards)
	}
	if p.Output != nil && (p.Output.Shards < 1 || p.Output.Shards > maxShards) {
		wrong("pipeline.output.shards", "%d is not between 1 and %d", p.Output.Shards, maxShards)
	}
	for _, name := range s.RouteNames() {
		if _, err := filter.Compile(p.Routes[name].Filters); err != nil {
			wrong("pipeline.routes."+name+".filters", "%v", err)
		}
	}
	s.validateAggregator(wrong)
}

func (s *Scenario) validateAggregator(wrong func(path, format string, args ...any)) {
	a := &s.Pipeline.Aggregator
	if a.Engine != Bundled {
		wrong("pipeline.aggregator.engine", "%q is not %s, the one that there is", a.Engine, Bundled)
	}
	if a.Parallelism < 1 || a.Parallelism > maxParallelism {
		wrong("pipeline.aggregator.parallelism", "%d is not between 1 and %d", a.Parallelism, maxParallelism)
	}
	if a.Window < Duration(time.Millisecond) || a.Window%Duration(time.Millisecond) != 0 || a.Window > maxWindow {
		wrong("pipeline.aggregator.window", "%s is not a whole number of milliseconds above zero, and at most a year", a.Window)
	}
	if a.OutOfOrderness < 0 || a.OutOfOrderness%Duration(time.Millisecond) != 0 {
		wrong("pipeline.aggregator.out_of_orderness", "%s is not a whole number of milliseconds", a.OutOfOrderness)
	}
	if a.Poll <= 0 {
		wrong("pipeline.aggregator.poll", "%s is not above zero", a.Poll)
	}
}
