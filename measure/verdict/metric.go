package verdict

import (
	"cmp"
	"slices"
	"strings"

	"weir/result"
)

// metric is something that a run measures, by its name in expectations.
type metric struct {
	name  string
	parts []string // of the name
	unit  unit
	// perPhase says that it is measured of each phase, too; live that it can be judged while the run goes on.
	perPhase, live bool
	// missing says why it was not observed, where it was not.
	missing string
	// of reads it from a result, nil where it was not observed.
	of func(r *result.Result) *float64
	// during reads it from a phase.
	during func(p *result.Phase) *float64
}

// The points in time of records and rows; DESIGN.md says what each is. Those of the output stream exist in a routed pipeline alone.
var (
	points       = []string{"handed", "acked", "acked_uncorrected", "read", "fired", "forwarded", "routed", "handled", "written", "age"}
	routedPoints = []string{"forwarded", "routed"}
	statistics   = []string{"p50", "p90", "p99", "p999", "max", "count"}
)

// counts are those of the ledger, by the names that they have in result.json under records.
var counts = map[string]func(*result.Records) int64{
	"offered":    func(r *result.Records) int64 { return r.Offered },
	"acked":      func(r *result.Records) int64 { return r.Acked },
	"failed":     func(r *result.Records) int64 { return r.Failed },
	"unknown":    func(r *result.Records) int64 { return r.Unknown },
	"unsent":     func(r *result.Records) int64 { return r.Unsent },
	"skipped":    func(r *result.Records) int64 { return r.Skipped },
	"read":       func(r *result.Records) int64 { return r.Read },
	"unread":     func(r *result.Records) int64 { return r.Unread },
	"lost":       func(r *result.Records) int64 { return r.Lost },
	"duplicated": func(r *result.Records) int64 { return r.Duplicated },
	"reordered":  func(r *result.Records) int64 { return r.Reordered },
	"phantom":    func(r *result.Records) int64 { return r.Phantom },
	"late":       func(r *result.Records) int64 { return r.Late },
	"unreadable": func(r *result.Records) int64 { return r.Unreadable },
	"throttled":  func(r *result.Records) int64 { return r.Throttled },
	"retried":    func(r *result.Records) int64 { return r.Retried },
}

// knownAtTheEnd are the counts that say something only when the run is over: until then, what is on its way is unread, too.
var knownAtTheEnd = []string{"unsent", "unread", "skipped"}

// phaseCounts are those that each second is counted by, so that a phase has them.
var phaseCounts = map[string]func(*result.Phase) int64{
	"offered":   func(p *result.Phase) int64 { return p.Records.Offered },
	"acked":     func(p *result.Phase) int64 { return p.Records.Acked },
	"read":      func(p *result.Phase) int64 { return p.Records.Read },
	"late":      func(p *result.Phase) int64 { return p.Records.Late },
	"throttled": func(p *result.Phase) int64 { return p.Records.Throttled },
	"retried":   func(p *result.Phase) int64 { return p.Records.Retried },
}

var rowCounts = map[string]func(*result.Rows) int64{
	"expected":   func(r *result.Rows) int64 { return r.Expected },
	"matched":    func(r *result.Rows) int64 { return r.Matched },
	"wrong":      func(r *result.Rows) int64 { return r.Wrong },
	"missing":    func(r *result.Rows) int64 { return r.Missing },
	"unexpected": func(r *result.Rows) int64 { return r.Unexpected },
	"unproven":   func(r *result.Rows) int64 { return r.Unproven },
	"flushed":    func(r *result.Rows) int64 { return r.Flushed },

	"handled":      func(r *result.Rows) int64 { return r.Handled },
	"unrouted":     func(r *result.Rows) int64 { return r.Unrouted },
	"routed_twice": func(r *result.Rows) int64 { return r.RoutedTwice },
	"discarded":    func(r *result.Rows) int64 { return r.Discarded },
}

// routeCounts are those of a route; leaks are there only where it is known what leaks.
var routeCounts = map[string]func(*result.Route) int64{
	"hits":        func(r *result.Route) int64 { return r.Hits },
	"rows":        func(r *result.Route) int64 { return r.Rows },
	"misses":      func(r *result.Route) int64 { return r.Misses },
	"not_json":    func(r *result.Route) int64 { return r.NotJSON },
	"leaks":       func(r *result.Route) int64 { return *r.Leaks },
	"discarded":   func(r *result.Route) int64 { return r.Discarded },
	"invocations": func(r *result.Route) int64 { return r.Invocations },
	"failures": func(r *result.Route) int64 {
		var all int64
		for _, n := range r.Failures {
			all += n
		}
		return all
	},
}

// places are where something may pile up.
var places = []string{result.InputBacklog, result.OutputBacklog, result.TableBacklog}

// findMetric is the metric of a name.
func findMetric(name string) (metric, bool) {
	parts := strings.Split(name, ".")
	m := metric{name: name, parts: parts}
	switch {
	case len(parts) == 1:
		return m, m.bare()
	case parts[0] == "records" && len(parts) == 2:
		return m, m.count(parts[1])
	case parts[0] == "rows":
		return m, m.rows()
	case parts[0] == "route" && len(parts) > 2:
		return m, m.route()
	case parts[0] == "rate" && len(parts) == 2:
		return m, m.rate()
	case parts[0] == "backlog" && len(parts) > 2:
		return m, m.backlog()
	case len(parts) == 2:
		return m, m.point()
	}
	return m, false
}

const notProved = "the table was not proved"

func (m *metric) bare() bool {
	switch m.name {
	case "drained_in":
		m.unit, m.missing = milliseconds, "the drain was not over"
		m.of = func(r *result.Result) *float64 { return r.DrainedInMS }
		return true
	case "recovered_in":
		m.unit, m.missing = milliseconds, "a restart was not recovered from, or there was none"
		m.of = recoveredIn
		return true
	case "iterator_age":
		m.ofIteratorAge()
		return true
	case "wrong":
		m.unit, m.missing = rows, notProved
		m.of = func(r *result.Result) *float64 {
			if r.Rows == nil {
				return nil
			}
			return new(float64(wrongRows(r.Rows)))
		}
		return true
	}
	return m.count(m.name)
}

// recoveredIn is the longest that a restart took to be recovered from, nil where one was not.
func recoveredIn(r *result.Result) *float64 {
	var longest *float64
	for i := range r.Restarts {
		took := r.Restarts[i].RecoveredMS
		if took == nil {
			return nil
		}
		if longest == nil || *took > *longest {
			longest = took
		}
	}
	return longest
}

func (m *metric) count(name string) bool {
	read, ok := counts[name]
	m.unit, m.live = records, !slices.Contains(knownAtTheEnd, name)
	m.of = func(r *result.Result) *float64 { return new(float64(read(&r.Records))) }
	if of := phaseCounts[name]; of != nil {
		m.perPhase = true
		m.during = func(p *result.Phase) *float64 { return new(float64(of(p))) }
	}
	return ok
}

func (m *metric) rows() bool {
	m.unit, m.missing = rows, notProved
	if kind, ok := m.kind(); ok {
		m.of = func(r *result.Result) *float64 {
			if r.Rows == nil {
				return nil
			}
			return new(float64(r.Rows.ByKind[kind]))
		}
		return kind != ""
	}
	read, ok := rowCounts[m.parts[1]]
	m.of = func(r *result.Result) *float64 {
		if r.Rows == nil {
			return nil
		}
		return new(float64(read(r.Rows)))
	}
	return ok && len(m.parts) == 2
}

// kind is that of a rows.by_kind.
func (m *metric) kind() (kind string, ok bool) { return strings.CutPrefix(m.name, "rows.by_kind.") }

// routeName is that of a route's metric: between the first dot and the last one, or the word backlog before that.
func (m *metric) routeName() (name string, ok bool) {
	last := len(m.parts) - 1
	if last > 2 && m.parts[last-1] == "backlog" {
		last--
	}
	return strings.Join(m.parts[1:max(1, last)], "."), m.parts[0] == "route" && last > 1
}

func (m *metric) route() bool {
	name, _ := m.routeName()
	last := len(m.parts) - 1
	switch {
	case name == "":
		return false
	case m.parts[last-1] == "backlog" && last > 2:
		return m.routeBacklog(name)
	case m.parts[last] == "iterator_age":
		m.ofRouteIteratorAge(name)
		return true
	}
	read, ok := routeCounts[m.parts[last]]
	m.unit, m.live, m.missing = rows, true, "the route did not run"
	if m.parts[last] == "leaks" {
		m.missing = "it is not known which kinds the route is there for"
	}
	m.of = func(r *result.Result) *float64 {
		route, ok := r.Routes[name]
		if !ok || m.parts[last] == "leaks" && route.Leaks == nil {
			return nil
		}
		return new(float64(read(&route)))
	}
	return ok
}

func (m *metric) rate() bool {
	m.unit, m.perPhase, m.missing = perMinute, true, "nothing was offered or acknowledged"
	switch m.parts[1] {
	case "offered":
		m.of = func(r *result.Result) *float64 { return r.Rate.Offered }
		m.during = func(p *result.Phase) *float64 { return p.Rate.Offered }
	case "achieved":
		m.of = func(r *result.Result) *float64 { return r.Rate.Achieved }
		m.during = func(p *result.Phase) *float64 { return p.Rate.Achieved }
	default:
		return false
	}
	return true
}

func (m *metric) point() bool {
	read, ok := map[string]func(result.Latency) float64{
		"p50":   func(l result.Latency) float64 { return l.P50 },
		"p90":   func(l result.Latency) float64 { return l.P90 },
		"p99":   func(l result.Latency) float64 { return l.P99 },
		"p999":  func(l result.Latency) float64 { return l.P999 },
		"max":   func(l result.Latency) float64 { return l.Max },
		"count": func(l result.Latency) float64 { return float64(l.Count) },
	}[m.parts[1]]
	m.unit, m.live, m.perPhase, m.missing = milliseconds, true, true, "no latency of it was taken"
	if m.parts[1] == "count" {
		m.unit = records
	}
	of := func(all map[string]result.Latency) *float64 {
		latency, ok := all[m.parts[0]]
		if !ok {
			return nil
		}
		return new(read(latency))
	}
	m.of = func(r *result.Result) *float64 { return of(r.Latency) }
	m.during = func(p *result.Phase) *float64 { return of(p.Latency) }
	return ok && slices.Contains(points, m.parts[0])
}

// example is an expectation on the metric.
func (m *metric) example() string {
	return m.name + " <= " + map[unit]string{milliseconds: "2s", records: "10k", rows: "10k", reads: "100", percent: "1%", perMinute: "600k/min", size: "64MiB"}[m.unit]
}

// knownNames are the names that do not depend on a scenario.
func knownNames() []string {
	names := []string{"drained_in", "recovered_in", "wrong", "rate.offered", "rate.achieved", "iterator_age"}
	for name := range counts {
		names = append(names, name, "records."+name)
	}
	for name := range rowCounts {
		names = append(names, "rows."+name)
	}
	for _, point := range points {
		for _, statistic := range statistics {
			names = append(names, point+"."+statistic)
		}
	}
	names = append(names, backlogNames()...)
	slices.SortFunc(names, cmp.Compare[string])
	return names
}
