package scenarios

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// comments are those on the fields of the format's types, in a line each: by the name of the type and that of the field.
type comments map[string]map[string]string

// parseComments reads them from the package's own source.
func parseComments(t *testing.T) comments {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	all := comments{}
	for _, file := range files {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(source, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if fields, ok := spec.Type.(*ast.StructType); ok {
				all[spec.Name.Name] = commentsOf(fields)
			}
			return false
		})
	}
	return all
}

func commentsOf(fields *ast.StructType) map[string]string {
	all := map[string]string{}
	for _, field := range fields.Fields.List {
		for _, name := range field.Names {
			all[name.Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
		}
	}
	return all
}

// of is the comment on a field, which may be one of a struct that is inlined in the type.
func (c comments) of(t reflect.Type, f fieldType) string {
	for _, i := range f.index[:len(f.index)-1] {
		t = t.Field(i).Type
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return c[name][f.Name]
}

func TestEveryFieldIsDescribed(t *testing.T) {
	all := parseComments(t)
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		switch {
		case of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice || of.Kind() == reflect.Map:
			walk(of.Elem())
			return
		case of.Kind() != reflect.Struct || seen[of] || reflect.PointerTo(of).Implements(reflect.TypeFor[unit]()):
			return
		}
		seen[of] = true
		for _, f := range fieldsOf(of) {
			if all.of(of, f) == "" {
				t.Errorf("%s.%s has no comment, so that no editor and no page can say what %s is", of.Name(), f.Name, f.name)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[Scenario]())
}
