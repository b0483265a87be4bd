package result

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaFile is made of the Go types: go test ./result -update writes it anew.
const schemaFile = "../docs/result.schema.json"

type object = map[string]any

// schemaMaker makes the JSON Schema of types as encoding/json writes them.
type schemaMaker struct {
	comments map[string]string // by Type and Type.Field
	defs     object
}

func (m *schemaMaker) schema(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		s := m.schema(t.Elem())
		return object{"anyOf": []any{s, object{"type": "null"}}}
	}
	switch t.Kind() {
	case reflect.Struct:
		return m.named(t)
	case reflect.Map:
		return object{"type": "object", "additionalProperties": m.schema(t.Elem())}
	case reflect.Slice:
		return object{"type": "array", "items": m.schema(t.Elem())}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Uint64:
		return object{"type": "integer", "minimum": 0}
	default:
		return object{"type": "integer"}
	}
}

// named is a struct, which is described once.
func (m *schemaMaker) named(t reflect.Type) object {
	if m.defs[t.Name()] == nil {
		properties, required := object{}, []string{}
		m.defs[t.Name()] = object{} // it may hold itself
		m.fields(t, properties, &required)
		def := object{"type": "object", "properties": properties, "required": required}
		if text := m.comments[t.Name()]; text != "" {
			def["description"] = text
		}
		m.defs[t.Name()] = def
	}
	return object{"$ref": "#/$defs/" + t.Name()}
}

func (m *schemaMaker) fields(t reflect.Type, properties object, required *[]string) {
	for f := range t.Fields() {
		if f.Anonymous {
			m.fields(f.Type, properties, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		of := f.Type
		if strings.Contains(options, "omit") {
			if of.Kind() == reflect.Pointer {
				of = of.Elem() // it is absent, and never null
			}
		} else {
			*required = append(*required, name)
		}
		s := m.schema(of)
		if text := m.comments[t.Name()+"."+f.Name]; text != "" {
			if rest, ok := strings.CutPrefix(text, f.Name+" "); ok {
				text = name + " " + rest
			}
			s["description"] = text
		}
		properties[name] = s
	}
}

// parseComments reads the comments on the package's types and their fields from its source.
func parseComments(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	line := func(group *ast.CommentGroup) string { return strings.Join(strings.Fields(group.Text()), " ") }
	for _, file := range files {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range source.Decls {
			types, ok := d.(*ast.GenDecl)
			if !ok || types.Tok != token.TYPE {
				continue
			}
			for _, spec := range types.Specs {
				spec := spec.(*ast.TypeSpec)
				all[spec.Name.Name] = line(types.Doc)
				fields, ok := spec.Type.(*ast.StructType)
				if !ok {
					continue
				}
				for _, field := range fields.Fields.List {
					for _, name := range field.Names {
						all[spec.Name.Name+"."+name.Name] = line(field.Doc)
					}
				}
			}
		}
	}
	return all
}

func schemaText(t *testing.T) []byte {
	t.Helper()
	m := &schemaMaker{comments: parseComments(t), defs: object{}}
	m.schema(reflect.TypeFor[Result]())
	root := m.defs["Result"].(object)
	delete(m.defs, "Result")
	root["$schema"], root["title"], root["$defs"] = "https://json-schema.org/draft/2020-12/schema", "result.json of weir", m.defs
	root["properties"].(object)["version"] = object{"const": Version, "description": "The version of this format."}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// Whoever adds a field runs: go test ./result -update.
func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	got := schemaText(t)
	if *update {
		if err := os.WriteFile(schemaFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got), go test ./result -update writes it anew:\n%s", schemaFile, d)
	}
}

func TestResultsAreValidByTheirSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text []byte) error {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(document)
	}
	for _, name := range []string{"testdata/result.json", "testdata/result-empty.json", "../report/testdata/fail/result.json"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// A schema that takes anything says nothing.
		for before, after := range map[string]string{`"version": 2`: `"version": 3`, `"exit_code"`: `"exit"`, `"lost": `: `"lost": "many", "was": `, `"rate": {`: `"rate": null, "was": {`} {
			if wrong := bytes.Replace(text, []byte(before), []byte(after), 1); bytes.Equal(wrong, text) || validate(wrong) == nil {
				t.Errorf("%s with %s is valid", name, after)
			}
		}
	}
}
