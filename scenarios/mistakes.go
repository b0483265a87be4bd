package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Mistakes are all that is wrong with a scenario file.
type Mistakes struct {
	// All are in the order of the file. Those without a place, which come from flags, are last.
	All []Mistake
}

// Mistake is one thing that is wrong.
type Mistake struct {
	// File, Line and Column say where; both count from 1, the column in characters. Line is 0 where the scenario file is not to blame.
	File         string
	Line, Column int
	// Source is the line as it stands in the file.
	Source string
	// Path is the field, as load.rate[1].at; empty where the text is no YAML.
	Path string
	// Text says what is wrong, and Hint how to put it right, if that is known.
	Text, Hint string
}

// maxPrinted is how many mistakes are worth reading at once.
const maxPrinted = 20

// Error prints the first mistakes, and says how many there are beyond them.
func (m *Mistakes) Error() string {
	var b strings.Builder
	for i := range m.All[:min(len(m.All), maxPrinted)] {
		if i > 0 {
			b.WriteByte('\n')
		}
		m.All[i].print(&b)
	}
	if more := len(m.All) - maxPrinted; more > 0 {
		fmt.Fprintf(&b, "\nand %d more", more)
	}
	return b.String()
}

// print writes where and what, the line with a caret below the place, and the hint.
func (m *Mistake) print(b *strings.Builder) {
	if m.Line > 0 {
		fmt.Fprintf(b, "%s:%d:%d: ", m.File, m.Line, m.Column)
	}
	if m.Path != "" {
		b.WriteString(m.Path + ": ")
	}
	b.WriteString(m.Text)
	if m.Source != "" {
		source, column := crop(m.Source, m.Column)
		fmt.Fprintf(b, "\n    %s\n    %s^", source, blank(source, column-1))
	}
	if m.Hint != "" {
		b.WriteString("\n  hint: " + m.Hint)
	}
}

// The length of a line that is printed whole, and how much of a longer one stands before the place.
const (
	maxSource   = 160
	beforePlace = 60
)

// crop cuts a line that is too long to print around the column.
func crop(source string, column int) (string, int) {
	characters := []rune(source)
	if len(characters) <= maxSource {
		return source, column
	}
	from := min(max(0, column-1-beforePlace), len(characters)-1)
	to := min(len(characters), from+maxSource)
	return string(characters[from:to]), column - from
}

// blank is as wide as the first characters of a line: tabs stay tabs.
func blank(source string, characters int) string {
	var b strings.Builder
	for _, c := range source {
		if characters--; characters < 0 {
			break
		}
		if c != '\t' {
			c = ' '
		}
		b.WriteRune(c)
	}
	return b.String() + strings.Repeat(" ", max(0, characters))
}

// findings collects mistakes in one file.
type findings struct {
	file  string
	lines []string
	all   []Mistake
	// meant are paths of fields that were probably meant by ones that there are not.
	meant []string
}

func newFindings(file string, text []byte) *findings {
	return &findings{file: file, lines: strings.Split(plainText(text), "\n")}
}

// lineBreaks are those of YAML 1.2: a line feed, a carriage return, or both.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// plainText has one kind of line break and no byte order mark; what is no UTF-8 is replaced.
func plainText(text []byte) string {
	valid := strings.ToValidUTF8(string(text), string(utf8.RuneError))
	return lineBreaks.Replace(strings.TrimPrefix(valid, "\uFEFF"))
}

func (f *findings) add(at place, path, text, hint string) {
	m := Mistake{File: f.file, Line: at.line, Column: at.column, Path: path, Text: text, Hint: hint}
	if at.line > 0 && at.line <= len(f.lines) {
		m.Source = f.lines[at.line-1]
	}
	f.all = append(f.all, m)
}

// touches says whether a mistake has been found at a path, above it or below: what else is wrong there follows from it.
func (f *findings) touches(path string) bool {
	for i := range f.all {
		if overlap(f.all[i].Path, path) {
			return true
		}
	}
	return slices.ContainsFunc(f.meant, func(meant string) bool { return overlap(meant, path) })
}

// overlap says whether two paths are the same or one is above the other.
func overlap(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	rest, ok := strings.CutPrefix(b, a)
	return ok && (a == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// err is nil if nothing is wrong.
func (f *findings) err() error {
	if len(f.all) == 0 {
		return nil
	}
	slices.SortStableFunc(f.all, func(a, b Mistake) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Mistakes{All: f.all}
}
