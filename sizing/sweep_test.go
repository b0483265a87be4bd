package sizing_test

import (
	"context"
	"testing"

	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/sizing"
)

func TestTheBestOfASweepHasToHoldInARun(t *testing.T) {
	for _, c := range []struct {
		name string
		void int // the runs that are void
		code int
	}{
		{"it held", 0, verdict.ExitPass},
		{"the next best held", 3, verdict.ExitInconclusive},
		{"none held", 6, verdict.ExitVoid},
	} {
		folder, err := result.Create(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		q := calibrating(t, newWorld(t, 6))
		if err := q.Scenario.Set("pipeline.aggregator.cost={wait: 1us}"); err != nil { // little enough that no subtask is used too much
			t.Fatal(err)
		}
		q.Folder = folder
		q.Ranges = &sizing.Ranges{Shards: sizing.Range{From: 8, To: 16}, Parallelism: sizing.Range{From: 4, To: 9}}
		ran := 0
		carryOut := q.Run
		q.Run = func(ctx context.Context, s *scenarios.Scenario, folder string) (result.Result, error) {
			if ran++; ran <= c.void {
				return result.Result{Verdict: verdict.Void, ExitCode: verdict.ExitVoid}, nil
			}
			r, err := carryOut(ctx, s, folder)
			r.Verdict, r.Reasons = verdict.Pass, nil
			return r, err
		}
		found, err := sizing.Size(t.Context(), q)
		if err != nil || found.ExitCode != c.code {
			t.Errorf("%s: exit code %d after %d trials, and it should be %d: %v %v", c.name, found.ExitCode, len(found.Trials), c.code, found.Reasons, err)
		}
	}
}

// In world 21, nine shards hold what ten do not: the keys fall otherwise. A range whose most does not hold has an answer all the same.
func TestARangeWhoseMostDoesNotHoldMayHaveAnAnswer(t *testing.T) {
	w := newWorld(t, 21)
	for _, set := range []string{"load.scale=3", "pipeline.aggregator.cost={wait: 1us}"} {
		if err := w.scenario.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := result.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found, err := sizing.Size(t.Context(), sizing.Config{
		Scenario: w.scenario, Load: w.load, Folder: folder, Ranges: &sizing.Ranges{Shards: sizing.Range{From: 9, To: 10}}, Headroom: sizing.Headroom{Utilisation: 0.7, CatchUp: 1},
	})
	if err != nil || found.Answer == nil || found.Answer.Shards != 9 {
		t.Errorf("%v: %+v", err, found)
	}
}
