package scenarios

import (
	"regexp"

	"weir/limits"
	"weir/record"
)

// maxShards bounds a stream of a test run; AWS's default quota is 20,000 in the largest regions and 1,000 or 6,000 elsewhere
// ("Quotas and limits", Kinesis Data Streams).
const maxShards = 20000

// maxParallelism is Managed Service for Apache Flink's default maximum of an application's Parallelism.
const maxParallelism = 256

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
	if s.Name == "" {
		p.add("name", "is empty")
	}
	s.validateFields(p)
	s.validatePipeline(p)
	oneOf(p, "limits", s.Limits)
	if s.DrainLimit <= 0 {
		p.add("drain_limit", "%s is not above zero", s.DrainLimit)
	}
	s.Target.validate(p)
	s.validateExpect(p)
	s.validateFaults(p)
	s.Latency.validate(p, s)
	s.Size.validate(p, s)
	s.validateLoad(p) // last, for the generator would say some of the above again
	return p.all
}

func (s *Scenario) validateFields(found *problems) {
	if s.Fields.EventTime == "" {
		found.add("fields.event_time", "is empty")
	}
	paths := s.Fields
	paths.TimeFormat, paths.TimeZone = "", ""
	if _, err := record.NewDecoder(paths.Record()); err != nil {
		found.add("fields", "%v", err)
	}
	if err := record.CheckTimes("", s.Fields.TimeZone); err != nil {
		found.add("fields.time_zone", "%v", err)
	} else if err := record.CheckTimes(s.Fields.TimeFormat, s.Fields.TimeZone); err != nil {
		found.add("fields.time_format", "%v", err)
	}
	if len(s.Fields.Key) == 0 {
		found.add("fields.key", "names no path")
	}
	// A key's column in windows.csv is called by its whole path where its last part is taken, and then that must be free.
	taken := map[string]bool{"window_start": true, "kind": true, "count": true}
	for _, of := range []string{"_sum", "_min", "_max", "_mean"} {
		taken[s.Fields.Value+of] = true
	}
	for i, path := range s.Fields.Key {
		if taken[path] {
			found.add(index("fields.key", i), "%q is the name of another column of windows.csv", path)
		}
		taken[path] = true
	}
}

func (s *Scenario) validatePipeline(found *problems) {
	p := &s.Pipeline
	oneOf(found, "pipeline.shape", p.Shape)
	if p.Shape == Direct && p.Output != nil {
		found.add("pipeline.output", "a direct pipeline has no output stream").hint = "pipeline.shape: routed has one"
	}
	if p.Shape == Direct && len(p.Routes) > 0 {
		found.add("pipeline.routes", "a direct pipeline has no routes").hint = "pipeline.shape: routed has some"
	}
	oneOf(found, "pipeline.input.packing", p.Input.Packing)
	oneOf(found, "pipeline.input.order", p.Input.Order)
	if p.Input.Retries != nil && *p.Input.Retries < 0 {
		found.add("pipeline.input.retries", "%d is below zero", *p.Input.Retries)
	}
	if p.Input.Queue <= 0 {
		found.add("pipeline.input.queue", "%s is not above zero", p.Input.Queue)
	}
	s.validateOtherReaders(found)
	validateCapacity(found, "pipeline.input", p.Input.Mode, p.Input.Shards)
	if size := p.Input.MaxRecord; size < limits.RecordBytes || size > limits.LargestRecordBytes || size%(1<<10) != 0 {
		found.add("pipeline.input.max_record", "%s is not whole KiB between %s and %s", size, Size(limits.RecordBytes), Size(limits.LargestRecordBytes))
	}
	if p.Shape == Routed {
		p.Output.validate(found)
	}
	s.validateRoutes(found)
	p.Table.validate(found)
	s.validateAggregator(found)
}

// maxOtherReaders bounds the other consumers of the input. Five of them take all reads of a shard.
const maxOtherReaders = 20

// validateOtherReaders checks the other consumers of the input.
func (s *Scenario) validateOtherReaders(found *problems) {
	const path = "pipeline.input.other_readers"
	switch n := s.Pipeline.Input.OtherReaders; {
	case n < 0 || n > maxOtherReaders:
		found.add(path, "%d is not between 0 and %d", n, maxOtherReaders)
	case n > 0 && s.Target != nil:
		found.add(path, "is for the embedded AWS, and target names an account").hint = "leave it out, and let the other consumers read the test stream themselves"
	}
}

// validateCapacity checks how a stream's capacity is set.
func validateCapacity(found *problems, path string, mode Mode, shards int) {
	if !oneOf(found, join(path, "mode"), mode) {
		return
	}
	switch {
	case mode == OnDemand && shards != limits.OnDemandShards:
		found.add(join(path, "shards"), "an on-demand stream begins with %d shards, and not with %d", limits.OnDemandShards, shards).hint = "leave shards out"
	case shards < 1 || shards > maxShards:
		found.add(join(path, "shards"), "%d is not between 1 and %d", shards, maxShards)
	}
}

func (o *Output) validate(p *problems) {
	if o == nil {
		p.add("pipeline.output", "is missing")
		return
	}
	validateCapacity(p, "pipeline.output", o.Mode, o.Shards)
	if o.Poll <= 0 {
		p.add("pipeline.output.poll", "%s is not above zero", o.Poll)
	}
}

func (s *Scenario) validateAggregator(found *problems) {
	a := &s.Pipeline.Aggregator
	oneOf(found, "pipeline.aggregator.engine", a.Engine)
	a.validateParallelism(found)
	a.validateWindows(found)
	if a.Poll <= 0 {
		found.add("pipeline.aggregator.poll", "%s is not above zero", a.Poll)
	}
	a.validateReadAhead(found)
	a.validateWatermark(found)
}

// account is how AWS writes the number of an account.
var account = regexp.MustCompile(`^[0-9]{12}$`)

func (t *Target) validate(p *problems) {
	if t == nil {
		return
	}
	if !account.MatchString(t.Account) {
		p.add("target.account", "%q is not the number of an account: twelve digits", t.Account)
	}
	if t.Region == "" {
		p.add("target.region", "is missing")
	}
	if len(t.Allow) == 0 {
		p.add("target.allow", "names no stream and no table")
	}
	for i, name := range t.Allow {
		if name == "" {
			p.add(index("target.allow", i), "is empty")
		}
	}
}
