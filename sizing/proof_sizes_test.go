package sizing_test

import (
	"context"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/queueing/worlds"
	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/sizing"
	"weir/sizing/trace"
)

// One world of each number that is looked for; that of the output's shards has most to do, for their limit is a thousand rows a second.
func TestTheLeastThatHoldsIsFound(t *testing.T) { leastOf(t, 2) }

func TestProveTheLeastThatHoldsIsFound(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("1,000 worlds: make prove runs them")
	}
	leastOf(t, 1000)
}

// leastOf has the least number found of so many worlds whose truth is sure: shards, subtasks, shards of the output or write units. It is never one too few, and the
// truth itself in 99 of 100.
func leastOf(t *testing.T, n int) {
	var exact, of, unsure atomic.Int64
	each(0, n, func(seed uint64) {
		w, err := worlds.NewSized(seed)
		if err != nil {
			t.Error(err)
			return
		}
		truth, sure, err := w.Least(0.03)
		if err != nil {
			t.Error(err)
			return
		}
		if !sure {
			unsure.Add(1)
			return
		}
		of.Add(1)
		runs := 0
		found := sizeOf(t, w, func(_ context.Context, s *scenarios.Scenario, _ string) (result.Result, error) {
			runs++
			return modelled(w, s)
		})
		switch got := sought(w, found); {
		case found.Answer == nil:
			t.Logf("%s has no answer, and %d hold: %v", w.Scenario.Name, truth, found.Reasons)
		case got < truth:
			t.Errorf("%s: %d are too few, for %d are the least: %s, %v", w.Scenario.Name, got, truth, found.Answer.Sure, found.Answer.Evidence)
		case got > truth:
			t.Logf("%s: %d are more than the least, which is %d: %s, %v", w.Scenario.Name, got, truth, found.Answer.Sure, found.Answer.Evidence)
		default:
			exact.Add(1)
			if found.Answer.Sure != sizing.Confirmed {
				t.Logf("%s: %d are right, and %s after %d runs: %v", w.Scenario.Name, got, found.Answer.Sure, runs, found.Answer.Evidence)
			}
		}
	})
	t.Logf("%d of %d answers are the least that holds; %d worlds more had no sure truth", exact.Load(), of.Load(), unsure.Load())
	if exact.Load()*100 < 99*of.Load() || of.Load() == 0 {
		t.Errorf("%d of %d are right, and 99 in 100 have to be", exact.Load(), of.Load())
	}
}

// sizeOf asks for the least of a world.
func sizeOf(t *testing.T, w *worlds.Sized, run sizing.Run) *result.Sizing {
	t.Helper()
	folder, err := result.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found, err := sizing.Size(t.Context(), sizing.Config{
		Scenario: w.Scenario, Find: []scenarios.Sought{w.Find}, Folder: folder, MaxRuns: sizing.MostRuns, Headroom: sizing.Headroom{Utilisation: 0.7, Restart: time.Minute, CatchUp: time.Hour},
		Load: func(_ context.Context, s *scenarios.Scenario) (*trace.Trace, error) { return trace.Of(s) }, Run: run,
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Real runs, in virtual time, confirm the same.
func TestProveRealRunsConfirmTheLeastThatHolds(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("searches with real runs: make prove runs them")
	}
	for seed := range uint64(12) {
		w, err := worlds.NewSized(seed)
		if err != nil {
			t.Fatal(err)
		}
		truth, sure, err := w.Least(0.2) // shards are read in turn, so that some records are older than they would be in one queue
		if err != nil {
			t.Fatal(err)
		}
		if !sure {
			continue
		}
		found := sizeOf(t, w, func(_ context.Context, s *scenarios.Scenario, _ string) (result.Result, error) {
			r, _ := virtualRun(t, s)
			return r, nil
		})
		got := sought(w, found)
		t.Logf("%s: %d after %d runs, %d by the model", w.Scenario.Name, got, len(found.Trials), truth)
		if got != truth || found.Answer.Sure != sizing.Confirmed {
			t.Errorf("%s: %d (%v), and the truth is %d", w.Scenario.Name, got, found.Reasons, truth)
			for i := range found.Trials {
				t.Logf("  %+v", found.Trials[i])
			}
		}
	}
}

func sought(w *worlds.Sized, found *result.Sizing) int {
	if found.Answer == nil {
		return 0
	}
	switch w.Find {
	case scenarios.SoughtShards:
		return found.Answer.Shards
	case scenarios.SoughtParallelism:
		return found.Answer.Parallelism
	case scenarios.SoughtOutput:
		return found.Answer.OutputShards
	}
	return found.Answer.WriteCapacity
}

// modelled is the result of a run of the model: what it has of backlogs, and what it expects of them.
func modelled(w *worlds.Sized, s *scenarios.Scenario) (result.Result, error) {
	late := worlds.Slack{Write: 10 * time.Millisecond, Poll: time.Duration(s.Pipeline.Aggregator.Poll) / 2}
	if s.Pipeline.Output != nil {
		late.OutputPoll = time.Duration(s.Pipeline.Output.Poll) / 2
	}
	p := w.Passage(s, time.Unix(1_600_000_000, 0), late)
	r := result.Result{Verdict: verdict.Pass, Seconds: w.Hold[1].Seconds(), Latency: map[string]result.Latency{}, Backlog: map[string]result.Backlog{}}
	ends := time.Duration(0)
	for place, items := range map[string]worlds.Items{result.InputBacklog: p.Input, result.OutputBacklog: p.Output, result.TableBacklog: p.Table} {
		if items == nil {
			continue
		}
		most := items.Backlog().Most(0, worlds.Ever)
		r.Backlog[place] = result.Backlog{Waited: result.Waited{MaxRecords: most.Records, MaxSeconds: new(most.Age.Seconds())}}
		ends = max(ends, items.Last())
	}
	r.DrainedInMS = new(float64((ends - w.Hold[1]).Milliseconds()))
	if ends-w.Hold[1] > time.Duration(s.DrainLimit) {
		r.Verdict, r.Reasons, r.DrainedInMS = verdict.Fail, []string{"the drain was not over"}, nil
	}
	perMinute := float64(len(p.Input)) / w.Hold[1].Minutes()
	r.Rate = result.Rate{Offered: new(perMinute), Achieved: new(perMinute)}
	expectations, err := s.Expectations()
	if err != nil {
		return r, err
	}
	r.Expectations = verdict.JudgeAll(expectations, &r)
	for _, e := range r.Expectations {
		if e.Verdict != verdict.Pass {
			r.Verdict, r.Reasons = verdict.Fail, append(r.Reasons, "expectation failed: "+e.Text)
		}
	}
	return r, nil
}
