package result

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// parse reads a value of one of the versions that are known. A member that every such file has and this one has not is an error: what is missing must not read
// as zero. So a member that a version gets later may be left out (omitempty): the files of before do not have it.
func parse(path string, text []byte, value any, version *int, newest int) error {
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: damaged: %w", path, err)
	}
	if *version < 1 || *version > newest {
		return fmt.Errorf("%s: version %d, and this weir reads up to version %d", path, *version, newest)
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if member := missing(reflect.TypeOf(value), document); member != "" {
		return fmt.Errorf("%s: damaged: it has no %s", path, member)
	}
	return nil
}

// missing is the path of the first member that is absent or null in a document, of those that values of a type always have: numbers, texts, truths and structures
// whose tag does not let them out. It is empty where there is none. The document was read into the type before.
func missing(t reflect.Type, document any) string {
	switch t.Kind() {
	case reflect.Pointer:
		if document == nil {
			return ""
		}
		return missing(t.Elem(), document)
	case reflect.Slice, reflect.Array:
		items, _ := document.([]any)
		for i, item := range items {
			if member := missing(t.Elem(), item); member != "" || item == nil && always(t.Elem()) {
				return join(fmt.Sprint(i), member)
			}
		}
	case reflect.Map:
		members, _ := document.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if within := missing(t.Elem(), members[name]); within != "" || members[name] == nil && always(t.Elem()) {
				return join(name, within)
			}
		}
	case reflect.Struct:
		members, ok := document.(map[string]any)
		if t == reflect.TypeFor[time.Time]() || !ok {
			return ""
		}
		return missingOf(t, members)
	}
	return ""
}

// missingOf is that of a structure.
func missingOf(t reflect.Type, members map[string]any) string {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			if within := missingOf(field.Type, members); within != "" {
				return within
			}
			continue
		}
		if name == "-" || !field.IsExported() {
			continue
		}
		member := members[name]
		if member == nil && options == "" && always(field.Type) {
			return name
		}
		if within := missing(field.Type, member); within != "" {
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
