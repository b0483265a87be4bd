package survey

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Sheet is a survey as a terminal shows it: a name and what there is to say about it, line by line, in two columns.
type Sheet struct {
	table *tabwriter.Writer
	parts []part
	most  int // lines; 0 for any number
	whole bool
}

// Line is one, with its name, which may be empty.
type Line struct{ Name, Text string }

// part is a line, or a list that may be shortened.
type part struct {
	noun  string
	lines []Line
	shown int
}

// leastShown is how many lines of a list are shown, however long the sheet.
const leastShown = 3

// NewSheet makes a sheet that goes to w once it is flushed.
func NewSheet(w io.Writer) *Sheet { return &Sheet{table: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)} }

// Limit has the longest lists shortened until the sheet has no more than so many lines, as long as there is a list that can be.
func (s *Sheet) Limit(lines int) { s.most = lines }

// Whole has every list shown to its end.
func (s *Sheet) Whole() { s.whole = true }

// Row adds a line. What fails is reported by Flush.
func (s *Sheet) Row(name, format string, args ...any) {
	s.parts = append(s.parts, part{lines: []Line{{name, fmt.Sprintf(format, args...)}}, shown: 1})
}

// List adds a list under one name: see [Sheet.Lines].
func (s *Sheet) List(name, noun string, most int, texts []string) {
	lines := make([]Line, len(texts))
	for i, text := range texts {
		lines[i] = Line{name, text}
		name = ""
	}
	s.Lines(noun, most, lines)
}

// Lines adds lines of which the first most are shown, and then how many more there are, of which noun says what they are. With no noun, nothing is said of them.
func (s *Sheet) Lines(noun string, most int, lines []Line) {
	if s.whole {
		most = len(lines)
	}
	if len(lines) > 0 {
		s.parts = append(s.parts, part{noun: noun, lines: lines, shown: min(most, len(lines))})
	}
}

// height is how many lines the part takes.
func (p *part) height() int {
	if p.rest() != "" {
		return p.shown + 1
	}
	return p.shown
}

// rest is what is said of the lines that are not shown.
func (p *part) rest() string {
	if p.shown == len(p.lines) || p.noun == "" {
		return ""
	}
	return fmt.Sprintf("and %s %s more", Thousands(int64(len(p.lines)-p.shown)), p.noun)
}

// Flush writes the lines.
func (s *Sheet) Flush() error {
	s.shorten()
	for i := range s.parts {
		p := &s.parts[i]
		for _, line := range p.lines[:p.shown] {
			fmt.Fprintf(s.table, "%s\t%s\n", line.Name, line.Text)
		}
		if rest := p.rest(); rest != "" {
			fmt.Fprintf(s.table, "\t%s\n", rest)
		}
	}
	return s.table.Flush()
}

// shorten takes lines off the longest lists.
func (s *Sheet) shorten() {
	height := 0
	for i := range s.parts {
		height += s.parts[i].height()
	}
	for s.most > 0 && !s.whole && height > s.most {
		var longest *part
		for i := range s.parts {
			if p := &s.parts[i]; p.shown > leastShown && (longest == nil || p.shown > longest.shown) {
				longest = p
			}
		}
		if longest == nil {
			return
		}
		before := longest.height()
		longest.shown--
		if longest.height() == before { // the line that says so takes its place
			longest.shown--
		}
		height -= before - longest.height()
	}
}
