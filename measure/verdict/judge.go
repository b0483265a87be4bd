package verdict

import (
	"fmt"
	"slices"
	"strings"

	"weir/result"
)

// World is what is known of a run before it begins, so that an expectation on what it never measures is a mistake.
type World struct {
	// Routed says that the pipeline has an output stream, ClosedLoop that the load has no schedule, so that latencies cannot be judged.
	Routed, ClosedLoop bool
	// Routes are the names of the routes, and Phases those of the phases.
	Routes, Phases []string
	// Kinds are the kinds of the load; nil says that they are not known.
	Kinds []string
	// NoTable reports that no row is ever handed to the table by weir itself.
	NoTable bool
	// NoTrend says that no phase is a hold that is long enough for a trend; see [ShortestHold].
	NoTrend bool
}

// Check says why an expectation can never be judged in a run, nil where it can.
func (e *Expectation) Check(w *World) error {
	for _, m := range e.metrics() {
		if err := m.check(w); err != nil {
			return err
		}
		if e.phase != "" && !m.perPhase {
			return fmt.Errorf("%s is measured of the whole run, and not of a phase", m.name)
		}
	}
	if e.phase != "" && !slices.Contains(w.Phases, e.phase) {
		return fmt.Errorf("there is no phase %q%s", e.phase, known(w.Phases))
	}
	if e.abort {
		return e.checkAbort()
	}
	return nil
}

func (e *Expectation) metrics() []metric {
	if e.other != nil {
		return []metric{e.metric, *e.other}
	}
	return []metric{e.metric}
}

func (m *metric) check(w *World) error {
	route, ofRoute := m.routeName()
	kind, ofKind := m.kind()
	switch {
	case m.unit == milliseconds && w.ClosedLoop && m.parts[len(m.parts)-1] != "iterator_age":
		return fmt.Errorf("%s cannot be judged: at full speed each record is due when it is handed over", m.name)
	case !w.Routed && (ofRoute || slices.Contains(routedPoints, m.parts[0]) || strings.HasPrefix(m.name, "backlog.output.")):
		return fmt.Errorf("%s is not measured: a direct pipeline has no output stream", m.name)
	case w.NoTable && strings.HasPrefix(m.name, "backlog.table."):
		return fmt.Errorf("%s is not measured: no route has weir write the table", m.name)
	case ofRoute && !slices.Contains(w.Routes, route):
		return fmt.Errorf("there is no route %q%s", route, known(w.Routes))
	case ofKind && w.Kinds != nil && !slices.Contains(w.Kinds, kind):
		return fmt.Errorf("there is no kind %q%s", kind, known(w.Kinds))
	case m.unit == percent && len(w.Phases) == 0:
		return fmt.Errorf("%s is not measured: a recording has no phase whose rate stands still", m.name)
	case m.unit == percent && w.NoTrend:
		return fmt.Errorf("%s is not measured: no phase whose rate stands still is long enough", m.name)
	}
	return nil
}

// checkAbort refuses what is only known at the end, and what may hold later though it does not now.
func (e *Expectation) checkAbort() error {
	switch {
	case e.other != nil:
		return fmt.Errorf("%s cannot end a run: two figures that change are compared at its end", e.text)
	case !e.metric.live:
		return fmt.Errorf("%s cannot end a run: %s is known at its end", e.text, e.metric.name)
	case e.operator == ">" || e.operator == ">=" || e.operator == "!=" || (e.operator == "==" && e.value != 0):
		return fmt.Errorf("%s cannot end a run: what is too little may yet become enough", e.text)
	}
	return nil
}

func known(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": there is " + strings.Join(names, ", ")
}

// Judge holds an expectation against what was measured. What was not observed is inconclusive, but for the drain: one that was not over has
// failed. The reason says what the text and the observation do not.
func (e *Expectation) Judge(r *result.Result) result.Expectation {
	judged := result.Expectation{Text: e.text, Observed: e.observe(&e.metric, r), Unit: e.metric.unit.short(), Verdict: Inconclusive}
	against := &e.value
	if e.other != nil {
		against = e.observe(e.other, r)
	}
	switch {
	case judged.Observed == nil:
		judged.Reason = e.missing(&e.metric, r)
		if e.metric.name == "drained_in" {
			judged.Verdict = Fail
		}
	case against == nil:
		judged.Reason = e.missing(e.other, r)
	case e.metric.unit == percent && e.other == nil:
		growth := e.growth(r)
		judged.Verdict = growth.against(e.operator, e.value)
		judged.Reason = fmt.Sprintf("give or take %s %%", number(growth.Margin))
		if words := e.growing(r); words != "" && judged.Verdict == Fail {
			judged.Reason += "; " + words
		}
	default:
		judged.Verdict = passIf(operators[e.operator](*judged.Observed, *against))
		if e.other != nil {
			judged.Reason = fmt.Sprintf("%s is %s %s", e.other.name, number(*against), e.other.unit.short())
		}
	}
	return judged
}

// observe reads a metric of the run, or of the phase.
func (e *Expectation) observe(m *metric, r *result.Result) *float64 {
	if e.phase == "" {
		return m.of(r)
	}
	if phase := e.during(r); phase != nil && m.perPhase {
		return m.during(phase)
	}
	return nil
}

// during is what was measured of the expectation's phase, nil where the run did not come to it.
func (e *Expectation) during(r *result.Result) *result.Phase {
	for i := range r.Phases {
		if r.Phases[i].Name == e.phase {
			return &r.Phases[i]
		}
	}
	return nil
}

// missing says why a metric was not observed.
func (e *Expectation) missing(m *metric, r *result.Result) string {
	if e.phase != "" && e.during(r) == nil {
		return "the run did not come to the phase"
	}
	return m.missing
}

// Undecided says that a growth over a phase is inconclusive for one of the expectations on it, or against 1 % where there is none. What grows is the backlog of a
// place, or a part of it, which nobody has to ask for.
func Undecided(expectations []*Expectation, phase, place, part string, g Growth) bool {
	asked := false
	for _, e := range expectations {
		if e.metric.unit != percent || e.phase != "" && e.phase != phase {
			continue
		}
		if p, of := e.metric.place(); p != place || of != part {
			continue
		}
		asked = true
		if g.against(e.operator, e.value) == Inconclusive {
			return true
		}
	}
	return !asked && part == "" && g.Verdict() == Inconclusive
}

// backlogs are those of the run, or of the expectation's phase.
func (e *Expectation) backlogs(r *result.Result) map[string]result.Backlog {
	if e.phase == "" {
		return r.Backlog
	}
	return e.during(r).Backlog
}

// growth is the observed trend with its margin.
func (e *Expectation) growth(r *result.Result) Growth {
	place, part := e.metric.place()
	_, trend, _ := backlogOf(e.backlogs(r), place, part)
	g := Growth{Percent: *trend.TrendPercent}
	if trend.TrendMargin != nil {
		g.Margin = *trend.TrendMargin
	}
	return g
}

// growing names the part that grows, of an expectation on the whole.
func (e *Expectation) growing(r *result.Result) string {
	place, part := e.metric.place()
	if part != "" {
		return ""
	}
	b := e.backlogs(r)[place]
	return Growing(place, &b)
}

// JudgeAll holds each expectation against what was measured.
func JudgeAll(expectations []*Expectation, r *result.Result) []result.Expectation {
	var judged []result.Expectation
	for _, e := range expectations {
		judged = append(judged, e.Judge(r))
	}
	return judged
}

// Broken is the first expectation that ends the run, for what was measured until now breaks it; nil where there is none.
func Broken(expectations []*Expectation, r *result.Result) *Expectation {
	for _, e := range expectations {
		if e.abort && e.Judge(r).Verdict == Fail {
			return e
		}
	}
	return nil
}
