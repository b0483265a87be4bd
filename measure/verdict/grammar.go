package verdict

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"weir/internal/spelling"
)

// The grammar of an expectation:
//
//	expectation = [ "abort" "unless" ] metric operator operand [ "during" phase ] .
//	operator    = "<=" | "<" | ">=" | ">" | "==" | "!=" .
//	operand     = quantity | metric .
//	metric      = name { "." name } .
//	quantity    = number [ unit ] .
//	phase       = name .
//	name        = a run of characters other than white space, "<", ">", "=", "!" and, in a metric, "." .
//
// The unit is of the metric: a time (ms, s, m, h and the rest of Go's), records or rows with k or M, a size (B, KiB, MiB, GiB, kB, MB, GB), % for a trend, and
// /s, /min or /h for a rate. One that the metric does not have is a mistake. A trend has a margin: it is compared with a quantity, by less or more.

// Expectation is one line of a scenario's expect.
type Expectation struct {
	text     string
	metric   metric
	operator string
	value    float64 // in the metric's unit, where other is none
	other    *metric
	phase    string
	abort    bool
}

// String is the expectation as it was written.
func (e *Expectation) String() string { return e.text }

// Abort says that the run ends as soon as the expectation is broken.
func (e *Expectation) Abort() bool { return e.abort }

// SyntaxError is what is wrong with an expectation, and where.
type SyntaxError struct {
	// Column counts characters from 1.
	Column  int
	Message string
	// Hint, if any, says what to write instead.
	Hint string
}

func (e *SyntaxError) Error() string { return e.Message }

// Parse reads an expectation. The error is a [*SyntaxError].
func Parse(text string) (*Expectation, error) {
	p := &parser{text: text}
	e := &Expectation{text: strings.TrimSpace(text)}
	if p.peek() == "abort" {
		p.next()
		if word := p.next(); word != "unless" {
			return nil, p.wrong("%s is not unless", quoted(word)).hint("abort unless backlog.input.seconds <= 30s")
		}
		e.abort = true
	}
	if err := p.comparison(e); err != nil {
		return nil, err
	}
	if p.peek() == "during" {
		p.next()
		if e.phase = p.next(); e.phase == "" {
			return nil, p.wrong("the name of a phase is missing").hint("acked.p99 <= 1s during hold")
		}
	}
	if word := p.next(); word != "" {
		return nil, p.wrong("there is %s behind the expectation", quoted(word)).hint("one expectation a line; those of all lines have to hold")
	}
	return e, nil
}

// parser goes through the words of an expectation.
type parser struct {
	text       string
	at         int // the byte behind the last word
	start, end int // of the last word
}

// peek is the next word, empty at the end.
func (p *parser) peek() string {
	before := *p
	word := p.next()
	*p = before
	return word
}

// next takes the next word: an operator, or what stands between white space and operators.
func (p *parser) next() string {
	for p.at < len(p.text) && isSpace(p.text[p.at]) {
		p.at++
	}
	p.start = p.at
	operator := p.at < len(p.text) && isOperator(p.text[p.at])
	for p.at < len(p.text) && !isSpace(p.text[p.at]) && isOperator(p.text[p.at]) == operator {
		p.at++
	}
	p.end = p.at
	return p.text[p.start:p.end]
}

func isSpace(b byte) bool    { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }
func isOperator(b byte) bool { return b == '<' || b == '>' || b == '=' || b == '!' }

// wrong is a mistake at the last word.
func (p *parser) wrong(format string, args ...any) *SyntaxError {
	return &SyntaxError{Column: 1 + utf8.RuneCountInString(p.text[:p.start]), Message: fmt.Sprintf(format, args...)}
}

func (e *SyntaxError) hint(text string) *SyntaxError {
	e.Hint = text
	return e
}

func quoted(word string) string {
	if word == "" {
		return "the end"
	}
	return fmt.Sprintf("%q", word)
}

var operators = map[string]func(a, b float64) bool{
	"<=": func(a, b float64) bool { return a <= b },
	"<":  func(a, b float64) bool { return a < b },
	">=": func(a, b float64) bool { return a >= b },
	">":  func(a, b float64) bool { return a > b },
	"==": func(a, b float64) bool { return a == b },
	"!=": func(a, b float64) bool { return a != b },
}

func (p *parser) comparison(e *Expectation) *SyntaxError {
	var err *SyntaxError
	if e.metric, err = p.metric(); err != nil {
		return err
	}
	e.operator = p.next()
	if operators[e.operator] == nil {
		return p.wrong("%s is no comparison", quoted(e.operator)).hint("one of <= < >= > == !=")
	}
	if e.metric.unit == percent && (e.operator == "==" || e.operator == "!=") {
		return p.wrong("%s has a margin, and is never equal to anything", e.metric.name).hint("as in " + e.metric.example())
	}
	switch word := p.peek(); {
	case word == "":
		p.next()
		return p.wrong("there is nothing to compare with").hint("as in " + e.metric.example())
	case '0' <= word[0] && word[0] <= '9', word[0] == '.', word[0] == '-', word[0] == '+':
		return p.quantity(e)
	}
	other, err := p.metric()
	if err != nil {
		return err
	}
	if other.unit == percent {
		return p.wrong("%s has a margin, and is compared with a number alone", other.name).hint("as in " + e.metric.example())
	}
	if other.unit != e.metric.unit {
		return p.wrong("%s is %s, and %s is %s", other.name, other.unit, e.metric.name, e.metric.unit)
	}
	e.other = &other
	return nil
}

func (p *parser) metric() (metric, *SyntaxError) {
	name := p.next()
	if name == "" || isOperator(name[0]) {
		return metric{}, p.wrong("the name of what was measured is missing").hint(someNames)
	}
	m, ok := findMetric(name)
	if ok {
		return m, nil
	}
	return metric{}, p.wrong("nothing of the name %q is measured", name).hint(hintFor(name))
}

const someNames = "as written.p99, backlog.input.seconds, drained_in, throttled, rows.by_kind.order; docs/expectations.md has all of them"

// hintFor says what may have been meant by a name.
func hintFor(name string) string {
	near := spelling.Nearest(name, knownNames())
	switch {
	case strings.HasPrefix(name, "route."):
		return "route.NAME.rows, .hits, .misses, .not_json, .leaks, .discarded, .invocations, .failures, .iterator_age or .backlog.seconds"
	case strings.Contains(name, "iterator_age"):
		return "iterator_age, or route.NAME.iterator_age"
	case partsHint(name) != "":
		return partsHint(name)
	case strings.HasPrefix(name, "rows.by_kind"):
		return "rows.by_kind.NAME"
	case near != "":
		return "did you mean " + near + "?"
	}
	return someNames
}

// quantity reads a number with its unit, which may stand apart from it.
func (p *parser) quantity(e *Expectation) *SyntaxError {
	word := p.next()
	if value, ok := e.metric.unit.parse(word + p.peek()); ok {
		p.next()
		e.value = value
		return nil
	}
	value, ok := e.metric.unit.parse(word)
	if !ok {
		return p.wrong("%s is %s, and %q is not", e.metric.name, e.metric.unit, word).hint("as in " + e.metric.example())
	}
	e.value = value
	return nil
}
