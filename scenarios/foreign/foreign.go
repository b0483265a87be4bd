// Package foreign makes scenarios of what other tools are given: a template of the Kinesis Data Generator, or a command line of amazon-kinesis-replay. What it
// cannot take over is named with its line.
package foreign

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Options say what the other tool has elsewhere than in what is imported.
type Options struct {
	// Name is the scenario's.
	Name string
	// Rate and For are those of a template's load.
	Rate, For string
	// Key is the path of the row's key; empty to choose one.
	Key string
}

// Note is something that is not as it was, or was chosen.
type Note struct {
	Line int // from 1; 0 where it is of no line
	Text string
}

func (n Note) String() string {
	if n.Line == 0 {
		return n.Text
	}
	return fmt.Sprintf("line %d: %s", n.Line, n.Text)
}

// Scenario is what was made.
type Scenario struct {
	YAML  []byte
	Notes []Note
}

// RefusedError says, place by place, why nothing was made.
type RefusedError struct{ Places []Note }

func (e *RefusedError) Error() string {
	texts := make([]string, len(e.Places))
	for i := range e.Places {
		texts[i] = e.Places[i].String()
	}
	return strings.Join(texts, "\n")
}

// Import makes a scenario of a text, by what it is.
func Import(text []byte, o Options) (*Scenario, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	switch {
	case bytes.Contains(text, []byte("{{")):
		return importTemplate(string(text), o)
	case bytes.Contains(text, []byte("amazon-kinesis-replay")) || hasReplayOption(string(text)):
		return importCommand(string(text), o)
	}
	return nil, &RefusedError{[]Note{{Text: "it is neither a template of the Kinesis Data Generator, which has {{…}} in it, nor a command line of amazon-kinesis-replay"}}}
}

// sortNotes brings notes into the order of their lines.
func sortNotes(notes []Note) []Note {
	slices.SortStableFunc(notes, func(a, b Note) int { return cmp.Compare(a.Line, b.Line) })
	return notes
}

// quoted is a text as YAML takes it.
func quoted(text string) string {
	q, _ := json.Marshal(text) // a string can always be marshalled
	return string(q)
}

// lineOf is the line of a place in a text.
func lineOf(text string, at int) int { return strings.Count(text[:min(at, len(text))], "\n") + 1 }
