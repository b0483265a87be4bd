package harness_test

import (
	"strings"
	"testing"

	"weir/internal/localaws"
	"weir/measure/verdict"
	"weir/scenarios"
)

// generated is the shipped smoke test, cut to a few seconds.
func generated(t *testing.T, changes ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Shipped("smoke", func(s *scenarios.Scenario) error {
		for _, change := range changes {
			if err := s.Set(change); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnExpectationThatIsBrokenEndsTheRunAtOnce(t *testing.T) {
	s := generated(t, "expect=[abort unless acked <= 100]", "load.rate=[{shape: hold, at: 200/s, for: 1m}]")
	o, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &o.Result
	checkBooks(t, &r.Records)
	if r.Records.Offered < 100 || r.Records.Offered > 5000 {
		t.Errorf("%d of 12,000 records were offered", r.Records.Offered)
	}
	if !strings.Contains(strings.Join(r.Reasons, "\n"), "aborted: abort unless acked <= 100") || r.Verdict == verdict.Interrupted || r.Verdict == verdict.Pass {
		t.Errorf("%s: %q", r.Verdict, r.Reasons)
	}
}

func TestAPhaseHasItsOwnFigures(t *testing.T) {
	s := generated(t, "load.rate=[{shape: hold, name: low, at: 50/s, for: 2s}, {shape: hold, name: high, at: 500/s, for: 2s}]",
		"expect=[offered == 1000 during high, acked.count == 100 during low, rows.by_kind.order > 0]")
	o, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Result.Phases) != 2 || o.Result.Phases[1].Latency["acked"].Count != 1000 || o.Result.Phases[0].Latency["acked"].Count != 100 {
		t.Errorf("%+v", o.Result.Phases)
	}
	for _, e := range o.Result.Expectations {
		if strings.Contains(e.Text, "acked.count") && e.Verdict != verdict.Pass {
			t.Errorf("%+v", e)
		}
	}
}
