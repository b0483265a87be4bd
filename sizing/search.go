package sizing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
)

// errInterrupted ends a search that the user has interrupted, errBudget one that has no runs left.
var (
	errInterrupted = errors.New("interrupted")
	errBudget      = errors.New("no runs are left")
)

// search is one search: what it was asked, and what it has found.
type search struct {
	config    *Config
	scenario  *scenarios.Scenario
	predictor *predictor
	knobs     []knob
	model     *model
	sizing    *result.Sizing
	// recorded are the trials of an earlier search that were not taken over yet. They stay in the log, behind those of this one.
	recorded []result.SizingTrial
	// left is how many runs the number that is looked for may still take.
	left int
	// surprised says that a run came out otherwise than it was simulated, calibrated that a run has told what a record costs.
	surprised, calibrated bool
	// cramped are the numbers that no headroom is had by.
	cramped []string
}

func newSearch(c *Config) *search {
	s := &search{config: c, scenario: c.Scenario, predictor: newPredictor(c.Scenario, c.Load), knobs: sought(c.Scenario, c.Find)}
	s.sizing = &result.Sizing{Version: result.SizingVersion, Weir: c.Version, Scenario: c.Scenario.Name, Target: c.Target, Started: time.Now()}
	for _, what := range c.Find {
		s.sizing.Find = append(s.sizing.Find, string(what))
	}
	if c.Previous != nil {
		s.recorded, s.sizing.Started, s.sizing.Seconds = c.Previous.Trials, c.Previous.Started, c.Previous.Seconds
	}
	return s
}

// forLoad says that the load is looked for.
func (s *search) forLoad() bool { return len(s.knobs) == 0 }

// say tells what goes on.
func (s *search) say(format string, args ...any) {
	if s.config.Say != nil {
		s.config.Say(format, args...)
	}
}

// answer asks the model, the simulation and the runs.
func (s *search) answer(ctx context.Context) error {
	from := configurationOf(s.scenario)
	s.say("reading the load")
	t, err := s.predictor.trace(ctx, 1)
	if err != nil {
		return err
	}
	if len(t.Records) == 0 {
		return mistake("", "the load has no records")
	}
	s.model = newModel(t, s.scenario, s.config.Headroom, s.predictor.machine, "as simulated")
	s.sizing.Demand, s.sizing.Model = s.model.demand, s.model.needs
	if s.config.Ranges != nil {
		return s.sweep(ctx, from)
	}
	s.say("simulating")
	best, err := s.simulated(ctx, from)
	if errors.Is(err, errNothing) {
		return s.nothing(ctx, best)
	}
	if err != nil {
		return err
	}
	if err := s.plan(ctx, best, len(s.knobs)); err != nil {
		return err
	}
	if s.config.MaxRuns == 0 {
		return s.settle(ctx, best, Simulated, "a simulation of it holds, and no run was to be made")
	}
	if s.forLoad() {
		return s.mostLoad(ctx, best)
	}
	return s.leastConfiguration(ctx, best)
}

// simulated is the answer of the simulation.
func (s *search) simulated(ctx context.Context, from Configuration) (Configuration, error) {
	if !s.forLoad() {
		return s.predictor.least(ctx, from, s.knobs, s.model)
	}
	load, err := s.predictor.capacity(ctx, from, s.model)
	from.Load = load
	return from, err
}

// How sure an answer is.
const (
	// Confirmed: a run of it held, and one with less of anything that was looked for, or with more load, did not.
	Confirmed = "confirmed"
	// Held: a run of it held, and nobody knows whether less would.
	Held = "held"
	// Simulated: no run has shown it.
	Simulated = "simulated"
)

// plan says what the search will take, before it runs anything.
func (s *search) plan(ctx context.Context, best Configuration, numbers int) error {
	found, err := s.predictor.at(ctx, best)
	if err != nil {
		return err
	}
	const around = 6 // seconds, for what is made, proved and removed
	p := result.SizingPlan{RunSeconds: math.Ceil(found.Seconds + around), Likely: 1 + numbers, Most: max(1, numbers) * s.config.MaxRuns}
	switch {
	case s.sizing.Sweep != nil:
		best := len(s.sizing.Sweep.Best)
		p.Likely, p.Most = best, best*min(voids, s.config.MaxRuns)
	case s.forLoad():
		p.Likely = 3
	}
	if s.config.MaxRuns == 0 {
		p.Likely, p.Most = 0, 0
	}
	p.Likely = min(p.Likely, p.Most)
	s.sizing.Plan = p
	minutes := func(runs int) string {
		return time.Duration(float64(runs) * p.RunSeconds * float64(time.Second)).Round(time.Second).String()
	}
	s.say("simulated %s: %s", plural(s.predictor.simulated, "configuration"), Describe(best))
	if p.Most == 0 {
		s.say("no run will be made: the answer is the simulation's")
		return nil
	}
	s.say("likely %s of %s, in %s; at most %s, in %s", plural(p.Likely, "run"), seconds(p.RunSeconds), minutes(p.Likely), plural(p.Most, "run"), minutes(p.Most))
	return nil
}

// leastConfiguration has runs try the simulation's answer, then one step less of each number.
func (s *search) leastConfiguration(ctx context.Context, best Configuration) error {
	s.left = s.config.MaxRuns
	best, err := s.firstThatHolds(ctx, best)
	if errors.Is(err, errBudget) {
		return s.unsettled(ctx, best)
	}
	if err != nil {
		return err
	}
	spent := s.config.MaxRuns - s.left
	var evidence []string
	sure := Confirmed
	for i := range s.knobs {
		s.left = s.config.MaxRuns - spent
		said, closed, err := s.less(ctx, &best, &s.knobs[i])
		if err != nil {
			return err
		}
		evidence = append(evidence, said)
		if !closed {
			sure = Held
		}
	}
	evidence = append([]string{s.itHeld(&best)}, evidence...)
	return s.settle(ctx, best, sure, evidence...)
}

// firstThatHolds raises what binds until a run holds.
func (s *search) firstThatHolds(ctx context.Context, c Configuration) (Configuration, error) {
	why, step := "the simulation's answer", 1
	for {
		t, what, err := s.try(ctx, c, why)
		if err != nil {
			return c, err
		}
		if what == itHolds {
			return c, nil
		}
		k := s.binding(ctx, c, t)
		n := k.of(&c)
		more := *n + step
		if k.what == scenarios.SoughtTable {
			more = int(math.Ceil(float64(*n) * math.Pow(1+resolution, float64(step))))
		}
		if more > k.most {
			return c, errBudget
		}
		why = fmt.Sprintf("%s did not hold: more of what binds, %s", k.count(*n), k.many)
		*n, step = more, step*2
	}
}

// binding is the number whose part of the pipeline was the busiest in a run that did not hold.
func (s *search) binding(ctx context.Context, c Configuration, t *result.SizingTrial) *knob {
	busiest, share := &s.knobs[0], -1.0
	found, err := s.predictor.at(ctx, c)
	if err != nil {
		return busiest
	}
	for _, u := range slices.Backward(usesOf(found.use)) { // the busiest comes last, and stays
		for i := range s.knobs {
			if s.knobs[i].what == u.what {
				busiest, share = &s.knobs[i], u.PeakShare
			}
		}
	}
	for i := range s.knobs { // a stream that throttles says so itself
		if s.knobs[i].what == scenarios.SoughtShards && t.Measured.Throttled > 0 && share < 1 {
			return &s.knobs[i]
		}
	}
	return busiest
}

// less tries less of one number, of a configuration that holds, until it does not hold. It says what was seen, and whether the edge is closed.
func (s *search) less(ctx context.Context, best *Configuration, k *knob) (said string, closed bool, err error) {
	n := *k.of(best)
	if n == 1 {
		return k.count(1) + " is the least there is", true, nil
	}
	// The ladder goes down from what holds, by one or by 3 %.
	rungs := []int{n}
	for at := n; at > 1; {
		at = max(1, k.less(at))
		rungs = append(rungs, at)
	}
	b := newBracket(0, len(rungs)-1)
	b.note(0, true)
	with := func(rung int) Configuration {
		c := *best
		*k.of(&c) = rungs[rung]
		return c
	}
	for {
		rung, ok := b.next(1, nil)
		if !ok {
			break
		}
		why := fmt.Sprintf("less: would %s do?", k.count(rungs[rung]))
		_, what, err := s.try(ctx, with(rung), why)
		if errors.Is(err, errBudget) {
			break
		}
		if err != nil {
			return "", false, err
		}
		b.note(rung, what == itHolds)
	}
	*best = with(b.held)
	if !b.closed() {
		return fmt.Sprintf("whether less than %s would do was not found out in %d runs", k.count(rungs[b.held]), s.config.MaxRuns), false, nil
	}
	if b.held == b.hardest {
		return k.count(rungs[b.held]) + " is the least there is", true, nil
	}
	below := rungs[b.held+1]
	if err := s.luckier(ctx, best, k); err != nil {
		return "", false, err
	}
	if found := *k.of(best); found < below {
		return fmt.Sprintf("a run with %s did not hold, but one with %s, in which the keys fall better", k.count(below), k.count(found)), true, nil
	}
	return fmt.Sprintf("a run with %s did not hold", k.count(below)), true, nil
}

// luckier tries fewer shards yet in which the keys fall better, by simulation, than in one shard less, which did not hold.
func (s *search) luckier(ctx context.Context, best *Configuration, k *knob) error {
	const about, most = 1.5, 3
	edge := *k.of(best)
	fewer, err := s.predictor.fewer(ctx, best, k, edge, about)
	if err != nil || len(fewer) == 0 {
		return err
	}
	acked := func(n int) (float64, error) {
		c := *best
		*k.of(&c) = n
		found, err := s.predictor.at(ctx, c)
		if err != nil {
			return 0, err
		}
		return found.result.Latency["acked"].P99, nil
	}
	below, err := acked(edge - 1)
	if err != nil {
		return err
	}
	tried := 0
	for _, n := range fewer {
		late, err := acked(n)
		if err != nil {
			return err
		}
		if late >= below || tried == most {
			continue
		}
		tried++
		c := *best
		*k.of(&c) = n
		_, what, err := s.try(ctx, c, "fewer yet: the keys fall better into "+k.count(n))
		switch {
		case errors.Is(err, errBudget):
			return nil
		case err != nil:
			return err
		case what == itHolds:
			*best = c
			return nil
		}
	}
	return nil
}

// mostLoad has runs close in on the most load that holds, to 3 %.
func (s *search) mostLoad(ctx context.Context, guess Configuration) error {
	s.left = s.config.MaxRuns
	// The simulation's answer is between the first two rungs: one below it, one above.
	base := guess.Load / math.Sqrt(1+resolution)
	value := func(rung int) float64 { return base * math.Pow(1+resolution, float64(rung)) }
	const ends = 200
	b := newBracket(-ends, ends)
	at := func(rung int) Configuration {
		c := guess
		c.Load = round(value(rung))
		return c
	}
	var hint *int
	why := "just below the simulation's answer"
	for {
		rung, ok := b.next(0, hint)
		if !ok {
			break
		}
		t, what, err := s.try(ctx, at(rung), why)
		if errors.Is(err, errBudget) {
			break
		}
		if err != nil {
			return err
		}
		b.note(rung, what == itHolds)
		hint, why = s.suggestion(t, what, rung)
	}
	if !b.hasHeld {
		return s.unsettled(ctx, guess)
	}
	answer := at(b.held)
	evidence := []string{s.itHeld(&answer)}
	if b.missed {
		evidence = append(evidence, fmt.Sprintf("a run with %.3g times the load did not", round(value(b.failed))))
	}
	sure := Held
	if b.closed() {
		sure = Confirmed
	}
	if s.surprised && s.left > 0 {
		said, holds, err := s.confirm(ctx, at(b.held))
		if err != nil {
			return err
		}
		evidence = append(evidence, said)
		if !holds {
			b.note(b.held, false)
			b.held, b.hasHeld = b.held-1, true
			sure = Simulated
			evidence = append(evidence, "so the answer is one step below, which no run has tried")
		}
	}
	return s.settle(ctx, at(b.held), sure, evidence...)
}

// suggestion is where the edge may be by what a run got through that did not hold, and why it is tried there.
func (s *search) suggestion(t *result.SizingTrial, what finding, rung int) (hint *int, why string) {
	if what == itHolds {
		return nil, "it held: more"
	}
	if share := gotThrough(&t.Measured, s.sizing.Demand.Seconds); share < 1/(1+resolution) {
		return new(rung + int(math.Floor(math.Log(share)/math.Log(1+resolution)))), fmt.Sprintf("it did not hold, and got through %.0f %% in its time: as much of it", 100*share)
	}
	return nil, "it did not hold: less"
}

// gotThrough is the share of a load that a run got through in the time in which it came.
func gotThrough(s *result.SizingSight, feed float64) float64 {
	share := 1.0
	if s.Offered > 0 && s.Achieved > 0 {
		share = min(share, s.Achieved/s.Offered)
	}
	if in := s.DrainedIn; in != nil {
		share = min(share, feed/(feed+max(0, *in)/1000))
	}
	return share
}

// confirm runs the answer once more, for a run came out otherwise than it was simulated.
func (s *search) confirm(ctx context.Context, c Configuration) (said string, holds bool, err error) {
	_, what, err := s.try(ctx, c, "the answer once more, for a run came out otherwise than simulated")
	switch {
	case errors.Is(err, errBudget):
		return "no run was left to try it once more", true, nil
	case err != nil:
		return "", false, err
	case what == itHolds:
		return "so did a further one", true, nil
	}
	return "a further run of it did not hold", false, nil
}

// round keeps four digits of a factor.
func round(x float64) float64 {
	digits := math.Pow(10, 3-math.Floor(math.Log10(x)))
	return math.Round(x*digits) / digits
}

// conclude says how the search ended.
func (s *search) conclude(word string, code int, reasons ...string) {
	s.sizing.Verdict, s.sizing.ExitCode, s.sizing.Reasons = word, code, reasons
}

// unsettled says that the runs did not come to an answer: the simulation's stands, and is not confirmed.
func (s *search) unsettled(ctx context.Context, best Configuration) error {
	void := len(s.sizing.Trials) > 0
	for i := range s.sizing.Trials {
		void = void && s.sizing.Trials[i].Measured.Verdict == verdict.Void
	}
	if err := s.settle(ctx, best, Simulated, fmt.Sprintf("no run of it has held, in %s", plural(len(s.sizing.Trials), "run"))); err != nil {
		return err
	}
	if void {
		s.conclude(verdict.Void, verdict.ExitVoid, "void: this machine was too busy for every run, so that only the model and the simulation have answered")
		return nil
	}
	s.conclude(verdict.Inconclusive, verdict.ExitInconclusive, "inconclusive: no run has held by the time that none was left")
	return nil
}

// settle writes the answer down, with what follows from it.
func (s *search) settle(ctx context.Context, c Configuration, sure string, evidence ...string) error {
	found, err := s.predictor.at(ctx, c)
	if err != nil {
		return err
	}
	rate := float64(s.model.demand.Records) / max(s.model.demand.Seconds, 1e-3) * 60 * c.Load
	t, err := s.predictor.trace(ctx, c.Load)
	if err != nil {
		return err
	}
	s.sizing.Answer = &result.SizingAnswer{
		SizingConfig: c, RecordsPerMinute: rate, Sure: sure, Evidence: evidence, Use: found.Use, FeedSeconds: t.For.Seconds(), TrendJudged: s.judged(&c, found),
	}
	if !s.forLoad() {
		s.sizing.Answer.WithHeadroom = s.withHeadroom(c)
	}
	s.sizing.Advice = s.advise(c, found)
	if err := s.price(ctx, c); err != nil {
		return err
	}
	switch {
	case sure == Confirmed, s.config.MaxRuns == 0:
		s.conclude(verdict.Pass, verdict.ExitPass)
	default:
		s.conclude(verdict.Inconclusive, verdict.ExitInconclusive, "inconclusive: the answer is "+sure+", and not confirmed")
	}
	return nil
}

// withHeadroom is the answer with what the model advises on top.
func (s *search) withHeadroom(c Configuration) *Configuration {
	s.cramped = nil
	for i := range s.knobs {
		k, ok := &s.knobs[i], false
		n := k.of(&c)
		*n = min(max(*n, s.model.least(k.what, true)), k.most)
		if *n, ok = s.model.roomy(k.what, *n); !ok {
			s.cramped = append(s.cramped, fmt.Sprintf("No number of %s gives that room: a key has too much to do in one of them.", k.many))
		}
	}
	return &c
}

// nothing says why nothing holds the load.
func (s *search) nothing(ctx context.Context, most Configuration) error {
	found, err := s.predictor.at(ctx, most)
	if err != nil {
		return err
	}
	var reasons []string
	if u := stuck(found.use, s.knobs); u != nil {
		reasons = append(reasons, fmt.Sprintf("the limit is %s, and no number that was looked for changes it: use %s", u.Part, u.change))
	}
	for _, need := range s.model.impossible() {
		reasons = append(reasons, need.Resource+": "+need.Formula)
	}
	for _, why := range found.Reasons {
		reasons = append(reasons, "simulated with "+Describe(most)+": "+why)
	}
	s.sizing.Advice = s.advise(most, found)
	s.conclude(verdict.Fail, verdict.ExitFail, append([]string{"nothing holds this load"}, reasons...)...)
	return nil
}
