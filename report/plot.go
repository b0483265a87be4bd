package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// plot is lines over two axes.
type plot struct {
	// id is the plot's own on the page, and says what it shows to those who cannot see it, in the title.
	id, title string
	x, y      axis
	lines     []line
	// stack, if any, lies below the lines.
	stack *stack
	// spans are stretches of the x axis with a name: the phases of the schedule.
	spans []span
}

// line is one line. A NaN is a gap in it.
type line struct {
	name string
	x, y []float64
	// faint is for one of many, which has no place in the legend.
	faint bool
	// look is the number of its look, from 1, where it is to look alike in several plots; 0 is the next one, and wholeLook the edge of a stack.
	look int
}

type span struct {
	name     string
	from, to float64
}

// The drawing's size, in units that the page scales to what room there is.
const (
	width, height = 640, 260
	left, right   = 62, 10
	top, bottom   = 18, 36
	// mostPoints bounds a line's points: two for each unit of the width that lines have. What stands between two is within them.
	mostPoints = 2 * (width - left - right)
	// looks is how many lines can be told apart, by colour and by dashes.
	looks = 6
)

// svg draws the plot.
func (p *plot) svg() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title"><title id="%[3]s-title">%s</title>`,
		width, height, p.id, html.EscapeString(p.title))
	p.drawSpans(&b)
	p.drawStack(&b)
	p.drawAxes(&b)
	for i, class := range p.looks() {
		fmt.Fprintf(&b, `<path class="line %s" d="%s"/>`, class, p.path(&p.lines[i]))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// looks are the lines' classes.
func (p *plot) looks() []string {
	next := 0
	var classes []string
	for i := range p.lines {
		switch l := &p.lines[i]; {
		case l.look == wholeLook:
			classes = append(classes, "whole")
		case l.faint:
			classes = append(classes, "faint")
		case l.look > 0:
			classes = append(classes, lookOf(l.look-1))
		default:
			classes = append(classes, lookOf(next))
			next++
		}
	}
	return classes
}

// wholeLook is the look of the line that a stack adds up to.
const wholeLook = -1

// lookOf is the class of the nth line that has a look of its own.
func lookOf(n int) string { return "look" + strconv.Itoa(n%looks) }

func (p *plot) drawSpans(b *strings.Builder) {
	for i, s := range p.spans {
		from, to := p.across(s.from), p.across(s.to)
		fmt.Fprintf(b, `<rect class="span%d" x="%s" y="%d" width="%s" height="%d"/>`, i%2, short(from), top, short(to-from), height-top-bottom)
		if to-from > float64(7*len(s.name)) {
			fmt.Fprintf(b, `<text class="span" x="%s" y="%d">%s</text>`, short(from+3), top-5, html.EscapeString(s.name))
		}
	}
}

func (p *plot) drawAxes(b *strings.Builder) {
	for _, tick := range p.y.ticks() {
		y := short(p.up(tick))
		fmt.Fprintf(b, `<path class="grid" d="M%d %sH%d"/><text class="y" x="%d" y="%s">%s</text>`,
			left, y, width-right, left-6, y, html.EscapeString(p.y.write(tick)))
	}
	for _, tick := range p.x.ticks() {
		x := short(p.across(tick))
		fmt.Fprintf(b, `<path class="grid" d="M%s %dV%d"/><text class="x" x="%s" y="%d">%s</text>`,
			x, top, height-bottom, x, height-bottom+15, html.EscapeString(p.x.write(tick)))
	}
	fmt.Fprintf(b, `<text class="label" x="%d" y="%d">%s</text>`, (left+width-right)/2, height-4, html.EscapeString(p.x.label))
	fmt.Fprintf(b, `<text class="label" transform="translate(11 %d) rotate(-90)">%s</text>`, (top+height-bottom)/2, html.EscapeString(p.y.label))
}

func (p *plot) across(x float64) float64 { return left + p.x.place(x)*(width-left-right) }
func (p *plot) up(y float64) float64     { return height - bottom - p.y.place(y)*(height-top-bottom) }

// path is a line as the drawing has it.
func (p *plot) path(l *line) string {
	var b strings.Builder
	pen := false
	x, y := thinned(l.x, l.y, mostPoints)
	for i := range x {
		if math.IsNaN(y[i]) || (p.y.scale == decades && y[i] <= 0) {
			pen = false
			continue
		}
		command := byte('M')
		if pen {
			command = 'L'
		}
		pen = true
		b.WriteByte(command)
		b.WriteString(short(p.across(x[i])) + " " + short(p.up(y[i])))
	}
	return b.String()
}

func short(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

// thinned leaves at most so many points of a line: the least and the greatest of each stretch, in their order, so that no peak goes.
func thinned(x, y []float64, most int) (thinX, thinY []float64) {
	if len(x) <= most {
		return x, y
	}
	stretches := most / 2
	for i := range stretches {
		from, to := i*len(x)/stretches, (i+1)*len(x)/stretches
		least, greatest := extremes(y[from:to])
		first, second := from+min(least, greatest), from+max(least, greatest)
		thinX, thinY = append(thinX, x[first]), append(thinY, y[first])
		if second != first {
			thinX, thinY = append(thinX, x[second]), append(thinY, y[second])
		}
	}
	return thinX, thinY
}

// extremes are where the least and the greatest value stand; both at the start where all are NaN.
func extremes(values []float64) (least, greatest int) {
	for i, value := range values {
		if math.IsNaN(values[least]) || value < values[least] {
			least = i
		}
		if math.IsNaN(values[greatest]) || value > values[greatest] {
			greatest = i
		}
	}
	return least, greatest
}

// bounds are the least and the greatest of all values of all lines that are above zero, and 0, 0 for none.
func bounds(lines []line) (least, greatest float64) {
	least = math.Inf(1)
	for _, l := range lines {
		for _, y := range l.y {
			if y > 0 {
				least, greatest = min(least, y), max(greatest, y)
			}
		}
	}
	if greatest == 0 {
		least = 0
	}
	return least, greatest
}
