package report

import (
	"fmt"
	"slices"
	"strings"

	"weir/result"
)

// placeView is how the page speaks of a place where something may pile up.
type placeView struct {
	name string
	// things are what waits there.
	things string
	// lead is the definition of its backlog.
	lead string
	// parts says what each part is.
	parts map[string]string
}

// placeViews are those of the input, the output and the table, in the order of the data's way.
var placeViews = []placeView{
	{
		result.InputBacklog, "records",
		"A record is in the backlog of the input from its due time until the aggregator has taken it into its windows and its cost is paid, or has dropped it. " + oneOfTheParts,
		map[string]string{
			result.HarnessPart: "due, and not handed over", result.WriterPart: "handed over, and not stored",
			result.StreamPart: "stored, and not read", result.EnginePart: "read, and not processed",
		},
	},
	{
		result.OutputBacklog, "rows",
		"A row is in the backlog of the output from its firing until every route has missed it, has given it up, or its function has succeeded. " + oneOfTheParts,
		map[string]string{
			result.WriterPart: "fired, and not stored", result.StreamPart: "stored, and not read by some route",
			result.FunctionPart: "read, and some route is not done with it",
		},
	},
	{
		result.TableBacklog, "rows",
		"A row is in the backlog of the table from the hand-over to the table until the table has acknowledged it.", nil,
	},
}

const oneOfTheParts = "At each moment it is in one part, the furthest that it has reached."

// backlogSections are a section a place.
func (r *Run) backlogSections() []section {
	var all []section
	for i := range placeViews {
		v := &placeViews[i]
		_, known := r.Result.Backlog[v.name]
		switch {
		case v.name == result.OutputBacklog && r.Result.Output == nil,
			v.name == result.TableBacklog && !known && len(r.backlogColumn(v, "records", "")) == 0:
		case !r.Result.HasWholeBacklog():
			all = append(all, r.oldBacklogSection(v.name))
		default:
			all = append(all, r.backlogSection(v))
		}
	}
	return all
}

// backlogSection shows the whole backlog of a place, and its parts.
func (r *Run) backlogSection(v *placeView) section {
	s := section{ID: "backlog-" + v.name, Title: "Backlog of the " + v.name, Lead: v.lead}
	b, known := r.Result.Backlog[v.name]
	whole := r.backlogColumn(v, "records", "whole")
	if !known && len(whole) == 0 {
		s.Missing = "It was not measured."
		return s
	}
	if known {
		s.First = append(s.First, mostTable(v, &b), growthTable(v, &b), routesTable(&b), backlogFacts(v, &b))
	}
	switch _, most := bounds(whole); {
	case len(whole) == 0:
		return s
	case most == 0 && b.MaxRecords == 0:
		s.Tables = append(s.Tables, tableView{Caption: "Nothing waited."})
		return s
	case most == 0:
		s.Tables = append(s.Tables, tableView{Caption: "Nothing waited at the end of any second, so there is no plot: all of it came and went within a second."})
		return s
	}
	s.Figures = append(s.Figures, r.partsFigure(v, whole))
	if ages := r.ages(v); len(ages) > 0 {
		s.Figures = append(s.Figures, r.agesFigure(v, ages))
	}
	if routes := r.routeLines("records"); v.name == result.OutputBacklog && len(routes) > 1 {
		s.Figures = append(s.Figures, r.routesFigure(v, routes))
	}
	if shards := r.shards(v.name); len(shards) > 1 {
		s.Figures = append(s.Figures, r.shardsFigure(v.name, v.things, upperFirst(v.things)+" that waited", nil))
	}
	return s
}

// backlogColumn is the line of a figure of the whole backlog, none where it was not observed.
func (r *Run) backlogColumn(v *placeView, figure, as string) []line {
	column := "backlog_" + v.name + "_" + figure
	return r.columns([]string{column}, map[string]string{column: as})
}

// partLines are the lines of a figure of each part that was observed, in the order of the data's way.
func (r *Run) partLines(v *placeView, figure string) []line {
	var columns []string
	as := make(map[string]string)
	for _, part := range result.PartsOf(v.name) {
		column := "backlog_" + v.name + "_" + part + "_" + figure
		columns = append(columns, column)
		as[column] = part
	}
	return r.columns(columns, as)
}

// partsFigure stacks the parts in records, below the line of the whole.
func (r *Run) partsFigure(v *placeView, whole []line) figureView {
	parts := r.partLines(v, "records")
	_, most := bounds(append(slices.Clone(whole), parts...))
	p := plot{
		id: "backlog-" + v.name + "-plot", x: r.time(), y: upTo(v.things, most, writeCount), lines: whole, spans: r.spans(),
		title: upperFirst(v.things) + " in the backlog of the " + v.name + " over time",
	}
	caption := upperFirst(v.things) + " that waited"
	if len(parts) > 0 {
		caption += ", by the part that they were in"
		p.title += ", in layers from the top to the bottom: " + names(parts)
		p.stack = &stack{x: parts[0].x}
		p.lines[0].look = wholeLook
		for _, part := range parts {
			p.stack.bands = append(p.stack.bands, band{name: part.name, says: v.parts[part.name], look: "part-" + part.name, y: part.y})
		}
	}
	return newFigure(caption, &p, overTimeTable(append(slices.Clone(whole), parts...), greatest, writeCount))
}

// ages are how long ago the oldest one was due: of the whole, and beside it the iterator age of the input.
func (r *Run) ages(v *placeView) []line {
	lines := r.backlogColumn(v, "seconds", "oldest in the whole backlog")
	if v.name == result.InputBacklog {
		lines = append(lines, r.columns([]string{"iterator_age_seconds"}, map[string]string{"iterator_age_seconds": "iterator age"})...)
	}
	return lines
}

// agesFigure draws the ages; the numbers have those of the parts, too.
func (r *Run) agesFigure(v *placeView, ages []line) figureView {
	_, most := bounds(ages)
	p := plot{
		id: "backlog-" + v.name + "-age-plot", title: "Seconds since the oldest of the " + v.things + " was due, over time: " + names(ages), x: r.time(),
		y: upTo("age", most, writeAge), lines: ages, spans: r.spans(),
	}
	caption := "Time since the oldest was due"
	if len(ages) > 1 {
		caption += ", beside the iterator age, which counts neither what the writer holds nor what the engine holds"
	}
	return newFigure(caption, &p, overTimeTable(append(ages, r.partLines(v, "seconds")...), greatest, writeAge))
}

// routesFigure draws what waited for each route.
func (r *Run) routesFigure(v *placeView, routes []line) figureView {
	for i := range routes {
		routes[i].faint = i >= looks
	}
	_, most := bounds(routes)
	p := plot{
		id: "backlog-" + v.name + "-routes-plot", title: "Rows that waited for each route, over time: " + names(routes), x: r.time(),
		y: upTo(v.things, most, writeCount), lines: routes, spans: r.spans(),
	}
	return newFigure("Rows that waited, by route", &p, overTimeTable(routes[:min(looks, len(routes))], greatest, writeCount))
}

// shardsShown bounds the shards that have a line of their own: those with the greatest backlog.
const shardsShown = 5

// shardsFigure draws the things that waited of each shard of a place, behind lines that stand for all of them.
func (r *Run) shardsFigure(place, things, caption string, all []line) figureView {
	shards := r.shards(place)
	lines := append(slices.Clone(all), shards[:min(shardsShown, len(shards))]...)
	numbers := slices.Clone(lines)
	for _, l := range shards[min(shardsShown, len(shards)):] {
		l.faint = true
		lines = append(lines, l)
	}
	_, most := bounds(lines)
	p := plot{
		id: "backlog-" + place + "-shards-plot", title: caption + ", by shard, over time: " + names(lines), x: r.time(), y: upTo(things, most, writeCount), lines: lines,
		spans: r.spans(),
	}
	caption += ", by shard"
	if len(shards) > shardsShown {
		caption += fmt.Sprintf(": the %d with the most, and faintly the other %d", shardsShown, len(shards)-shardsShown)
	}
	return newFigure(caption, &p, overTimeTable(numbers, greatest, writeCount))
}

// shards are the lines of a stream's shards, those with the greatest backlog first.
func (r *Run) shards(place string) []line {
	return r.ranked("backlog_"+place+"_", "_records", func(name string) bool {
		return !strings.HasPrefix(name, routePrefix) && !slices.Contains(result.PartsOf(place), name)
	})
}

// routePrefix begins the columns of the routes behind that of their place.
const routePrefix = "route_"

// routeLines are the lines of a figure of each route, those with the most first.
func (r *Run) routeLines(figure string) []line {
	return r.ranked("backlog_"+result.OutputBacklog+"_"+routePrefix, "_"+figure, func(string) bool { return true })
}

// ranked are the lines of the columns between a prefix and a suffix whose names pass, those with the most first.
func (r *Run) ranked(prefix, suffix string, passes func(name string) bool) []line {
	if r.Series == nil {
		return nil
	}
	var columns []string
	as := make(map[string]string)
	for _, column := range r.Series.Columns {
		name, ok := strings.CutPrefix(column, prefix)
		if name, of := strings.CutSuffix(name, suffix); ok && of && passes(name) {
			columns = append(columns, column)
			as[column] = name
		}
	}
	lines := r.columns(columns, as)
	slices.SortStableFunc(lines, func(a, b line) int {
		more, less := greatest(a.y), greatest(b.y)
		switch {
		case more > less:
			return -1
		case more < less:
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	return lines
}
