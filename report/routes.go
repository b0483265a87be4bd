package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"weir/result"
)

// routeTables say what the routes did, and which of their batches fail.
func (r *Run) routeTables() []tableView {
	if len(r.Result.Routes) == 0 {
		return nil
	}
	routes := tableView{
		Caption: "Routes", Head: []string{"route", "hits", "rows taken", "misses", "not JSON", "leaks", "given up", "unread", "lost", "invocations", "failed"},
	}
	blocked := tableView{Caption: "Blocked at the end", Head: []string{"route", "shard", "record", "since", "failures", "records that wait", "why"}}
	for _, name := range slices.Sorted(maps.Keys(r.Result.Routes)) {
		route := r.Result.Routes[name]
		leaks := "not known"
		if route.Leaks != nil {
			leaks = strconv.FormatInt(*route.Leaks, 10)
		}
		row := []string{name}
		for _, n := range []int64{route.Hits, route.Rows, route.Misses, route.NotJSON} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		row = append(row, leaks)
		for _, n := range []int64{route.Discarded, route.Unread, route.Lost, route.Invocations} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		row = append(row, failures(&route.Handling))
		routes.Rows = append(routes.Rows, row)
		for _, b := range route.Blocked {
			blocked.Rows = append(blocked.Rows, []string{
				name, b.Shard, b.Sequence, fmt.Sprintf("%.1f s", b.Since), strconv.Itoa(b.Failures), strconv.FormatInt(b.Behind, 10), b.Reason,
			})
		}
	}
	if len(blocked.Rows) == 0 {
		return []tableView{routes}
	}
	return []tableView{routes, blocked}
}

// failures are a function's, by how it failed.
func failures(h *result.Handling) string {
	if len(h.Failures) == 0 {
		return "0"
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(h.Failures)) {
		parts = append(parts, fmt.Sprintf("%d %s", h.Failures[kind], kind))
	}
	return strings.Join(parts, ", ")
}
