package sizing

import (
	"fmt"
	"slices"

	"weir/result"
)

// advise says what binds, what would next, what to change first, and how sure that is.
func (s *search) advise(c Configuration, p *prediction) *result.SizingAdvice {
	uses := usesOf(p.use)
	a := &result.SizingAdvice{}
	for i := range uses {
		a.Uses = append(a.Uses, uses[i].SizingUse)
	}
	first, next := &uses[0], &uses[1]
	// What gives both more is one thing to change.
	for i := 1; i < len(uses); i++ {
		if uses[i].change != first.change && (uses[i].what == "" || uses[i].what != first.what) {
			next = &uses[i]
			break
		}
	}
	a.Words = append(a.Words,
		fmt.Sprintf("%s binds: it %s (%s).", first.Part, first.Says, first.shares()),
		fmt.Sprintf("%s would be next: it %s (%s).", next.Part, next.Says, next.shares()),
		fmt.Sprintf("For more load, change first: %s.", first.change),
	)
	a.Words = append(a.Words, drained(uses)...)
	for i := range uses {
		if u := &uses[i]; u.key && u.Peak > 0.8 {
			a.Words = append(a.Words, fmt.Sprintf("%s takes %.0f %% of what one shard can: from there on more shards do not help.", u.Part, 100*u.Peak))
		}
	}
	a.Words = append(a.Words, s.cramped...)
	if every := s.scenario.Pipeline.Aggregator.Checkpoints; every != nil {
		a.Words = append(a.Words, fmt.Sprintf("Not simulated: the checkpoint each %s, at which every subtask waits for the others and for the rows that were emitted before; runs have it.", every.Every))
	}
	if sizing := s.sizing.Answer; sizing != nil {
		a.Words = append(a.Words, "How sure: "+howSure(sizing)+s.agreement())
	}
	return a
}

// howSure is how sure an answer is, in words. Without a hold of five minutes, the answer is for the seconds that ran: whether a backlog grows over hours is unknown.
func howSure(a *result.SizingAnswer) string {
	beyond := map[string]string{
		Confirmed: "Runs have not held the next step beyond it.",
		Held:      "Whether the next step beyond it holds, too, was not found out.",
	}[a.Sure]
	if beyond == "" {
		return fmt.Sprintf("simulated only, with a use of %s at most of any part over a hold or the feed.", result.Percent(a.Use))
	}
	shown := fmt.Sprintf("for the %s that ran: no hold takes the five minutes after which a trend is judged.", seconds(a.FeedSeconds))
	if a.TrendJudged {
		shown = "over a hold that is long enough for the trend of its backlogs."
	}
	return fmt.Sprintf("%s by its use, which is %s at most of any part over a hold or the feed, and by a run, %s %s", a.Sure, result.Percent(a.Use), shown, beyond)
}

// itHeld is the evidence that a run of a configuration held, and for how long.
func (s *search) itHeld(c *Configuration) string {
	t := s.heldBy(c)
	switch {
	case t == nil:
		return "a run of it held"
	case t.Measured.TrendJudged:
		return "a run of it held, and no backlog grew over its hold"
	}
	return fmt.Sprintf("a run of it held, for the %s that ran", seconds(s.feedOf(c)))
}

// heldBy is the last trial of a configuration that held, nil where there is none.
func (s *search) heldBy(c *Configuration) *result.SizingTrial {
	for i := range slices.Backward(s.sizing.Trials) {
		if t := &s.sizing.Trials[i]; t.SizingConfig == *c && t.Measured.Holds {
			return t
		}
	}
	return nil
}

// feedOf is how many seconds the load of a configuration comes, which was simulated before it ran.
func (s *search) feedOf(c *Configuration) float64 {
	if t, ok := s.predictor.traces[c.Load]; ok {
		return t.For.Seconds()
	}
	return s.model.demand.Seconds
}

// judged reports whether the trends of an answer were judged: in a run of it or, without one, in the simulation.
func (s *search) judged(c *Configuration, p *prediction) bool {
	if t := s.heldBy(c); t != nil {
		return t.Measured.TrendJudged
	}
	return p.TrendJudged
}

// agreement is how often runs came out as they were simulated.
func (s *search) agreement() string {
	agreed, of := 0, 0
	for i := range s.sizing.Trials {
		t := &s.sizing.Trials[i]
		if t.Simulated == nil || t.Measured.Verdict == "void" {
			continue
		}
		of++
		if t.Simulated.Holds == t.Measured.Holds {
			agreed++
		}
	}
	if of == 0 {
		return ""
	}
	return fmt.Sprintf(" %d of %s came out as simulated.", agreed, plural(of, "run"))
}
