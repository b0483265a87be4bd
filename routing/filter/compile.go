package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// MaxPatterns is how many patterns a filter has at most (AWS Lambda developer guide, "Control which events Lambda sends to your
// function": five, ten on request).
const MaxPatterns = 5

// Compile makes a filter of patterns, as a YAML or JSON reader gives them. A float64 stands for its shortest plain form; whoever
// has to match 300.0 gives a json.Number. The error names the place in the pattern, as in "data.kind[0]".
func Compile(patterns []map[string]any) (*Filter, error) {
	if len(patterns) > MaxPatterns {
		return nil, fmt.Errorf("%d filter patterns: Lambda takes at most %d", len(patterns), MaxPatterns)
	}
	f := new(Filter)
	for i, pattern := range patterns {
		o, err := compilePattern(pattern)
		if err != nil {
			return nil, fmt.Errorf("filter pattern %d: %w", i+1, err)
		}
		f.patterns = append(f.patterns, o)
	}
	return f, nil
}

func compilePattern(pattern map[string]any) (object, error) {
	for _, name := range slices.Sorted(maps.Keys(pattern)) {
		if name != "data" {
			return nil, fmt.Errorf("%q: a pattern for Kinesis has one key, data", name)
		}
	}
	data, ok := pattern["data"]
	if !ok {
		return nil, errors.New("data is missing: a pattern for Kinesis names the fields of the record under it")
	}
	members, ok := data.(map[string]any)
	if !ok {
		return nil, errors.New("data: it has to be an object of the record's fields")
	}
	return compileObject("data", members)
}

func compileObject(path string, members map[string]any) (object, error) {
	if len(members) == 0 {
		return nil, fmt.Errorf("%s: an empty object matches nothing", path)
	}
	o := make(object, 0, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		f, err := compileField(path+"."+name, name, members[name])
		if err != nil {
			return nil, err
		}
		o = append(o, f)
	}
	return o, nil
}

func compileField(path, name string, pattern any) (field, error) {
	if name == "$or" {
		return field{}, fmt.Errorf("%s: the operator $or is not supported yet", path)
	}
	f := field{name: name}
	var err error
	switch pattern := pattern.(type) {
	case map[string]any:
		f.object, err = compileObject(path, pattern)
	case []any:
		f.values, err = compileValues(path, pattern)
	default:
		err = fmt.Errorf("%s: a value stands in an array, as [%v]", path, pattern)
	}
	return f, err
}

func compileValues(path string, patterns []any) ([]value, error) {
	if len(patterns) == 0 {
		return nil, fmt.Errorf("%s: an empty array matches nothing", path)
	}
	values := make([]value, len(patterns))
	for i, pattern := range patterns {
		at := fmt.Sprintf("%s[%d]", path, i)
		if operator, ok := pattern.(map[string]any); ok {
			return nil, fmt.Errorf("%s: the operator %s is not supported yet", at, operatorName(operator))
		}
		v, ok := valueOf(pattern)
		if !ok {
			return nil, fmt.Errorf("%s: a %T is no string, number, boolean or null", at, pattern)
		}
		values[i] = v
	}
	return values, nil
}

// operatorName is the name of an operator, or all names where there are several.
func operatorName(operator map[string]any) string {
	names := slices.Sorted(maps.Keys(operator))
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprint(names)
}

// valueOf is a scalar as a value; ok is false for anything else.
func valueOf(scalar any) (v value, ok bool) {
	switch scalar := scalar.(type) {
	case nil:
		return value{null, ""}, true
	case bool:
		return value{boolean, strconv.FormatBool(scalar)}, true
	case string:
		return value{text, scalar}, true
	case json.Number:
		return value{number, scalar.String()}, true
	case float64:
		return value{number, strconv.FormatFloat(scalar, 'f', -1, 64)}, true
	case int, int64, uint64:
		return value{number, fmt.Sprint(scalar)}, true
	}
	return value{}, false
}
