package sizing

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/measure/verdict"
	"weir/result"
	"weir/sizing/simulator"
)

// finding is what a trial has shown.
type finding int

const (
	itDoesNotHold finding = iota
	itHolds
)

// voids is how many runs in a row may be void before the machine is given up.
const voids = 3

// try runs a configuration, and says what it shows. A void run shows nothing, and is repeated: where it stays void, or no run is left, the error is
// errBudget.
func (s *search) try(ctx context.Context, c Configuration, why string) (*result.SizingTrial, finding, error) {
	for range voids {
		if err := ctx.Err(); err != nil {
			return nil, 0, errInterrupted
		}
		if s.left <= 0 {
			return nil, 0, errBudget
		}
		s.left--
		t, err := s.trial(ctx, c, why)
		if err != nil {
			return nil, 0, err
		}
		switch t.Measured.Verdict {
		case verdict.Interrupted:
			return nil, 0, errInterrupted
		case verdict.Void:
			why = fmt.Sprintf("trial %d was void: once more", t.Number)
			continue
		}
		if t.Simulated != nil && t.Simulated.Holds != t.Measured.Holds {
			s.surprised = true
		}
		if t.Measured.Holds {
			return t, itHolds, nil
		}
		return t, itDoesNotHold, nil
	}
	return nil, 0, errBudget
}

// trial carries out one run, or takes over that of an earlier search, and writes it down.
func (s *search) trial(ctx context.Context, c Configuration, why string) (*result.SizingTrial, error) {
	t := result.SizingTrial{Number: len(s.sizing.Trials) + 1, SizingConfig: c, Why: why}
	if predicted, err := s.predictor.at(ctx, c); err == nil {
		sight := predicted.SizingSight
		t.Simulated = &sight
	} else if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if !s.recall(&t) {
		if err := s.carryOut(ctx, &t); err != nil {
			return nil, err
		}
	}
	s.calibrate(&t)
	if err := s.judgeTrial(ctx, &t); err != nil {
		return nil, err
	}
	if t.Measured.Verdict != verdict.Interrupted { // which is made anew by who resumes
		s.sizing.Trials = append(s.sizing.Trials, t)
	}
	s.conclude(verdict.Interrupted, verdict.ExitInterrupted, "the search is not over") // until it is
	if err := s.write(); err != nil {
		return nil, err
	}
	word := "does not hold"
	switch {
	case t.Measured.Verdict == verdict.Void, t.Measured.Verdict == verdict.Interrupted:
		word = "says nothing"
	case t.Measured.Holds:
		word = "holds"
	}
	s.say("trial %d: %s: %s%s", t.Number, Describe(c), word, because(&t.Measured))
	return &t, nil
}

// judgeTrial has a run not hold that passed, if by the model some part is used too much: its load came to an end before that showed.
func (s *search) judgeTrial(ctx context.Context, t *result.SizingTrial) error {
	found, err := s.predictor.at(ctx, t.SizingConfig)
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case err != nil:
		return err
	case t.Measured.Verdict == verdict.Pass:
		judgeUse(&t.Measured, found.use, ", though the run passed")
	case t.Measured.Verdict == verdict.Fail, t.Measured.Verdict == verdict.Inconclusive:
		judgeUse(&t.Measured, found.use, "")
	}
	return nil
}

// because is the first reason of a run that did not hold.
func because(s *result.SizingSight) string {
	if s.Holds || len(s.Reasons) == 0 {
		return ""
	}
	return " (" + strings.TrimPrefix(s.Reasons[0], "expectation failed: ") + ")"
}

// recall takes over the first trial of an earlier search that was of the same configuration, and no trial twice: the search may come to them in another
// order.
func (s *search) recall(t *result.SizingTrial) bool {
	i := slices.IndexFunc(s.recorded, func(earlier result.SizingTrial) bool { return earlier.SizingConfig == t.SizingConfig })
	if i < 0 {
		return false
	}
	earlier := &s.recorded[i]
	t.Measured, t.Folder, t.RecordCost = earlier.Measured, earlier.Folder, earlier.RecordCost
	s.recorded = slices.Delete(s.recorded, i, i+1)
	return true
}

// write writes down what was found until now. What an earlier search has run and this one has not come by is still known.
func (s *search) write() error {
	log := *s.sizing
	log.Trials = slices.Clone(s.sizing.Trials)
	for _, t := range s.recorded {
		t.Number = len(log.Trials) + 1
		log.Trials = append(log.Trials, t)
	}
	return s.config.Folder.WriteSizing(&log)
}

func (s *search) carryOut(ctx context.Context, t *result.SizingTrial) error {
	scenario, err := apply(s.scenario, t.SizingConfig)
	if err != nil {
		return err
	}
	s.say("trial %d: %s: %s", t.Number, Describe(t.SizingConfig), t.Why)
	t.Folder = s.freeFolder(t.Number)
	r, err := s.config.Run(ctx, scenario, filepath.Join(s.config.Folder.Path(), t.Folder))
	if err != nil {
		if ctx.Err() != nil {
			return errInterrupted
		}
		return fmt.Errorf("trial %d, %s: %w", t.Number, Describe(t.SizingConfig), err)
	}
	t.Measured = sightOf(&r)
	t.RecordCost = s.recordCost(t)
	return nil
}

// freeFolder is where the run folder of a trial goes: one that an interrupted search has begun stays.
func (s *search) freeFolder(number int) string {
	name := fmt.Sprintf("trial-%d", number)
	for again := 'b'; s.config.Folder.Has(name) && again <= 'z'; again++ {
		name = fmt.Sprintf("trial-%d%c", number, again)
	}
	return name
}

// calibrate takes what a record costs a subtask from the first run, where the scenario does not say.
func (s *search) calibrate(t *result.SizingTrial) {
	if s.calibrated || t.RecordCost == nil {
		return
	}
	s.calibrated = true
	m := s.predictor.machine
	m.Record = time.Duration(*t.RecordCost * float64(time.Microsecond)).Round(10 * time.Nanosecond)
	s.predictor.calibrate(m)
	s.model = newModel(s.model.trace, s.scenario, s.model.headroom, m, fmt.Sprintf("measured in trial %d", t.Number))
	s.sizing.Model = s.model.needs
	s.say("trial %d: a record keeps a subtask busy for %s", t.Number, m.Record)
}

// recordCost is what a record cost a subtask in a run, in microseconds, by its busy time and its records; nil where the scenario says it, or the run does not.
func (s *search) recordCost(t *result.SizingTrial) *float64 {
	if _, known := simulator.Cost(s.scenario); known || t.Measured.Verdict == verdict.Void {
		return nil
	}
	folder, err := result.Open(filepath.Join(s.config.Folder.Path(), t.Folder))
	if err != nil {
		return nil
	}
	series, err := folder.ReadSeries()
	if err != nil || series == nil {
		return nil
	}
	busy, records := busyTime(series, t.Parallelism), total(series.Column("read"))
	if busy <= 0 || records < 1000 {
		return nil
	}
	return new(math.Round(busy/records*1e8) / 100)
}

// busyTime is how many seconds the subtasks were busy, source and window subtasks together.
func busyTime(series *result.Table, parallelism int) float64 {
	sum := 0.0
	for i := range parallelism {
		for _, kind := range []string{"source", "window"} {
			sum += total(series.Column(fmt.Sprintf("%s_%d_busy", kind, i)))
		}
	}
	return sum
}

// total adds up what was observed.
func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
		}
	}
	return sum
}
