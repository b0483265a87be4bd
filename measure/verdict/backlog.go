package verdict

import (
	"fmt"
	"slices"
	"strings"

	"weir/limits"
	"weir/result"
)

// backlogFigure is one figure of a backlog, or of a part of one, by its name in expectations.
type backlogFigure struct {
	unit unit
	of   func(*result.Waited, *result.BacklogTrend) *float64
}

var backlogFigures = map[string]backlogFigure{
	"records": {records, func(w *result.Waited, _ *result.BacklogTrend) *float64 { return new(float64(w.MaxRecords)) }},
	"bytes":   {size, func(w *result.Waited, _ *result.BacklogTrend) *float64 { return bytesOf(w) }},
	"seconds": {milliseconds, func(w *result.Waited, _ *result.BacklogTrend) *float64 { return times(w.MaxSeconds, 1000) }},
	"trend":   {percent, func(_ *result.Waited, t *result.BacklogTrend) *float64 { return t.TrendPercent }},
}

func bytesOf(w *result.Waited) *float64 {
	if w.MaxBytes == nil {
		return nil
	}
	return new(float64(*w.MaxBytes))
}

func times(value *float64, factor float64) *float64 {
	if value == nil {
		return nil
	}
	return new(*value * factor)
}

// thing is what a place is.
var thing = map[string]string{result.InputBacklog: "stream", result.OutputBacklog: "stream", result.TableBacklog: "table"}

// place is where a backlog's metric looks, as in backlog.input.writer.trend: the place, and the part, empty for the whole.
func (m *metric) place() (place, part string) {
	place = m.parts[1]
	if len(m.parts) == 4 {
		part = m.parts[2]
	}
	return place, part
}

// backlog reads backlog.PLACE.FIGURE and backlog.PLACE.PART.FIGURE.
func (m *metric) backlog() bool {
	place, part := m.place()
	if len(m.parts) > 4 || !slices.Contains(places, place) || part != "" && !slices.Contains(result.PartsOf(place), part) {
		return false
	}
	m.perPhase, m.live, m.missing = true, true, "nothing came to the "+thing[place]
	name := m.parts[len(m.parts)-1]
	if name == "reads_throttled" && part == "" && place != result.TableBacklog {
		m.unit = reads
		m.readsThrottled(place)
		return true
	}
	figure, ok := backlogFigures[name]
	if !ok || !hasFigure(part, name) {
		return false
	}
	m.unit = figure.unit
	if m.unit == percent {
		m.live, m.missing = false, "no hold was long enough for a trend, or none came to its end"
	}
	of := func(all map[string]result.Backlog) *float64 {
		waited, trend, ok := backlogOf(all, place, part)
		if !ok {
			return nil
		}
		return figure.of(waited, trend)
	}
	m.of = func(r *result.Result) *float64 { return of(r.Backlog) }
	m.during = func(p *result.Phase) *float64 { return of(p.Backlog) }
	return true
}

// backlogOf is the backlog of a place, or a part of it.
func backlogOf(all map[string]result.Backlog, place, part string) (*result.Waited, *result.BacklogTrend, bool) {
	b, ok := all[place]
	if part == "" {
		return &b.Waited, &b.BacklogTrend, ok
	}
	p, ok := b.Parts[part]
	return &p.Waited, &p.BacklogTrend, ok
}

func (m *metric) readsThrottled(place string) {
	of := func(all map[string]result.Backlog) *float64 {
		backlog, ok := all[place]
		if !ok {
			return nil
		}
		return new(float64(backlog.ReadsThrottled))
	}
	m.of = func(r *result.Result) *float64 { return of(r.Backlog) }
	m.during = func(p *result.Phase) *float64 { return of(p.Backlog) }
}

// routeBacklog reads route.NAME.backlog.FIGURE.
func (m *metric) routeBacklog(route string) bool {
	figure, ok := backlogFigures[m.parts[len(m.parts)-1]]
	if !ok || figure.unit == percent {
		return false
	}
	m.unit, m.perPhase, m.live, m.missing = figure.unit, true, true, "the route did not run"
	of := func(all map[string]result.Backlog) *float64 {
		backlog, ok := all[result.OutputBacklog].Routes[route]
		if !ok {
			return nil
		}
		return figure.of(&backlog.Waited, nil)
	}
	m.of = func(r *result.Result) *float64 { return of(r.Backlog) }
	m.during = func(p *result.Phase) *float64 { return of(p.Backlog) }
	return true
}

// ofIteratorAge reads iterator_age, the aggregator's.
func (m *metric) ofIteratorAge() {
	m.iteratorAge(func(all map[string]result.Backlog) *float64 { return all[result.InputBacklog].IteratorAge })
}

// ofRouteIteratorAge reads route.NAME.iterator_age.
func (m *metric) ofRouteIteratorAge(route string) {
	m.iteratorAge(func(all map[string]result.Backlog) *float64 {
		return all[result.OutputBacklog].Routes[route].IteratorAge
	})
}

func (m *metric) iteratorAge(of func(map[string]result.Backlog) *float64) {
	m.unit, m.perPhase, m.live, m.missing = milliseconds, true, true, "nothing was read"
	m.of = func(r *result.Result) *float64 { return times(of(r.Backlog), 1000) }
	m.during = func(p *result.Phase) *float64 { return times(of(p.Backlog), 1000) }
}

// backlogNames are the names of metrics of backlogs that depend on no scenario.
func backlogNames() []string {
	var names []string
	for _, place := range places {
		for figure := range backlogFigures {
			names = append(names, "backlog."+place+"."+figure)
			for _, part := range result.PartsOf(place) {
				if hasFigure(part, figure) {
					names = append(names, "backlog."+place+"."+part+"."+figure)
				}
			}
		}
		if place != result.TableBacklog {
			names = append(names, "backlog."+place+".reads_throttled")
		}
	}
	return names
}

// hasFigure says that a part has a figure of that name. A record has no size, as AWS counts it, before it is handed over.
func hasFigure(part, figure string) bool { return part != result.HarnessPart || figure != "bytes" }

// partsHint says which parts and figures a place has, where a name asks for others; it is empty where it does not.
func partsHint(name string) string {
	parts := strings.Split(name, ".")
	if place := placeOf(parts); place != "" {
		return "backlog." + place + "." + strings.Join(parts[1:], ".")
	}
	if len(parts) < 3 || parts[0] != "backlog" || !slices.Contains(places, parts[1]) {
		return ""
	}
	place, part := parts[1], parts[2]
	known := result.PartsOf(place)
	switch {
	case len(parts) == 3 && slices.Contains(known, part):
		if !hasFigure(part, "bytes") {
			return name + ".seconds, .records or .trend"
		}
		return name + ".seconds, .records, .bytes or .trend"
	case len(parts) != 4:
		return ""
	case len(known) == 0:
		return fmt.Sprintf("the backlog of the %s has no parts: backlog.%s.%s", place, place, parts[3])
	case !slices.Contains(known, part):
		return fmt.Sprintf("the backlog of the %s has the parts %s", place, strings.Join(known, ", "))
	case !hasFigure(part, parts[3]):
		return fmt.Sprintf("a record has no bytes before it is handed over: backlog.%s.%s.records or .seconds", place, part)
	}
	return ""
}

// placeOf is the place that has the part which a name has in the place's stead; it is empty where the name is another.
func placeOf(parts []string) string {
	if len(parts) < 2 || parts[0] != "backlog" {
		return ""
	}
	i := slices.IndexFunc(places, func(place string) bool { return slices.Contains(result.PartsOf(place), parts[1]) })
	if i < 0 {
		return ""
	}
	return places[i]
}

// Growing says in words which part of a backlog grows, and how fast. It is empty where the trend does not fail.
func Growing(place string, b *result.Backlog) string {
	if b.Trend != Fail {
		return ""
	}
	part, ok := b.Parts[b.Grows]
	if !ok || part.TrendPercent == nil {
		return fmt.Sprintf("the backlog of the %s grows by %.2g %% of %s", place, *b.TrendPercent, result.Arrivals(place))
	}
	words := fmt.Sprintf("%s grows by %.2g %% of %s", growingPart(place, b.Grows), *part.TrendPercent, result.Arrivals(place))
	if b.Grows == result.WriterPart && b.WritesThrottled > 0 {
		words += fmt.Sprintf(": its shards take %d records/s and %d MiB/s each", limits.ShardWriteRecordsPerSecond, limits.ShardWriteBytesPerSecond>>20)
	}
	return words
}

// Waits says in words how much waits in a part of a place, or for the place where it has none.
func Waits(place, part string, n int64) string {
	what := "row"
	if place == result.InputBacklog {
		what = "record"
	}
	where := "for the " + place
	switch part {
	case result.HarnessPart, result.WriterPart, result.StreamPart:
		where = "in the " + part + " of the " + place
	case result.EnginePart:
		where = "in the aggregator"
	case result.FunctionPart:
		where = "for the routes' functions"
	}
	return fmt.Sprintf("%s waiting %s", count(n, what), where)
}

// growingPart is what grows, by its name in the pipeline.
func growingPart(place, part string) string {
	switch part {
	case result.HarnessPart:
		return "the harness's own delay"
	case result.WriterPart:
		if place == result.InputBacklog {
			return "the writer's queue"
		}
		return "the queue of the " + place + "'s writer"
	case result.StreamPart:
		return "the number of unread records in the " + place + " stream"
	case result.EnginePart:
		return "the aggregator's queue"
	case result.FunctionPart:
		return "the queue of the routes' functions"
	}
	return "the backlog of the " + place
}
