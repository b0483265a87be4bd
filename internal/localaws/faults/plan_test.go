package faults

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/localaws/wire"
)

func calls(p *Plan, call wire.Call, n int) (hit int) {
	for i := range n {
		call.Number = int64(i + 1)
		if p.Decide(call) != (wire.Action{}) {
			hit++
		}
	}
	return hit
}

var put = wire.Call{Service: "kinesis", Operation: "PutRecords", Resource: "orders"}

func TestARuleHoldsForItsShareAndItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(1, time.Now().Add(time.Hour), Rule{Service: "kinesis", Operation: "PutRecords", Resource: "orders", From: time.Second, To: 3 * time.Second, Share: 0.2, Action: wire.Action{Kind: wire.DropAfter}})
		const n = 10_000
		check := func(when string, want int) {
			t.Helper()
			if got := calls(p, put, n); math.Abs(float64(got-want)) > 150 || want == 0 && got != 0 {
				t.Errorf("%s: %d of %d calls, want some %d", when, got, n, want)
			}
		}
		check("before the start", 0)
		time.Sleep(time.Hour)
		check("at once", 0)
		time.Sleep(time.Second)
		check("from its time on", 2000)
		time.Sleep(2*time.Second - 1)
		check("to its end", 2000)
		time.Sleep(time.Nanosecond)
		check("after its end", 0)
	})
}

func TestARuleWithoutAnEndHoldsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(1, time.Now(), Rule{Share: 1, Action: wire.Action{Kind: wire.Break}})
		time.Sleep(1000 * time.Hour)
		if got := calls(p, put, 100); got != 100 {
			t.Errorf("%d of 100 calls", got)
		}
	})
}

func TestARuleIsForWhatItNames(t *testing.T) {
	for _, rule := range []Rule{{Service: "dynamodb"}, {Operation: "GetRecords"}, {Resource: "rows"}} {
		rule.Share, rule.Action.Kind = 1, wire.Refuse
		p := New(1, time.Now(), rule)
		if calls(p, put, 10) != 0 {
			t.Errorf("%+v is for %+v", rule, put)
		}
	}
}

func TestTheFirstRuleThatHitsHolds(t *testing.T) {
	p := New(1, time.Now(), Rule{Share: 0.5, Action: wire.Action{Kind: wire.Break}}, Rule{Share: 1, Action: wire.Action{Kind: wire.DropAfter}})
	kinds := make(map[wire.FaultKind]int)
	for i := range 1000 {
		call := put
		call.Number = int64(i)
		kinds[p.Decide(call).Kind]++
	}
	if n := kinds[wire.Break]; n < 430 || n > 570 || kinds[wire.DropAfter] != 1000-n {
		t.Errorf("%v", kinds)
	}
}

func TestTwoRunsThatMakeTheSameCallsSeeTheSameFaults(t *testing.T) {
	rule := Rule{Share: 0.3, Action: wire.Action{Kind: wire.Partial, Share: 0.5}}
	run := func(seed uint64) (actions [200]wire.Action) {
		p := New(seed, time.Now(), rule)
		for i := range actions {
			call := put
			call.Number = int64(i)
			actions[i] = p.Decide(call)
		}
		return actions
	}
	if run(7) != run(7) {
		t.Error("two runs of one seed differ")
	}
	if run(7) == run(8) {
		t.Error("runs of two seeds are alike")
	}
}
