package report

import (
	"math"
	"strings"
)

// states are what a subtask's time is spent on, as Flink reports it.
var states = []string{"busy", "idle", "backpressured"}

// busySection shows what the aggregator's subtasks did with their time.
func (r *Run) busySection() section {
	s := section{
		ID: "busy", Title: "Busy time",
		Lead: "The share of each second that a subtask of the aggregator worked; waited for input; and waited for what is behind it, which is back-pressure.",
	}
	subtasks := r.subtasks()
	var busy []line
	numbers := tableView{Head: []string{"subtask", "busy", "at most", "idle", "back-pressured"}}
	for _, subtask := range subtasks {
		busy = append(busy, r.columns([]string{subtask + "_busy"}, map[string]string{subtask + "_busy": strings.ReplaceAll(subtask, "_", " ")})...)
		row := []string{strings.ReplaceAll(subtask, "_", " ")}
		for _, state := range states {
			values := r.Series.Column(subtask + "_" + state)
			if !observed(values) {
				values = []float64{math.NaN()}
			}
			row = append(row, orNothing(mean(values), writePercent))
			if state == "busy" {
				row = append(row, orNothing(greatest(values), writePercent))
			}
		}
		numbers.Rows = append(numbers.Rows, row)
	}
	if len(busy) == 0 {
		s.Missing = "It was not measured."
		return s
	}
	for i := range busy {
		busy[i].faint = i >= looks
	}
	p := plot{
		id: "busy-plot", title: "Share of the time that each subtask was busy, over time", x: r.time(), y: axis{label: "busy", to: 1, write: writePercent},
		lines: busy, spans: r.spans(),
	}
	s.Figures = append(s.Figures, newFigure("Busy time by subtask", &p, numbers))
	if cpu := r.columns([]string{"harness_cpu_cores"}, map[string]string{"harness_cpu_cores": "weir"}); len(cpu) > 0 {
		_, most := bounds(cpu)
		p := plot{
			id: "cpu-plot", title: "CPU of the weir process over time", x: r.time(), y: upTo("cores", most, figure), lines: cpu, spans: r.spans(),
		}
		s.Figures = append(s.Figures, newFigure("CPU of the weir process, the embedded AWS included", &p, overTimeTable(cpu, mean, figure)))
	}
	return s
}

// subtasks are the names of the subtasks in the series, as source_0.
func (r *Run) subtasks() []string {
	if r.Series == nil {
		return nil
	}
	var found []string
	for _, column := range r.Series.Columns {
		if name, ok := strings.CutSuffix(column, "_busy"); ok {
			found = append(found, name)
		}
	}
	return found
}
