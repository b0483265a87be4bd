package scenarios

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"testing"
)

// The schema is made here of the same types and tags that the decoder walks, of the defaults that they set, and of the comments on
// their fields. A library would have to be handed a schema for nearly all of them: units are words with a pattern, a distribution is
// a word or a mapping of one form, and which fields a phase has depends on its shape.

const schemaFile = "../docs/scenario.schema.json"

// object is a JSON object; encoding/json sorts its names.
type object = map[string]any

// required are the fields that nothing stands in for. The validator says the same of them.
var required = map[reflect.Type][]string{
	reflect.TypeFor[Scenario]():   {"version", "load"},
	reflect.TypeFor[Replay]():     {"source"},
	reflect.TypeFor[Kind]():       {"keys"},
	reflect.TypeFor[Counted]():    {"count"},
	reflect.TypeFor[Zipf]():       {"count"},
	reflect.TypeFor[Hot]():        {"count", "share"},
	reflect.TypeFor[HotShard]():   {"count", "shard", "share"},
	reflect.TypeFor[Phase]():      {"shape"},
	reflect.TypeFor[CurvePoint](): {"at", "rate"},
	reflect.TypeFor[Slow]():       {"by"},
	reflect.TypeFor[Target]():     {"account", "region", "allow"},
}

// unitSchemas are the words with a pattern.
var unitSchemas = map[reflect.Type]object{
	reflect.TypeFor[Duration]():        wordSchema(durationPattern, "10s", "250ms", "1h30m"),
	reflect.TypeFor[Size]():            wordSchema(sizePattern, "200B", "2KiB", "64MiB"),
	reflect.TypeFor[Share]():           wordSchema(sharePattern, "1%", "0.5%"),
	reflect.TypeFor[Rate]():            wordSchema(ratePattern, "10k/s", "600k/min", "0/min"),
	reflect.TypeFor[Range[Duration]](): wordSchema(between(durationPattern), "0s..800ms"),
	reflect.TypeFor[Range[Size]]():     wordSchema(between(sizePattern), "100B..2KiB"),
	reflect.TypeFor[Range[Number]]():   wordSchema(between(numberPattern), "1..100"),
	reflect.TypeFor[Interval]():        {"anyOf": []any{object{"const": everyRecord}, wordSchema(durationPattern, "200ms")}},
	reflect.TypeFor[Number]():          {"type": "number"},
	reflect.TypeFor[Laps]():            {"anyOf": []any{object{"type": "integer", "minimum": 1}, object{"const": "forever"}}},
	reflect.TypeFor[Count](): {
		"anyOf": []any{object{"type": "integer", "minimum": 0}, object{"type": "string", "pattern": "^(" + countPattern + ")$"}}, "examples": []any{500, "2k", "1M"},
	},
}

func between(pattern string) string { return "(" + pattern + `)\.\.(` + pattern + ")" }

func wordSchema(pattern string, examples ...any) object {
	return object{"type": "string", "pattern": "^(" + pattern + ")$", "examples": examples}
}

// schemaMaker makes the definitions of types as it meets them.
type schemaMaker struct {
	comments comments
	defs     object
}

// schema is that of a type; value is one with its defaults, or the zero value for none.
func (m *schemaMaker) schema(t reflect.Type, value reflect.Value) object {
	if word, ok := unitSchemas[t]; ok {
		return m.define(t, func() object { return word })
	}
	if value, ok := reflect.Zero(t).Interface().(interface{ choices() []string }); ok {
		return object{"enum": value.choices()}
	}
	switch t.Kind() {
	case reflect.Pointer:
		if value.IsValid() && !value.IsNil() {
			return m.schema(t.Elem(), value.Elem())
		}
		return m.schema(t.Elem(), reflect.Value{})
	case reflect.Struct:
		return m.define(t, func() object { return m.structSchema(t, value) })
	case reflect.Map:
		return object{"type": "object", "additionalProperties": m.schema(t.Elem(), reflect.Value{})}
	case reflect.Slice:
		return object{"type": "array", "items": m.schema(t.Elem(), reflect.Value{})}
	case reflect.Interface:
		return object{}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	}
	number := object{"type": "integer"}
	if t.Kind() == reflect.Uint64 {
		number["minimum"] = 0
	}
	return number
}

// define gives a type a definition of its own, and refers to it.
func (m *schemaMaker) define(t reflect.Type, definition func() object) object {
	name := typeName(t)
	if _, done := m.defs[name]; !done {
		m.defs[name] = nil // for types that hold themselves
		m.defs[name] = definition()
	}
	return object{"$ref": "#/$defs/" + name}
}

func (m *schemaMaker) structSchema(t reflect.Type, value reflect.Value) object {
	if !value.IsValid() {
		value = reflect.New(t).Elem()
		if target, ok := value.Addr().Interface().(interface{ setDefaults() }); ok {
			target.setDefaults()
		}
	}
	properties := object{}
	for _, f := range fieldsOf(t) {
		below := value.FieldByIndex(f.index)
		property := maps.Clone(m.schema(f.Type, below))
		property["description"] = m.comments.of(t, f)
		if word, ok := defaultOf(below); ok {
			property["default"] = word
		}
		properties[f.name] = property
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if names := required[t]; names != nil {
		s["required"] = names
	}
	return m.special(t, s)
}

// special adds what the fields of a type say together.
func (m *schemaMaker) special(t reflect.Type, s object) object {
	switch target := reflect.New(t).Interface().(type) {
	case *Load:
		s["oneOf"] = []any{
			object{"required": []string{"kinds", "rate"}, "not": object{"required": []string{"replay"}}},
			object{"required": []string{"replay"}, "properties": never("kinds", "rate", "scale", "duplicates", "unreadable")},
		}
	case *Kind:
		s["properties"].(object)["decimals"].(object)["default"] = defaultDecimals
	case *Keys:
		s["minProperties"], s["maxProperties"] = 1, 1
	case *Phase:
		s["allOf"] = phaseSchemas()
	case *Delay:
		s["minProperties"] = 1
		return object{"anyOf": []any{m.schema(reflect.TypeFor[Duration](), reflect.Value{}), s}}
	case *Handler:
		s["minProperties"] = 1
		return object{"anyOf": []any{m.schema(reflect.TypeFor[Sink](), reflect.Value{}), s}}
	case *Latency:
		return object{"anyOf": []any{m.schema(reflect.TypeFor[LatencyModel](), reflect.Value{}), s}}
	case interface{ bare() any }:
		s["minProperties"], s["maxProperties"] = 1, 1
		bare := reflect.TypeOf(target.bare()).Elem()
		return object{"anyOf": []any{m.schema(bare, reflect.Value{}), s}}
	}
	return s
}

// phaseSchemas say which fields each shape needs, and which it has not.
func phaseSchemas() []any {
	var all []any
	for _, shape := range RateShape("").choices() {
		takes := shapeFields[RateShape(shape)]
		var others []string
		for _, name := range fieldNames[Phase]() {
			if !slices.Contains(slices.Concat([]string{"shape", "name", "for"}, takes, mayHave[RateShape(shape)]), name) {
				others = append(others, name)
			}
		}
		then := object{"properties": never(others...), "required": append([]string{"for"}, takes...)}
		if shape == "curve" {
			delete(then, "required")
			then["oneOf"] = []any{object{"required": []string{"curve"}}, object{"required": []string{"file"}}}
		}
		all = append(all, object{"if": object{"properties": object{"shape": object{"const": shape}}}, "then": then})
	}
	return all
}

func never(names ...string) object {
	properties := object{}
	for _, name := range names {
		properties[name] = false
	}
	return properties
}

// defaultOf is a value as it is written. A word or a list can be a default; a zero is one where a pointer says that it was meant, and
// for the seed.
func defaultOf(value reflect.Value) (any, bool) {
	meant := value.Kind() == reflect.Pointer && !value.IsNil() || value.Kind() == reflect.Uint64 || !value.IsZero()
	tree := encode(value)
	return tree.value(), meant && (tree.word() || tree.kind == aList)
}

// typeName is DistributionOfSize for Distribution[weir/scenarios.Size].
func typeName(t reflect.Type) string {
	return genericType.ReplaceAllString(t.Name(), "${1}Of${2}")
}

var genericType = regexp.MustCompile(`^(\w+)\[.*\.(\w+)\]$`)

// withDefaults is a scenario in which everything that has a default has it.
func withDefaults() *Scenario {
	s := Default()
	s.Load.Kinds = map[string]Kind{"": {}}
	s.Resolve()
	s.Load.Kinds = nil
	s.Load.Replay = &Replay{}
	s.Load.Replay.setDefaults()
	s.Pipeline.Output = &Output{}
	s.Pipeline.Output.setDefaults()
	s.Resolve()
	return &s
}

func makeSchema(t *testing.T) object {
	m := &schemaMaker{comments: parseComments(t), defs: object{}}
	m.schema(reflect.TypeFor[Scenario](), reflect.ValueOf(withDefaults()).Elem())
	root := m.defs["Scenario"].(object)
	delete(m.defs, "Scenario")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "A scenario of weir"
	root["$defs"] = m.defs
	return root
}

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	text, err := json.MarshalIndent(makeSchema(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, schemaFile, string(text)+"\n")
}
