package scenarios

import (
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

// Validate finds everything that is impossible in a resolved scenario, not only the first. The error joins one error for each, which
// begins with the path of the field.
func (s *Scenario) Validate() error {
	found := problems{s.problems()}
	return found.err()
}

func (s *Scenario) problems() []*problem {
	p := &problems{}
	if s.Version != Version {
		p.add("version", "%d is not %d, the one that this weir reads", s.Version, Version)
	}
	s.validateLoad(p)
	s.validateFields(p)
	s.validatePipeline(p)
	oneOf(p, "limits", s.Limits)
	if s.DrainLimit <= 0 {
		p.add("drain_limit", "%s is not above zero", s.DrainLimit)
	}
	return p.all
}

func (s *Scenario) validateLoad(p *problems) {
	switch {
	case s.Load.Replay != nil:
		s.Load.Replay.validate(p)
	case len(s.Load.Kinds) == 0:
		p.add("load", "there is none")
	}
}

func (r *Replay) validate(p *problems) {
	if r.Source == "" {
		p.add("load.replay.source", "is empty")
	}
	oneOf(p, "load.replay.order", r.Order)
	switch {
	case (r.Speed == "") == (r.Rate == ""):
		p.add("load.replay", "takes a speed or a rate, and not both")
	case r.Speed != "":
		if _, err := replay.ParseSpeed(r.Speed); err != nil {
			p.add("load.replay.speed", "%v", err)
		}
	default:
		if _, err := replay.ParseRate(r.Rate); err != nil {
			p.add("load.replay.rate", "%v", err)
		}
	}
}

func (s *Scenario) validateFields(found *problems) {
	if s.Fields.EventTime == "" {
		found.add("fields.event_time", "is empty")
	}
	if _, err := record.NewDecoder(s.Fields.Record()); err != nil {
		found.add("fields", "%v", err)
	}
	if len(s.Fields.Key) == 0 {
		found.add("fields.key", "names no path")
	}
}

func (s *Scenario) validatePipeline(found *problems) {
	p := &s.Pipeline
	oneOf(found, "pipeline.shape", p.Shape)
	if p.Shape == Direct && p.Output != nil {
		found.add("pipeline.output", "a direct pipeline has no output stream")
	}
	if p.Input.Shards < 1 || p.Input.Shards > maxShards {
		found.add("pipeline.input.shards", "%d is not between 1 and %d", p.Input.Shards, maxShards)
	}
	if p.Output != nil && (p.Output.Shards < 1 || p.Output.Shards > maxShards) {
		found.add("pipeline.output.shards", "%d is not between 1 and %d", p.Output.Shards, maxShards)
	}
	for _, name := range s.RouteNames() {
		if _, err := filter.Compile(p.Routes[name].Filters); err != nil {
			found.add("pipeline.routes."+name+".filters", "%v", err)
		}
	}
	s.validateAggregator(found)
}

func (s *Scenario) validateAggregator(found *problems) {
	a := &s.Pipeline.Aggregator
	oneOf(found, "pipeline.aggregator.engine", a.Engine)
	if a.Parallelism < 1 || a.Parallelism > maxParallelism {
		found.add("pipeline.aggregator.parallelism", "%d is not between 1 and %d", a.Parallelism, maxParallelism)
	}
	if a.Window < Duration(time.Millisecond) || a.Window%Duration(time.Millisecond) != 0 || a.Window > maxWindow {
		found.add("pipeline.aggregator.window", "%s is not a whole number of milliseconds above zero, and at most a year", a.Window)
	}
	if a.OutOfOrderness < 0 || a.OutOfOrderness%Duration(time.Millisecond) != 0 {
		found.add("pipeline.aggregator.out_of_orderness", "%s is not a whole number of milliseconds", a.OutOfOrderness)
	}
	if a.Poll <= 0 {
		found.add("pipeline.aggregator.poll", "%s is not above zero", a.Poll)
	}
}
