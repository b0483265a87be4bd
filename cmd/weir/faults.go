package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"weir/harness"
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
	var stops []stop
	for i := range f.scenario.Faults {
		fault := &f.scenario.Faults[i]
		if fault.Stop != nil {
			stops = append(stops, stopsOf(fault, resource(fault.On, on))...)
			continue
		}
		rules = append(rules, ruleOf(fault, resource(fault.On, on)))
	}
	f.plan.Store(faults.New(f.scenario.Seed, start, rules...))
	defer f.plan.Store(nil)
	return f.carryOut(ctx, start, stops)
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

// stop is that a shard stops, or works again.
type stop struct {
	at            time.Duration
	stream, shard string
	stopped       bool
}

func stopsOf(f *scenarios.Fault, stream string) []stop {
	shard := fmt.Sprintf("shardId-%012d", *f.Stop)
	stops := []stop{{time.Duration(f.At), stream, shard, true}}
	if f.For != nil {
		stops = append(stops, stop{time.Duration(f.At + *f.For), stream, shard, false})
	}
	return stops
}

// carryOut stops shards as the schedule says. When ctx ends, all of them work again.
func (f *localFaults) carryOut(ctx context.Context, start time.Time, stops []stop) error {
	slices.SortStableFunc(stops, func(a, b stop) int { return int(a.at - b.at) })
	for _, s := range stops {
		if !sleepUntil(ctx, start.Add(s.at)) {
			break
		}
		if err := f.server.StopShard(s.stream, s.shard, s.stopped); err != nil {
			return err
		}
	}
	<-ctx.Done()
	for _, s := range stops {
		if err := f.server.StopShard(s.stream, s.shard, false); err != nil {
			return err
		}
	}
	return nil
}

func sleepUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
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
