package result

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parse reads a value of one of the versions that are known. A member that every such file has and this one has not is an error: what is missing must not read
// as zero. A member that a version gets later may be left out (omitempty), or its field is tagged with the version that has it first, as since:"2": the files
// of before do not have it.
func parse(path string, text []byte, value any, newest int) error {
	var of struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return fmt.Errorf("%s: damaged: %w", path, err)
	}
	if of.Version < 1 || of.Version > newest {
		return fmt.Errorf("%s: version %d, and this weir reads up to version %d", path, of.Version, newest)
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: damaged: %w", path, err)
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if member := missing(reflect.TypeOf(value), document, of.Version); member != "" {
		return fmt.Errorf("%s: damaged: it has no %s", path, member)
	}
	return nil
}

// missing is the path of the first member that is absent or null in a document, of those that values of a type always have: numbers, texts, truths and structures
// whose tag does not let them out, and that the version has. It is empty where there is none. The document was read into the type before.
func missing(t reflect.Type, document any, version int) string {
	switch t.Kind() {
	case reflect.Pointer:
		if document == nil {
			return ""
		}
		return missing(t.Elem(), document, version)
	case reflect.Slice, reflect.Array:
		items, _ := document.([]any)
		for i, item := range items {
			if member := missing(t.Elem(), item, version); member != "" || item == nil && always(t.Elem()) {
				return join(fmt.Sprint(i), member)
			}
		}
	case reflect.Map:
		members, _ := document.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if within := missing(t.Elem(), members[name], version); within != "" || members[name] == nil && always(t.Elem()) {
				return join(name, within)
			}
		}
	case reflect.Struct:
		members, ok := document.(map[string]any)
		if t == reflect.TypeFor[time.Time]() || !ok {
			return ""
		}
		return missingOf(t, members, version)
	}
	return ""
}

// missingOf is that of a structure.
func missingOf(t reflect.Type, members map[string]any, version int) string {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			if within := missingOf(field.Type, members, version); within != "" {
				return within
			}
			continue
		}
		if since, err := strconv.Atoi(field.Tag.Get("since")); name == "-" || !field.IsExported() || err == nil && version < since {
			continue
		}
		member := members[name]
		if member == nil && options == "" && always(field.Type) {
			return name
		}
		if within := missing(field.Type, member, version); within != "" {
			return join(name, within)
		}
	}
	return ""
}

// always says that a value of a type is never null.
func always(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return false
	}
	return true
}

func join(name, within string) string {
	if within == "" {
		return name
	}
	return name + "." + within
}

// write writes a value as indented JSON, its text as it is.
func write(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
