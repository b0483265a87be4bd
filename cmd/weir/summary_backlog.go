package main

import (
	"fmt"
	"io"
	"strings"

	"weir/result"
)

// writeBacklogs says how much waited in each place, and in which part of it.
func writeBacklogs(w io.Writer, r *result.Result) {
	for _, place := range []struct{ name, things string }{{result.InputBacklog, "records"}, {result.OutputBacklog, "rows"}, {result.TableBacklog, "rows"}} {
		b, ok := r.Backlog[place.name]
		if !ok {
			continue
		}
		fmt.Fprintf(w, "backlog %s\tat most %s%s\n", place.name, waitedText(&b.Waited, place.things), partsText(place.name, &b))
		var more []string
		if b.IteratorAge != nil {
			more = append(more, fmt.Sprintf("iterator age at most %.3f s", *b.IteratorAge))
		}
		if growth := growthText(place.name, &b); growth != "" {
			more = append(more, growth)
		}
		if len(more) > 0 {
			fmt.Fprintf(w, "\t%s\n", strings.Join(more, "; "))
		}
	}
}

// waitedText is how much waited, and for how long.
func waitedText(waited *result.Waited, things string) string {
	text := fmt.Sprintf("%d %s", waited.MaxRecords, things)
	if waited.MaxSeconds != nil {
		text += fmt.Sprintf(", %.3f s", *waited.MaxSeconds)
	}
	return text
}

// partsText names the part that was largest, if one was, and the most of each, in the order of the data's way; it is empty where there are no parts.
func partsText(place string, b *result.Backlog) string {
	var all []string
	for _, name := range result.PartsOf(place) {
		if part, ok := b.Parts[name]; ok {
			all = append(all, fmt.Sprintf("%s %d", name, part.MaxRecords))
		}
	}
	if len(all) == 0 {
		return ""
	}
	text := " (" + strings.Join(all, ", ") + ")"
	if largest := b.Largest(place); largest != "" {
		text = "; most in " + largest + text
	}
	return text
}

// growthText is how fast a backlog grew, and which part of it did where that is too fast; empty where no trend was measured.
func growthText(place string, b *result.Backlog) string {
	if b.TrendPercent == nil || b.TrendMargin == nil {
		return ""
	}
	text := fmt.Sprintf("grows by %+.2f ± %.2f %% of %s (%s)", *b.TrendPercent, *b.TrendMargin, result.Arrivals(place), b.Trend)
	if part, ok := b.Parts[b.Grows]; ok && part.TrendPercent != nil {
		text += fmt.Sprintf(", %s by %+.2f %%", b.Grows, *part.TrendPercent)
	}
	return text
}

// routeBacklog is what waited for one of several routes; for a single one, it is that of the output.
func routeBacklog(r *result.Result, name string) string {
	routes := r.Backlog[result.OutputBacklog].Routes
	waited, ok := routes[name]
	if !ok || len(routes) < 2 {
		return ""
	}
	return "; backlog at most " + waitedText(&waited.Waited, "rows")
}
