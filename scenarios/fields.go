package scenarios

import (
	"reflect"
	"strings"
)

// fieldType is a field of a mapping: its name in YAML, and where it is in the Go type.
type fieldType struct {
	name            string
	index           []int
	omitEmpty, flow bool
	reflect.StructField
}

// fieldsOf are the fields of a struct as YAML sees them: those of an inlined struct are its own.
func fieldsOf(t reflect.Type) []fieldType {
	var all []fieldType
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case name == "-":
		case strings.Contains(options, "inline"):
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				all = append(all, inner)
			}
		default:
			all = append(all, fieldType{
				name: name, index: []int{i}, StructField: f,
				omitEmpty: strings.Contains(options, "omitempty"), flow: strings.Contains(options, "flow"),
			})
		}
	}
	return all
}

func namesOf(fields []fieldType) []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].name
	}
	return names
}

// fieldNames are the names of the fields of a type in YAML.
func fieldNames[T any]() []string { return namesOf(fieldsOf(reflect.TypeFor[T]())) }
