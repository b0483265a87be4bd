package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"weir/harness"
	"weir/harness/pacing"
	"weir/internal/localaws"
	"weir/internal/localaws/faults"
	"weir/scenarios"
)

// localFaults lets go wrong, in the embedded AWS of a run, what its scenario asks for. It is a [harness.Faults].
type localFaults struct {
	scenario *scenarios.Scenario
	plan     atomic.Pointer[faults.Plan] // nil while nothing is to go wrong
	server   *localaws.Server
}

// decide is the server's hook.
func (f *localFaults) decide(call localaws.Call) localaws.Action {
	plan := f.plan.Load()
	if plan == nil {
		return localaws.Serve
	}
	return plan.Decide(call)
}

// Run implements [harness.Faults].
func (f *localFaults) Run(ctx context.Context, on harness.Resources) error {
	start := time.Now()
	var rules []faults.Rule
	var events []event
	var mends []func() error // what is whole again at the end
	for i := range f.scenario.Faults {
		fault := &f.scenario.Faults[i]
		if fault.Restart != "" {
			continue // the harness's
		}
		switch stream := resource(fault.On, on); {
		case fault.Stop != nil:
			stopped, mend := f.stop(fault, stream)
			events = append(events, stopped...)
			mends = append(mends, mend)
		case fault.Reshard != nil:
			events = append(events, event{time.Duration(fault.At), func() error { return f.server.Reshard(stream, *fault.Reshard) }})
		default:
			rules = append(rules, ruleOf(fault, stream))
		}
	}
	f.plan.Store(faults.New(f.scenario.Seed, start, rules...))
	defer f.plan.Store(nil)
	return errors.Join(carryOut(ctx, start, events), together(mends))
}

func resource(place scenarios.FaultPlace, on harness.Resources) string {
	switch place {
	case scenarios.FaultOnOutput:
		return on.Output
	case scenarios.FaultOnTable:
		return on.Table
	}
	return on.Input
}

// event happens at a time, once.
type event struct {
	at time.Duration
	do func() error
}

// stop is that a shard stops, and that it works again: by the schedule, or at the end.
func (f *localFaults) stop(fault *scenarios.Fault, stream string) (events []event, mend func() error) {
	shard := fmt.Sprintf("shardId-%012d", *fault.Stop)
	mend = func() error { return f.server.StopShard(stream, shard, false) }
	events = []event{{time.Duration(fault.At), func() error { return f.server.StopShard(stream, shard, true) }}}
	if fault.For != nil {
		events = append(events, event{time.Duration(fault.At + *fault.For), mend})
	}
	return events, mend
}

// carryOut has events happen as the schedule says, until ctx ends.
func carryOut(ctx context.Context, start time.Time, events []event) error {
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	for _, e := range events {
		if pacing.Timer().Sleep(ctx, time.Until(start.Add(e.at))); ctx.Err() != nil {
			return nil
		}
		if err := e.do(); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func together(all []func() error) (err error) {
	for _, do := range all {
		err = errors.Join(err, do())
	}
	return err
}

// ruleOf is a fault as the embedded AWS takes it. Of calls with records, throttles and failures hit single ones; of others, whole calls.
func ruleOf(f *scenarios.Fault, resource string) faults.Rule {
	onTable := f.On == scenarios.FaultOnTable
	rule := faults.Rule{Service: "kinesis", Operation: "PutRecords", Resource: resource, From: time.Duration(f.At), Share: 1}
	batch := localaws.Partial
	switch {
	case onTable && f.Calls == scenarios.FaultReads:
		rule.Service, rule.Operation, batch = "dynamodb", "Scan", localaws.Refuse
	case onTable:
		rule.Service, rule.Operation = "dynamodb", "BatchWriteItem"
	case f.Calls == scenarios.FaultReads:
		rule.Operation, batch = "GetRecords", localaws.Refuse
	}
	if f.For != nil {
		rule.To = rule.From + time.Duration(*f.For)
	}
	switch {
	case f.Throttle != nil:
		hit(&rule, batch, "ProvisionedThroughputExceededException", *f.Throttle)
	case f.Fail != nil && onTable:
		hit(&rule, localaws.Refuse, "InternalServerError", *f.Fail)
	case f.Fail != nil:
		hit(&rule, batch, "InternalFailure", *f.Fail)
	case f.Slow != nil:
		rule.Share, rule.Action = float64(f.Slow.Share), localaws.Action{Delay: time.Duration(f.Slow.By)}
	case f.Drop != nil:
		rule.Share, rule.Action = float64(*f.Drop), localaws.DropAfter
	case f.Break != nil:
		rule.Share, rule.Action = float64(*f.Break), localaws.Action{Kind: localaws.Break}
	}
	return rule
}

// hit has a share of a batch's records fail, or that share of the calls.
func hit(rule *faults.Rule, kind localaws.Kind, code string, share scenarios.Share) {
	rule.Action = localaws.Action{Kind: kind, Code: code}
	if kind == localaws.Partial {
		rule.Action.Share = float64(share)
	} else {
		rule.Share = float64(share)
	}
}
