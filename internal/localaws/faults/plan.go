// Package faults lets things go wrong in the embedded AWS on a schedule: each rule does something to a share of the calls, for a time.
package faults

import (
	"math"
	"time"

	"weir/internal/localaws/wire"
)

// Rule does something to calls.
type Rule struct {
	// Service is "kinesis", "dynamodb" or "s3"; Operation is one of AWS's, as PutRecords. Empty, it is every one.
	Service, Operation string
	// Resource is the stream, table or bucket; empty, it is every one, and those calls that name none.
	Resource string
	// From and To are when it happens, from the plan's start. To 0 is for ever.
	From, To time.Duration
	// Share is that of the calls, above 0 and at most 1.
	Share float64
	// Action is what happens. Its Seed is set for each call.
	Action wire.Action
}

// Plan decides by rules what happens to calls. Of two rules for one call, the first holds. Whether a call is of the share is a matter of the seed, of
// what is called and of how often that was before: two runs that make the same calls see the same faults.
type Plan struct {
	seed  uint64
	start time.Time
	rules []Rule
}

// New makes a plan that starts at a time.
func New(seed uint64, start time.Time, rules ...Rule) *Plan { return &Plan{seed, start, rules} }

// Decide is a [wire.Fault].
func (p *Plan) Decide(call wire.Call) wire.Action {
	at := time.Since(p.start)
	for i := range p.rules {
		rule := &p.rules[i]
		if !rule.holds(call, at) {
			continue
		}
		chance := p.chance(uint64(i), call)
		if float64(chance>>11)/(1<<53) < rule.Share {
			action := rule.Action
			action.Seed = mix(chance)
			return action
		}
	}
	return wire.Action{}
}

func (r *Rule) holds(call wire.Call, at time.Duration) bool {
	matches := func(want, got string) bool { return want == "" || want == got }
	to := r.To
	if to == 0 {
		to = math.MaxInt64
	}
	return at >= r.From && at < to && matches(r.Service, call.Service) && matches(r.Operation, call.Operation) && matches(r.Resource, call.Resource)
}

// chance is the number that decides about a call by a rule.
func (p *Plan) chance(rule uint64, call wire.Call) uint64 {
	h := mix(p.seed ^ mix(rule))
	for _, text := range []string{call.Operation, call.Resource} {
		for i := range len(text) {
			h = mix(h ^ uint64(text[i]))
		}
		h = mix(h ^ uint64(len(text))<<32)
	}
	return mix(h ^ uint64(call.Number))
}

// mix is the output function of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
