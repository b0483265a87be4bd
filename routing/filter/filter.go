// Package filter is the pattern language of Lambda's event filtering for Kinesis, as far as weir speaks it: which records of a
// stream an event source mapping lets through to its function.
//
//	pattern = {"data": object}
//	object  = {name: object | values, ...}                   all names have to match
//	values  = [string | number | true | false | null, ...]    one has to match
//
// Up to five patterns are ORed. A name that the data lacks does not match, nor does data that is not one JSON object: Lambda
// drops such a record too (AWS Lambda developer guide, "Control which events Lambda sends to your function" and "Using event
// filtering with a Kinesis event source"). A number matches by the way it is written: 300 is not 300.0. Where the data has an
// array, one of its elements has to match; several names inside an array of objects have to match in the same element.
//
// Not spoken yet: the operators, which Lambda writes as objects inside values ({"prefix": "a"}), and $or.
package filter

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
)

// Filter is a compiled set of patterns. It is safe for concurrent use. A nil Filter, and one without patterns, lets
// everything through.
type Filter struct{ patterns []object }

// object is what an object of the data has to hold: every field, at its place.
type object []field

type field struct {
	name string
	// One of the two is set.
	object object
	values []value
}

// value is one exact value: its text and what it is.
type value struct {
	kind kind
	text string
}

type kind uint8

const (
	null kind = iota
	boolean
	number
	text
)

// Match says whether the data of a record gets through.
func (f *Filter) Match(data []byte) bool {
	if f == nil || len(f.patterns) == 0 {
		return true
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // a number matches by its text
	var root map[string]any
	if err := decoder.Decode(&root); err != nil || root == nil {
		return false
	}
	if _, err := decoder.Token(); err != io.EOF {
		return false
	}
	for _, pattern := range f.patterns {
		if pattern.match(root) {
			return true
		}
	}
	return false
}

func (o object) match(members map[string]any) bool {
	for i := range o {
		member, ok := members[o[i].name]
		if !ok || !o[i].match(member) {
			return false
		}
	}
	return true
}

func (f *field) match(member any) bool {
	if elements, ok := member.([]any); ok {
		return slices.ContainsFunc(elements, f.match)
	}
	members, isObject := member.(map[string]any)
	if f.object != nil {
		return isObject && f.object.match(members)
	}
	is, ok := valueOf(member)
	return ok && slices.Contains(f.values, is)
}
