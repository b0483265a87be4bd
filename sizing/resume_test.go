package sizing_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/sizing"
)

// calibrating is the question of a world whose scenario does not say what a record costs, so that the first run tells, by its busy time.
func calibrating(t *testing.T, w *world) sizing.Config {
	t.Helper()
	cost := w.scenario.Pipeline.Aggregator.Cost
	if err := w.scenario.Set("load.scale=4"); err != nil {
		t.Fatal(err)
	}
	asked := *w.scenario
	asked.Pipeline.Aggregator.Cost = nil
	return sizing.Config{
		Scenario: &asked, Find: []scenarios.Sought{scenarios.SoughtShards, scenarios.SoughtParallelism}, Load: w.load, MaxRuns: sizing.MostRuns,
		Headroom: sizing.Headroom{Utilisation: 0.7, Restart: time.Minute, CatchUp: time.Hour},
		Run: func(_ context.Context, s *scenarios.Scenario, path string) (result.Result, error) {
			real := *s
			real.Pipeline.Aggregator.Cost = cost
			keepBusy(t, path, s.Pipeline.Aggregator.Parallelism)
			return w.live(&real)
		},
	}
}

// keepBusy writes the series of a run of a thousand records that kept a subtask busy for 15 ms each.
func keepBusy(t *testing.T, path string, parallelism int) {
	t.Helper()
	folder, err := result.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	columns, values := []string{"read"}, []float64{1000}
	for i := range parallelism {
		columns = append(columns, fmt.Sprintf("window_%d_busy", i))
		values = append(values, 15/float64(parallelism))
	}
	series, err := folder.CreateSeries(columns)
	if err == nil {
		err = series.Write(time.Second, values)
	}
	if err == nil {
		err = series.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// interruptedAt asks a question, interrupts it at a run, asks it again, and gives what the whole search finds and what the resumed one does. At that
// moment, between is called with the folder.
func interruptedAt(t *testing.T, run int, ask func() sizing.Config, between func(folder string)) (whole, resumed *result.Sizing, ran int) {
	t.Helper()
	size := func(c sizing.Config) *result.Sizing {
		found, err := sizing.Size(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	newFolder := func() *result.Folder {
		folder, err := result.Create(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return folder
	}
	c := ask()
	c.Folder = newFolder()
	whole = size(c)
	c = ask()
	c.Folder = newFolder()
	carryOut := c.Run
	c.Run = func(ctx context.Context, s *scenarios.Scenario, folder string) (result.Result, error) {
		if ran++; ran == run {
			return result.Result{Verdict: verdict.Interrupted}, nil
		}
		return carryOut(ctx, s, folder)
	}
	if first := size(c); first.ExitCode != verdict.ExitInterrupted || len(first.Trials) != run-1 {
		t.Fatalf("not interrupted in run %d: %+v", run, first)
	}
	between(c.Folder.Path())
	var err error
	if c.Previous, err = c.Folder.ReadSizing(); err != nil {
		t.Fatal(err)
	}
	return whole, size(c), ran - 1
}

func sameAnswer(t *testing.T, whole, resumed *result.Sizing, ran int) {
	t.Helper()
	if ran != len(whole.Trials) || len(resumed.Trials) != len(whole.Trials) {
		t.Errorf("%d runs were made for %d trials, and without the interruption %d", ran, len(resumed.Trials), len(whole.Trials))
	}
	if resumed.Answer == nil || whole.Answer == nil || resumed.Answer.SizingConfig != whole.Answer.SizingConfig || resumed.Verdict != whole.Verdict {
		t.Errorf("%+v, and without the interruption %+v", resumed.Answer, whole.Answer)
	}
}

func TestASearchThatHasMeasuredWhatARecordCostsGoesOnWhereItWas(t *testing.T) {
	for _, c := range []struct {
		name    string
		between func(folder string)
	}{
		{"as it was", func(string) {}},
		{"without its run folders", func(folder string) {
			if err := os.RemoveAll(filepath.Join(folder, "trial-1")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole, resumed, ran := interruptedAt(t, 3, func() sizing.Config { return calibrating(t, newWorld(t, 6)) }, c.between)
			sameAnswer(t, whole, resumed, ran)
			if of := func(s *result.Sizing) string {
				for _, n := range s.Model {
					if n.Resource == "parallelism" {
						return n.Formula
					}
				}
				return ""
			}; of(resumed) != of(whole) || !strings.Contains(of(whole), "measured in trial 1") {
				t.Errorf("the model has %q, and without the interruption %q", of(resumed), of(whole))
			}
		})
	}
}

func TestASweepGoesOnWhereItWas(t *testing.T) {
	ask := func() sizing.Config {
		c := calibrating(t, newWorld(t, 6))
		c.Ranges = &sizing.Ranges{Shards: sizing.Range{From: 2, To: 12}, Parallelism: sizing.Range{From: 1, To: 3}}
		return c
	}
	whole, resumed, ran := interruptedAt(t, 2, ask, func(string) {})
	sameAnswer(t, whole, resumed, ran)
}

// What a search has run is in its log whenever it ends, be it before it came by it again.
func TestASearchThatIsInterruptedAgainKeepsWhatItHasRun(t *testing.T) {
	folder, err := result.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := calibrating(t, newWorld(t, 6))
	c.Folder = folder
	whole, err := sizing.Size(t.Context(), c)
	if err != nil || len(whole.Trials) < 3 {
		t.Fatalf("%v: %+v", err, whole)
	}
	if c.Previous, err = folder.ReadSizing(); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if found, err := sizing.Size(ctx, c); err != nil || found.ExitCode != verdict.ExitInterrupted {
		t.Fatalf("%v: %+v", err, found)
	}
	kept, err := folder.ReadSizing()
	if err != nil || len(kept.Trials) != len(whole.Trials) {
		t.Errorf("%v: %d trials are left of %d", err, len(kept.Trials), len(whole.Trials))
	}
}
