// Package filter is the pattern language of Lambda's event filtering for Kinesis: which records of a stream an event source mapping lets
// through to its function.
//
//	pattern  = {"data": object} | {"$or": [pattern, pattern, ...]}
//	object   = {name: object | tests, "$or": [object, object, ...], ...}    all of them have to match
//	tests    = [test, ...]                                                  one has to match
//	test     = string | number | true | false | null                        the same value
//	         | {"prefix": string} | {"suffix": string} | {"equals-ignore-case": string}
//	         | {"anything-but": string | number | [string, ...] | [number, ...]}
//	         | {"numeric": [operator, number]} | {"numeric": [">" or ">=", number, "<" or "<=", number]}
//	         | {"exists": true | false}
//
// Patterns are ORed. Data that is not JSON is dropped by a filter, and so is JSON that is not an object, which no pattern can match. A name that
// the data lacks matches exists: false alone. Strings match character by character. A number matches by the way it is written (300 is not 300.0),
// but numeric goes by its value, and sees JSON numbers between -5e9 and 5e9 alone. Exists sees leaves: an object counts as absent. Where the data has
// an array, one of its elements has to match, and several names inside an array of objects have to match in the same element.
//
// Sources: AWS Lambda developer guide, "Control which events Lambda sends to your function" (the operators, how numbers match, leaves) and "Using event
// filtering with a Kinesis event source" (data alone, data that is not JSON); EventBridge user guide, "Comparison operators for use in event
// patterns", whose syntax Lambda says it uses (the bounds of numeric, what anything-but takes, $or).
//
// The latter page has operators that Lambda's list of its own has not. Those within another one ({"anything-but": {"prefix": "x"}}) are spoken, and
// [Filter.Doubts] names them; wildcard and cidr are refused.
package filter

import (
	"sync"

	"weir/record"
)

// Filter is a compiled set of patterns. It is safe for concurrent use. A nil Filter, and one without patterns, lets
// everything through.
type Filter struct {
	patterns []object
	// paths are where the finder of each matcher looks, in the order of their places.
	paths    [][]string
	doubts   []string
	matchers sync.Pool // of *matcher
}

// Answer is what becomes of a record.
type Answer uint8

const (
	// Through is a record that the function gets.
	Through Answer = iota
	// Missed is one that no pattern matches.
	Missed
	// NotJSON is one that is dropped because its data is not JSON, as Lambda drops it where a pattern is for data that is.
	NotJSON
)

// object is what an object of the data has to hold: every field and one of each group of alternatives.
type object struct {
	fields []field
	ors    [][]object
}

type field struct {
	name string
	// place is where the finder has the value.
	place int
	// One of the two is set.
	object *object
	tests  []test
	// path are the names from the data's root to the field, for a test for its absence.
	path []string
}

// Doubts names what the filter uses and Lambda's own list of operators has not.
func (f *Filter) Doubts() []string {
	if f == nil {
		return nil
	}
	return f.doubts
}

// Match says what becomes of a record with this data.
func (f *Filter) Match(data []byte) Answer {
	if f == nil || len(f.patterns) == 0 {
		return Through
	}
	m, _ := f.matchers.Get().(*matcher)
	if m == nil {
		m = f.newMatcher()
	}
	defer f.matchers.Put(m)
	return m.match(data)
}

// matcher finds and matches the values of one record at a time.
type matcher struct {
	patterns []object
	finder   *record.Finder
}

func (f *Filter) newMatcher() *matcher {
	m := &matcher{patterns: f.patterns, finder: record.NewFinder()}
	for _, path := range f.paths {
		m.finder.Add(path...)
	}
	return m
}
