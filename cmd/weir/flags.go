package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/awsclient"
	"weir/scenarios"
)

// scenarioFlags are the shorthands for a scenario's fields. A flag that was given is written over the scenario; after all of
// them, --set has the last word.
type scenarioFlags struct {
	shards, parallelism    number
	window, outOfOrderness scenarios.Duration
	shape, limits          string
	fields, sets           []string
	timeFormat, timeZone   string
	replayFlags
}

func (f *scenarioFlags) register(flags *pflag.FlagSet) {
	d := scenarios.Default()
	f.window, f.outOfOrderness = d.Pipeline.Aggregator.Window, d.Pipeline.Aggregator.OutOfOrderness
	f.shards.From, f.parallelism.From = d.Pipeline.Input.Shards, d.Pipeline.Aggregator.Parallelism
	f.shards.To, f.parallelism.To = f.shards.From, f.parallelism.From
	flags.Var(&f.shards, "shards", "shards of the input stream (and of the output stream, unless --set pipeline.output.shards=N)")
	flags.Var(&f.parallelism, "parallelism", "the aggregator's parallelism")
	flags.Var(&f.window, "window", "size of the tumbling event-time windows")
	flags.Var(&f.outOfOrderness, "out-of-orderness", "how far event times may be out of order before a record can be late")
	flags.StringVar(&f.shape, "pipeline", string(d.Pipeline.Shape), "direct, or routed through an output stream")
	flags.StringVar(&f.limits, "limits", string(d.Limits), "aws: AWS's own limits; off: none")
	flags.StringArrayVar(&f.fields, "field", nil, "name=path: where a record has its kind, event_time, key, value or partition_key; repeat key and partition_key for several paths")
	flags.StringVar(&f.timeFormat, "time-format", "", "how event times are written: s, ms, us, ns, a layout of Go or one of strftime (default told by the first records)")
	flags.StringVar(&f.timeZone, "time-zone", "", "the zone of event times without one: UTC, an offset as +02:00, or a name as Europe/Berlin")
	flags.StringArrayVar(&f.sets, "set", nil, "path=value: override any field of the scenario")
	f.replayFlags.register(flags)
}

// ofScenario registers the flags with a command that is given a scenario: what is not said stays as the scenario has it, so that the help has no defaults.
func (f *scenarioFlags) ofScenario(flags *pflag.FlagSet) {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.register(own)
	own.VisitAll(func(flag *pflag.Flag) {
		flag.DefValue = ""
		switch flag.Value.Type() {
		case "int", "int64":
			flag.DefValue = "0"
		case "bool":
			flag.DefValue = "false"
		case "stringArray", "stringSlice":
			flag.DefValue = "[]"
		}
		flags.AddFlag(flag)
	})
}

// change writes what was given over the scenario.
func (f *scenarioFlags) change(s *scenarios.Scenario, flags *pflag.FlagSet) error {
	p := &s.Pipeline
	for name, set := range map[string]func(){
		"shards":           func() { p.Input.Shards = f.shards.From },
		"parallelism":      func() { p.Aggregator.Parallelism = f.parallelism.From },
		"window":           func() { p.Aggregator.Window = f.window },
		"out-of-orderness": func() { p.Aggregator.OutOfOrderness = f.outOfOrderness },
		"pipeline":         func() { p.Shape = scenarios.Shape(f.shape) },
		"time-format":      func() { s.Fields.TimeFormat = f.timeFormat },
		"time-zone":        func() { s.Fields.TimeZone = f.timeZone },
		"limits":           func() { s.Limits = scenarios.Limits(f.limits) },
	} {
		if flags.Changed(name) {
			set()
		}
	}
	if err := f.changeReplay(s.Load.Replay, flags); err != nil {
		return err
	}
	if err := applyFields(&s.Fields, f.fields); err != nil {
		return err
	}
	for _, assignment := range f.sets {
		if err := s.Set(assignment); err != nil {
			return usage("--set %w", err)
		}
	}
	return nil
}

// applyFields reads --field name=path. The first path given for a name replaces the default; further ones add to it where a
// name takes several.
func applyFields(fields *scenarios.Fields, given []string) error {
	one := map[string]*string{"kind": &fields.Kind, "event_time": &fields.EventTime, "value": &fields.Value}
	several := map[string]*[]string{"key": &fields.Key, "partition_key": &fields.PartitionKey}
	seen := map[string]bool{}
	for _, assignment := range given {
		name, path, ok := strings.Cut(assignment, "=")
		if !ok || path == "" {
			return usage("--field %q is not name=path", assignment)
		}
		switch single, list := one[name], several[name]; {
		case single != nil && seen[name]:
			return usage("--field %s is given twice, and takes one path", name)
		case single != nil:
			*single = path
		case list != nil && !seen[name]:
			*list = []string{path}
		case list != nil:
			*list = append(*list, path)
		default:
			return hinted("the names are kind, event_time, key, value and partition_key", fmt.Errorf("--field %q: weir reads no field of that name", name))
		}
		seen[name] = true
	}
	return nil
}

// required are the paths that the user gave: a recording without them is a mistake.
func (f *scenarioFlags) required() []string {
	var paths []string
	for _, assignment := range f.fields {
		_, path, _ := strings.Cut(assignment, "=")
		paths = append(paths, path)
	}
	return paths
}

// targetFlags say which AWS a run goes to.
type targetFlags struct {
	target                    string
	endpoint, region, profile string
}

func (f *targetFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.target, "target", "local", "local: the embedded AWS; aws: an account")
	flags.StringVar(&f.endpoint, "endpoint-url", "", "an AWS endpoint on loopback that is there already, as that of weir local")
	flags.StringVar(&f.region, "region", "", "the target's region (default the scenario's, else "+defaultRegion+")")
	flags.StringVar(&f.profile, "profile", "", "the target's profile in the shared AWS configuration")
}

// guarded is what the target has to be, nil for one on this machine. A target beyond it needs a scenario that names it.
func (f *targetFlags) guarded(s *scenarios.Scenario) (*awsclient.Target, error) {
	switch {
	case f.target != "local" && f.target != "aws":
		return nil, usage("--target %q is neither local nor aws", f.target)
	case f.target == "local" && (f.endpoint == "" || awsclient.IsLoopback(f.endpoint)):
		return nil, nil
	case s.Target == nil:
		return nil, hinted("write it into the scenario, or leave --target and --endpoint-url out to run against the embedded AWS",
			errors.New("a target beyond this machine needs a scenario with target: {account, region, allow}"))
	}
	return &awsclient.Target{Account: s.Target.Account, Region: s.Target.Region, Allow: s.Target.Allow}, nil
}

// sourceFlags say where a recording in S3 is; reading one needs no guard.
type sourceFlags struct{ endpoint, region, profile string }

func (f *sourceFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.endpoint, "source-endpoint-url", "", "the recording's S3 endpoint")
	flags.StringVar(&f.region, "source-region", "", "the recording's region")
	flags.StringVar(&f.profile, "source-profile", "", "the recording's profile in the shared AWS configuration")
}

// client is how the recording's S3 is reached.
func (f *sourceFlags) client() awsclient.Config {
	return awsclient.Config{Endpoint: f.endpoint, Region: f.region, Profile: f.profile}
}

// grouped registers flags with a command; it only saves a name in every command.
func grouped(command *cobra.Command, groups ...interface{ register(*pflag.FlagSet) }) {
	for _, group := range groups {
		group.register(command.Flags())
	}
}
