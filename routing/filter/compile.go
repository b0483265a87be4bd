package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/record"
)

// What Lambda takes (AWS Lambda developer guide, "Control which events Lambda sends to your function", and API reference, Filter): five patterns, ten on
// request, of up to 4,096 characters each.
const (
	MaxPatterns     = 10
	defaultPatterns = 5
	maxPatternText  = 4096
)

// Compile makes a filter of patterns, as a YAML or JSON reader gives them. A float64 stands for its shortest plain form; whoever
// has to match 300.0 gives a json.Number. The error names the place in the pattern, as in "data.kind[0]".
func Compile(patterns []map[string]any) (*Filter, error) {
	if len(patterns) > MaxPatterns {
		return nil, fmt.Errorf("%d filter patterns: Lambda takes at most %d, and %d unless the quota is raised", len(patterns), MaxPatterns, defaultPatterns)
	}
	f := new(Filter)
	if len(patterns) > defaultPatterns {
		f.doubts = append(f.doubts, fmt.Sprintf("%d patterns are more than the %d that Lambda takes unless the quota is raised", len(patterns), defaultPatterns))
	}
	c := &compiler{finder: record.NewFinder(), filter: f}
	for i, pattern := range patterns {
		o, err := c.pattern(pattern)
		if err != nil {
			return nil, fmt.Errorf("filter pattern %d: %w", i+1, err)
		}
		f.patterns = append(f.patterns, o)
	}
	return f, nil
}

// compiler numbers the fields as it meets them, by adding them to a finder.
type compiler struct {
	finder *record.Finder
	filter *Filter
}

func (c *compiler) pattern(pattern map[string]any) (object, error) {
	if written, err := json.Marshal(pattern); err == nil && len([]rune(string(written))) > maxPatternText {
		return object{}, fmt.Errorf("it has %d characters: Lambda takes at most %d", len([]rune(string(written))), maxPatternText)
	}
	return c.root(pattern)
}

// root compiles what stands beside data: nothing, or alternatives that are of data in their turn.
func (c *compiler) root(pattern map[string]any) (object, error) {
	var o object
	for _, name := range slices.Sorted(maps.Keys(pattern)) {
		if name != "data" && name != or {
			return o, fmt.Errorf("%q: a pattern for Kinesis has one key, data", name)
		}
	}
	if alternatives, ok := pattern[or]; ok {
		group, err := c.alternatives(or, alternatives, func(_ string, members map[string]any) (object, error) { return c.root(members) })
		if err != nil {
			return o, err
		}
		o.ors = append(o.ors, group)
	}
	data, ok := pattern["data"]
	if !ok && o.ors == nil {
		return o, errors.New("data is missing: a pattern for Kinesis names the fields of the record under it")
	}
	if !ok {
		return o, nil
	}
	members, ok := data.(map[string]any)
	if !ok {
		return o, errors.New("data: it has to be an object of the record's fields, for Lambda takes only patterns for data that is JSON")
	}
	below, err := c.object("data", nil, members)
	o.fields, o.ors = below.fields, append(o.ors, below.ors...)
	return o, err
}

// or is the name of the one operator that stands where a field does.
const or = "$or"

func (c *compiler) object(at string, path []string, members map[string]any) (object, error) {
	var o object
	if len(members) == 0 {
		return o, fmt.Errorf("%s: an empty object matches nothing", at)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if name == or {
			group, err := c.alternatives(at+"."+or, members[or], func(at string, members map[string]any) (object, error) { return c.object(at, path, members) })
			if err != nil {
				return o, err
			}
			o.ors = append(o.ors, group)
			continue
		}
		f, err := c.field(at+"."+name, append(slices.Clone(path), name), members[name])
		if err != nil {
			return o, err
		}
		o.fields = append(o.fields, f)
	}
	return o, nil
}

// alternatives are the objects of an $or. Fewer than two, or one whose field is called as an operator, EventBridge takes for a field of the name $or; here that is
// an error, for a record with such a field would be a wonder.
func (c *compiler) alternatives(at string, pattern any, compile func(at string, members map[string]any) (object, error)) ([]object, error) {
	list, ok := pattern.([]any)
	if !ok || len(list) < 2 {
		return nil, fmt.Errorf("%s: it has to be an array of two objects or more", at)
	}
	group := make([]object, len(list))
	for i, item := range list {
		at := fmt.Sprintf("%s[%d]", at, i)
		members, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: it has to be an object of fields", at)
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if slices.Contains(reserved, name) {
				return nil, fmt.Errorf("%s: %s is an operator, and no field", at, name)
			}
		}
		var err error
		if group[i], err = compile(at, members); err != nil {
			return nil, err
		}
	}
	return group, nil
}

// reserved are names that make no alternative (EventBridge's matching library, aws/event-ruler, README.md, "The $or Primitive").
var reserved = []string{
	"exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr", "=", "<", "<=", ">", ">=", "regex",
}

func (c *compiler) field(at string, path []string, pattern any) (field, error) {
	f := field{name: path[len(path)-1], path: path, place: c.finder.Add(path...)}
	c.filter.paths = append(c.filter.paths, path)
	switch pattern := pattern.(type) {
	case map[string]any:
		o, err := c.object(at, path, pattern)
		f.object = &o
		return f, err
	case []any:
		var err error
		f.tests, err = c.tests(at, pattern)
		return f, err
	}
	return f, fmt.Errorf("%s: a value stands in an array, as [%v]", at, pattern)
}

func (c *compiler) tests(at string, patterns []any) ([]test, error) {
	if len(patterns) == 0 {
		return nil, fmt.Errorf("%s: an empty array matches nothing", at)
	}
	tests := make([]test, len(patterns))
	for i, pattern := range patterns {
		var err error
		if tests[i], err = c.test(fmt.Sprintf("%s[%d]", at, i), pattern); err != nil {
			return nil, err
		}
	}
	return tests, nil
}

func (c *compiler) test(at string, pattern any) (test, error) {
	if operator, ok := pattern.(map[string]any); ok {
		return c.operator(at, operator)
	}
	v, ok := valueOf(pattern)
	if !ok {
		return test{}, fmt.Errorf("%s: a %T is no string, number, boolean or null", at, pattern)
	}
	return test{operator: equals, kind: v.kind, texts: []string{string(v.text)}}, nil
}

// doubt notes that an operator is EventBridge's, and not in Lambda's list.
func (c *compiler) doubt(at, what string) {
	c.filter.doubts = append(c.filter.doubts, fmt.Sprintf(
		"%s: %s is in EventBridge's list of operators and not in Lambda's own: have Lambda take the pattern before you rely on it", at, what))
}

// operatorName is the name of an operator, or all names where there are several.
func operatorName(operator map[string]any) string {
	return strings.Join(slices.Sorted(maps.Keys(operator)), ", ")
}
