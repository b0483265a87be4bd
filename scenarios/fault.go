package scenarios

import (
	"fmt"

	"weir/limits"
)

// Fault is something that goes wrong on purpose: in the embedded AWS, or that the aggregator is restarted. It is one thing, for a time. Several may hold at once; of two that
// would do something to the same call, the first does.
type Fault struct {
	// When it begins, from the start of the schedule.
	At Duration `yaml:"at"`
	// How long it lasts. Left out, it is until the last record was handed over.
	For *Duration `yaml:"for,omitempty"`
	// What it happens to: the input stream, the output stream or the table.
	On FaultPlace `yaml:"on,omitempty"`
	// The calls that it happens to: those that write (which is what it is where nothing is said), or those that read. A stop, a reshard and a restart happen to none.
	Calls FaultCalls `yaml:"calls,omitempty"`
	// The share of the records that are throttled; of calls that read, the share of the calls.
	Throttle *Share `yaml:"throttle,omitempty"`
	// The share of the records that fail inside AWS; of calls that read, and of the table's, the share of the calls.
	Fail *Share `yaml:"fail,omitempty"`
	// Answers that come late.
	Slow *Slow `yaml:"slow,omitempty"`
	// The share of the calls that are carried out and never answered.
	Drop *Share `yaml:"drop,omitempty"`
	// The share of the calls whose connection breaks before anything is done.
	Break *Share `yaml:"break,omitempty"`
	// The number of the shard, from 0, that nothing can be put to or read from.
	Stop *int `yaml:"stop,omitempty"`
	// How many shards of equal hash ranges the stream gets, at once, whatever AWS's rules for it. It has no end.
	Reshard *int `yaml:"reshard,omitempty"`
	// What of weir's own stops, and after for starts again: the aggregator. That needs no embedded AWS.
	Restart FaultPart `yaml:"restart,omitempty"`
	// What a restart begins from: last, killed, from the last checkpoint that is complete (last is what it is where nothing is said); checkpoint-N or
	// savepoint-N, killed, from that one; savepoint, stopped with a savepoint (the run's first is savepoint-1); timestamp, killed, without a state, from the
	// time at which it stopped; latest, killed, without a state, from the tip of the stream.
	From string `yaml:"from,omitempty"`
	// How far before the time at which it stopped a restart from timestamp begins.
	Rewind *Duration `yaml:"rewind,omitempty"`
	// The parallelism that the aggregator starts again with. Left out, it is the one that it had.
	Parallelism *int `yaml:"parallelism,omitempty"`
}

// ofCalls says that a fault happens to calls.
func (f *Fault) ofCalls() bool { return f.Restart == "" && f.Stop == nil && f.Reshard == nil }

// resolve says which calls a fault happens to, and from where the aggregator starts again.
func (f *Fault) resolve() {
	if f.ofCalls() && f.Calls == "" {
		f.Calls = FaultWrites
	}
	if f.Restart != "" && f.From == "" {
		f.From = FromLast
	}
}

// Slow is by how much answers come late.
type Slow struct {
	// How much later the call is carried out.
	By Duration `yaml:"by"`
	// The share of the calls.
	Share Share `yaml:"share"`
}

func (s *Slow) setDefaults() { s.Share = 1 }

// FaultPlace is a part of the pipeline's AWS.
type FaultPlace string

const (
	FaultOnInput  FaultPlace = "input"
	FaultOnOutput FaultPlace = "output"
	FaultOnTable  FaultPlace = "table"
)

func (FaultPlace) choices() []string { return words(FaultOnInput, FaultOnOutput, FaultOnTable) }

// FaultCalls are the calls of one kind.
type FaultCalls string

const (
	FaultWrites FaultCalls = "writes" // PutRecords; BatchWriteItem
	FaultReads  FaultCalls = "reads"  // GetRecords; Scan, which only the proof makes
)

func (FaultCalls) choices() []string { return words(FaultWrites, FaultReads) }

// describe says in a line what goes wrong, and when.
func (f *Fault) describe() string {
	when := f.At.String() + " until the load ends"
	if f.For != nil {
		when = f.At.String() + " to " + (f.At + *f.For).String()
	}
	if f.Reshard != nil {
		when = f.At.String()
	}
	if f.Restart != "" {
		return f.describeRestart(when)
	}
	return fmt.Sprintf("%s: %s of %s", when, f.kind(), f.target())
}

func (f *Fault) kind() string {
	switch {
	case f.Throttle != nil:
		return "throttle " + f.Throttle.String()
	case f.Fail != nil:
		return "fail " + f.Fail.String()
	case f.Slow != nil:
		return fmt.Sprintf("slow %s by %s", f.Slow.Share, f.Slow.By)
	case f.Drop != nil:
		return "drop the answers of " + f.Drop.String()
	case f.Break != nil:
		return "break the connections of " + f.Break.String()
	}
	if f.Reshard != nil {
		return fmt.Sprintf("reshard to %d", *f.Reshard)
	}
	return fmt.Sprintf("stop shard %d", *f.Stop)
}

func (f *Fault) target() string {
	if !f.ofCalls() {
		return string(f.On)
	}
	return fmt.Sprintf("the %s of %s", f.Calls, f.On)
}

func (s *Scenario) validateFaults(p *problems) {
	if len(s.Faults) > len(s.Restarts()) && s.Target != nil {
		p.add("faults", "is for the embedded AWS, and target names an account").hint = "leave one of them out"
	}
	for i := range s.Faults {
		s.Faults[i].validate(p, index("faults", i), s)
	}
}

func (f *Fault) validate(p *problems, path string, s *Scenario) {
	if f.At < 0 {
		p.add(join(path, "at"), "%s is below zero", f.At)
	}
	if f.For != nil && *f.For <= 0 {
		p.add(join(path, "for"), "%s is not above zero", *f.For).hint = "leave it out, and the fault lasts as long as the load"
	}
	if !f.ofCalls() && f.Calls != "" {
		p.add(join(path, "calls"), "is for throttle, fail, slow, drop and break")
	}
	if f.Restart != "" {
		f.validateRestart(p, path, s)
		f.validateKind(p, path, s)
		return
	}
	f.validateNoRestart(p, path)
	if oneOf(p, join(path, "on"), f.On) && f.On == FaultOnOutput && s.Pipeline.Shape != Routed {
		p.add(join(path, "on"), "a direct pipeline has no output stream")
	}
	if f.ofCalls() {
		oneOf(p, join(path, "calls"), f.Calls)
	}
	f.validateKind(p, path, s)
}

// validateKind checks that a fault is one thing.
func (f *Fault) validateKind(p *problems, path string, s *Scenario) {
	kinds := 0
	for _, share := range []struct {
		name  string
		share *Share
	}{{"throttle", f.Throttle}, {"fail", f.Fail}, {"drop", f.Drop}, {"break", f.Break}} {
		if share.share != nil {
			kinds++
			somePercent(p, join(path, share.name), *share.share)
		}
	}
	if f.Slow != nil {
		kinds++
		somePercent(p, join(path, "slow.share"), f.Slow.Share)
		if f.Slow.By <= 0 {
			p.add(join(path, "slow.by"), "%s is not above zero", f.Slow.By)
		}
	}
	if f.Stop != nil {
		kinds++
		f.validateStop(p, join(path, "stop"), s)
	}
	if f.Reshard != nil {
		kinds++
		f.validateReshard(p, join(path, "reshard"))
	}
	if f.Restart != "" {
		kinds++
	}
	if kinds != 1 {
		p.add(path, "names %d of throttle, fail, slow, drop, break, stop, reshard and restart, and a fault is one", kinds)
	}
}

func (f *Fault) validateReshard(p *problems, path string) {
	switch {
	case f.On == FaultOnTable:
		p.add(path, "a table has no shards")
	case *f.Reshard < 1 || *f.Reshard > limits.ScaledShards:
		p.add(path, "%d is not a number of shards from 1 to %d", *f.Reshard, limits.ScaledShards)
	case f.For != nil:
		p.add(path, "a reshard has no end, and for gives one")
	}
}

func (f *Fault) validateStop(p *problems, path string, s *Scenario) {
	shards := s.Pipeline.Input.Shards
	switch {
	case f.On == FaultOnTable:
		p.add(path, "a table has no shards")
		return
	case f.On == FaultOnOutput && s.Pipeline.Output != nil:
		shards = s.Pipeline.Output.Shards
	}
	if *f.Stop < 0 || *f.Stop >= shards {
		p.add(path, "%d is not the number of a shard, from 0 to %d", *f.Stop, shards-1)
	}
}
