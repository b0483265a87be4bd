package report

import (
	"html/template"
	"math"
	"strings"
)

// section is one subject of the page.
type section struct {
	ID, Title string
	// Lead says how to read what follows.
	Lead string
	// First are tables above the figures, and Tables those below.
	First   []tableView
	Figures []figureView
	Tables  []tableView
	// Missing says what was not measured, instead of showing it.
	Missing string
}

// figureView is a plot with its legend and its numbers.
type figureView struct {
	Caption string
	Plot    template.HTML
	Legend  []legendEntry
	Numbers tableView
}

// legendEntry explains a line, or a band of a stack, by its class.
type legendEntry struct {
	Look, Name string
	Band       bool
}

// tableView is a table: the first column is its rows' heads.
type tableView struct {
	Caption string
	Head    []string
	Rows    [][]string
	// Marks are the rows' classes, if they have any.
	Marks []string
}

// Mark is the class of a row.
func (t tableView) Mark(row int) string {
	if row < len(t.Marks) {
		return t.Marks[row]
	}
	return ""
}

// newFigure draws a plot, with its legend.
func newFigure(caption string, p *plot, numbers tableView) figureView {
	f := figureView{Caption: caption, Plot: p.svg(), Numbers: numbers}
	for i, class := range p.looks() {
		if !p.lines[i].faint {
			f.Legend = append(f.Legend, legendEntry{Look: class, Name: p.lines[i].name})
		}
	}
	if p.stack != nil {
		for _, b := range p.stack.bands {
			f.Legend = append(f.Legend, legendEntry{Look: b.look, Name: b.name + ": " + b.says, Band: true})
		}
	}
	return f
}

// mostRows bounds the table under a plot over time.
const mostRows = 60

// reduce makes one number of those of a stretch of time.
type reduce func(values []float64) float64

// mean is of what was observed, NaN if nothing was.
func mean(values []float64) float64 {
	sum, n := 0.0, 0
	for _, value := range values {
		if !math.IsNaN(value) {
			sum += value
			n++
		}
	}
	return sum / float64(n)
}

// greatest is NaN if nothing was observed.
func greatest(values []float64) float64 {
	_, at := extremes(values)
	return values[at]
}

// overTimeTable has the lines' numbers: a row a moment, or a row a stretch of them where there are too many moments. All lines have the same x.
func overTimeTable(lines []line, of reduce, write func(float64) string) tableView {
	if len(lines) == 0 || len(lines[0].x) == 0 {
		return tableView{}
	}
	times := lines[0].x
	t := tableView{Head: []string{"until"}}
	for _, l := range lines {
		t.Head = append(t.Head, l.name)
	}
	rows := min(mostRows, len(times))
	for i := range rows {
		from, to := i*len(times)/rows, (i+1)*len(times)/rows
		row := []string{writeSeconds(math.Round(times[to-1]*10) / 10)}
		for _, l := range lines {
			row = append(row, orNothing(of(l.y[from:to]), write))
		}
		t.Rows = append(t.Rows, row)
	}
	if rows < len(times) {
		t.Caption = "Each row is of several moments."
	}
	return t
}

// orNothing is a dash for what was not observed.
func orNothing(value float64, write func(float64) string) string {
	if math.IsNaN(value) {
		return "–"
	}
	return write(value)
}

// words joins names as a sentence does.
func words(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
