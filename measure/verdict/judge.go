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
	switch {
	case m.latency && w.ClosedLoop:
		return fmt.Errorf("%s cannot be judged: at full speed each record is due when it is handed over", m.name)
	case !w.Routed && (slices.Contains(routedPoints, m.parts[0]) || m.parts[0] == "route" || strings.HasPrefix(m.name, "backlog.output.")):
		return fmt.Errorf("%s is not measured: a direct pipeline has no output stream", m.name)
	case m.parts[0] == "route" && !slices.Contains(w.Routes, m.parts[1]):
		return fmt.Errorf("there is no route %q%s", m.parts[1], known(w.Routes))
	case strings.HasPrefix(m.name, "rows.by_kind.") && w.Kinds != nil:
		if kind := strings.Join(m.parts[2:], "."); !slices.Contains(w.Kinds, kind) {
			return fmt.Errorf("there is no kind %q%s", kind, known(w.Kinds))
		}
	}
	return nil
}

// checkAbort refuses what is only known at the end, and what may hold later though it does not now.
func (e *Expectation) checkAbort() error {
	switch {
	case e.other != nil || !e.metric.live || e.phase != "":
		return fmt.Errorf("%s cannot end a run: it is known at its end", e.text)
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
// failed.
func (e *Expectation) Judge(r *result.Result) result.Expectation {
	observed := e.observe(&e.metric, r)
	judged := result.Expectation{Text: e.text, Observed: observed, Unit: e.metric.unit.short(), Verdict: Inconclusive}
	against := &e.value
	if e.other != nil {
		against = e.observe(e.other, r)
	}
	switch {
	case e.metric.name == "drained_in" && observed == nil:
		judged.Verdict = Fail
	case observed == nil || against == nil || e.unsure(r):
	default:
		judged.Verdict = passIf(operators[e.operator](*observed, *against))
	}
	return judged
}

// observe reads a metric of the run, or of the phase.
func (e *Expectation) observe(m *metric, r *result.Result) *float64 {
	if e.phase == "" {
		return m.of(r)
	}
	for i := range r.Phases {
		if r.Phases[i].Name == e.phase && m.perPhase {
			return m.during(&r.Phases[i])
		}
	}
	return nil
}

// unsure says that a trend was measured, and that it may as well be on the other side of its bound.
func (e *Expectation) unsure(r *result.Result) bool {
	return e.metric.unit == percent && r.Backlog[e.metric.parts[1]].Trend == Inconclusive
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
