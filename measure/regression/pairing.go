package regression

import (
	"context"
	"fmt"

	"weir/measure/verdict"
	"weir/result"
)

// The sides of a comparison.
const (
	SideA = "a"
	SideB = "b"
)

// Turn is a run that is to be made.
type Turn struct {
	Side string
	// Pair is the number of its pair, from 1, and Try counts from 1 how often the run is made: a void one is made again.
	Pair, Try int
}

// fewestRepeats is how many void runs may be made again however few are wanted.
const fewestRepeats = 4

// Pairing makes runs in pairs.
type Pairing struct {
	// Sides are those of which runs are made: both, or, against a baseline, only B.
	Sides []string
	Pairs int
	// Run makes a run. Its error says that it could not be made, or that it broke.
	Run func(ctx context.Context, turn Turn) (Run, error)
}

// Made is what came of a pairing.
type Made struct {
	// A and B are the runs that count: of complete pairs alone.
	A, B []Run
	// Runs are all of them, in their order.
	Runs []result.ComparedRun
	// Void says that the machine let no run count; empty where it did.
	Void        string
	Interrupted bool

	repeats int // that are left
}

// Make makes the runs, A B B A, until all pairs are complete, a run is interrupted or breaks, or ctx ends. What is complete by then is in what it returns,
// with an error and without.
func (p *Pairing) Make(ctx context.Context) (Made, error) {
	made := Made{repeats: max(fewestRepeats, len(p.Sides)*p.Pairs)}
	for pair := 1; pair <= p.Pairs; pair++ {
		runs := make(map[string]Run, len(p.Sides))
		for i := range p.Sides {
			side := p.Sides[i]
			if pair%2 == 0 {
				side = p.Sides[len(p.Sides)-1-i]
			}
			run, err := p.counting(ctx, &made, side, pair)
			if err != nil || run == nil {
				made.forget(pair)
				return made, err
			}
			runs[side] = *run
		}
		made.keep(runs)
	}
	return made, nil
}

// counting makes a run until it is not void, but no more void ones in all than there are to be runs: a machine that does so badly says nothing. It is nil where there is none that counts.
func (p *Pairing) counting(ctx context.Context, made *Made, side string, pair int) (*Run, error) {
	for try := 1; ; try++ {
		if ctx.Err() != nil {
			made.Interrupted = true
			return nil, nil
		}
		run, err := p.Run(ctx, Turn{Side: side, Pair: pair, Try: try})
		entry := result.ComparedRun{Side: side, Pair: pair, Folder: run.Folder, Verdict: verdict.Error}
		if run.Result != nil {
			entry.Verdict = run.Result.Verdict
			entry.Counted = err == nil && Counts(run.Result)
			made.Runs = append(made.Runs, entry)
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("run %s of pair %d: %w", side, pair, err)
		case entry.Counted:
			return &run, nil
		case entry.Verdict == verdict.Interrupted:
			made.Interrupted = true
			return nil, nil
		case entry.Verdict != verdict.Void:
			return nil, fmt.Errorf("run %s of pair %d: %s", side, pair, firstReason(&run))
		case made.repeats == 0:
			made.Void = fmt.Sprintf("void: %d of the %d runs that were made are, as %s: %s", made.voids(), len(made.Runs), run.Folder, firstReason(&run))
			return nil, nil
		}
		made.repeats--
	}
}

// Counts says that a run's figures are those of its pipeline and of a whole run: it is neither void nor interrupted, and did not break.
func Counts(r *result.Result) bool {
	return r.Verdict == verdict.Pass || r.Verdict == verdict.Fail || r.Verdict == verdict.Inconclusive || r.Verdict == verdict.Regressed
}

func (m *Made) voids() (n int) {
	for i := range m.Runs {
		if m.Runs[i].Verdict == verdict.Void {
			n++
		}
	}
	return n
}

// Facts are what a comparison is decided from, where err is what [Pairing.Make] returned.
func (m *Made) Facts(err error) Facts {
	f := Facts{A: m.A, B: m.B, Void: m.Void, Interrupted: m.Interrupted}
	if err != nil {
		f.Err = err.Error()
	}
	return f
}

func (m *Made) keep(runs map[string]Run) {
	if run, ok := runs[SideA]; ok {
		m.A = append(m.A, run)
	}
	if run, ok := runs[SideB]; ok {
		m.B = append(m.B, run)
	}
}

// forget counts no run of a pair that is not complete.
func (m *Made) forget(pair int) {
	for i := range m.Runs {
		if m.Runs[i].Pair == pair {
			m.Runs[i].Counted = false
		}
	}
}
