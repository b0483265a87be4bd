package regression

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/measure/verdict"
	"weir/result"
)

// script is a pairing whose runs come out as it says, one letter a run: p is a pass, f a fail, v void, i interrupted, e an error, ! one that is not to be had.
func script(outcomes string, pairs int, sides ...string) (*Pairing, *[]string) {
	var turns []string
	return &Pairing{Sides: sides, Pairs: pairs, Run: func(_ context.Context, turn Turn) (Run, error) {
		name := fmt.Sprintf("%d%s%d", turn.Pair, turn.Side, turn.Try)
		outcome := outcomes[min(len(turns), len(outcomes)-1)]
		turns = append(turns, name)
		run := Run{Folder: name, Result: &result.Result{Reasons: []string{"because"}}}
		switch outcome {
		case '!':
			return Run{}, errors.New("no endpoint")
		case 'e':
			run.Result.Verdict = verdict.Error
			return run, nil
		}
		run.Result.Verdict = map[byte]string{'p': verdict.Pass, 'f': verdict.Fail, 'v': verdict.Void, 'i': verdict.Interrupted}[outcome]
		return run, nil
	}}, &turns
}

func folders(runs []Run) (names []string) {
	for i := range runs {
		names = append(names, runs[i].Folder)
	}
	return names
}

func TestPairsAreMadeABBA(t *testing.T) {
	p, turns := script("p", 4, SideA, SideB)
	made, err := p.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"1a1", "1b1", "2b1", "2a1", "3a1", "3b1", "4b1", "4a1"}, *turns); d != "" {
		t.Error(d)
	}
	if len(made.A) != 4 || len(made.B) != 4 || len(made.Runs) != 8 || made.Void != "" || made.Interrupted {
		t.Errorf("%+v", made)
	}
}

func TestAVoidRunIsMadeAgainAtOnceAndNotCounted(t *testing.T) {
	p, turns := script("pvvfp", 1, SideA, SideB)
	made, err := p.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"1a1", "1b1", "1b2", "1b3"}, *turns); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([][]string{{"1a1"}, {"1b3"}}, [][]string{folders(made.A), folders(made.B)}); d != "" {
		t.Error(d)
	}
	var counted []bool
	for _, run := range made.Runs {
		counted = append(counted, run.Counted)
	}
	if d := cmp.Diff([]bool{true, false, false, true}, counted); d != "" {
		t.Error(d)
	}
}

func TestAMachineThatMakesEveryRunVoidIsNotTriedForEver(t *testing.T) {
	p, turns := script("v", 10, SideA, SideB)
	made, err := p.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(*turns) != 21 || !strings.HasPrefix(made.Void, "void: 21 of the 21 runs that were made are, as 1a21: because") {
		t.Errorf("%d runs, %q", len(*turns), made.Void)
	}
}

func TestWhatIsCompleteIsKept(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		outcomes    string
		ctx         context.Context
		complete    int
		counted     int
		interrupted bool
		failed      string
	}{
		"interrupted in its second pair": {outcomes: "pppi", ctx: t.Context(), complete: 1, counted: 2, interrupted: true},
		"interrupted before it began":    {outcomes: "p", ctx: cancelled, interrupted: true},
		"broken in its third pair":       {outcomes: "ppppe", ctx: t.Context(), complete: 2, counted: 4, failed: "run a of pair 3: because"},
		"nothing could be made":          {outcomes: "!", ctx: t.Context(), failed: "run a of pair 1: no endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := script(test.outcomes, 5, SideA, SideB)
			made, err := p.Make(test.ctx)
			if test.failed == "" && err != nil || test.failed != "" && (err == nil || err.Error() != test.failed) {
				t.Errorf("error %v, want %q", err, test.failed)
			}
			counted := 0
			for _, run := range made.Runs {
				if run.Counted {
					counted++
				}
			}
			if len(made.A) != test.complete || len(made.B) != test.complete || counted != test.counted || made.Interrupted != test.interrupted {
				t.Errorf("%d and %d complete, %d counted, interrupted %v", len(made.A), len(made.B), counted, made.Interrupted)
			}
		})
	}
}

func TestOneSideAloneIsMadeInARow(t *testing.T) {
	p, turns := script("p", 3, SideB)
	made, err := p.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"1b1", "2b1", "3b1"}, *turns); d != "" || len(made.A) != 0 || len(made.B) != 3 {
		t.Errorf("%s %+v", d, made)
	}
}
