package parquet

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// annotated is a group with a list's or a map's annotation, whatever is in it: what was written before there were rules.
type annotated struct {
	parquet.Group
	as parquet.Type
}

func (a annotated) Type() parquet.Type { return a.as }

func listOf(name string, element parquet.Node) parquet.Node {
	return annotated{parquet.Group{name: element}, parquet.List(parquet.Int(32)).Type()}
}

func mapOf(name string, entry parquet.Node) parquet.Node {
	return annotated{parquet.Group{name: entry}, parquet.Map(parquet.String(), parquet.Int(32)).Type()}
}

// leaf is a value of a row's column with its levels.
type leaf struct {
	value                  any // nil for none
	repetition, definition int
}

// legacyFile is a file of rows that are given by their leaves, column by column.
func legacyFile(t testing.TB, node parquet.Node, rows ...[][]leaf) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewWriter(&b, parquet.NewSchema("t", parquet.Group{"l": node}))
	for _, columns := range rows {
		var row parquet.Row
		for i, leaves := range columns {
			for _, l := range leaves {
				value := parquet.NullValue()
				switch v := l.value.(type) {
				case int:
					value = parquet.ValueOf(int32(v))
				case string:
					value = parquet.ValueOf(v)
				}
				row = append(row, value.Level(l.repetition, l.definition, i))
			}
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type legacy struct {
	name string
	node parquet.Node
	rows [][][]leaf
	want string // one row to a line
}

// legacyLists are the lists of before there were rules, by Parquet's rules for them (LogicalTypes.md, "Nested Types", "Lists", "Backward-compatibility rules").
func legacyLists() []legacy {
	number, optionalNumber := parquet.Int(32), parquet.Optional(parquet.Int(32))
	flat := func(levels int) [][][]leaf { // three rows: two elements, none, and no list
		return [][][]leaf{{{{1, 0, levels}, {2, 1, levels}}}, {{{nil, 0, 1}}}, {{{nil, 0, 0}}}}
	}
	pair := parquet.Repeated(parquet.Group{"a": number, "b": parquet.String()})
	pairs := [][][]leaf{{{{1, 0, 2}, {2, 1, 2}}, {{"x", 0, 2}, {"y", 1, 2}}}, {{{nil, 0, 1}}, {{nil, 0, 1}}}}
	nested := [][][]leaf{{{{1, 0, 3}, {2, 2, 3}, {nil, 1, 2}, {3, 1, 3}}}, {{{nil, 0, 1}}}, {{{nil, 0, 0}}}}
	entry := parquet.Repeated(parquet.Group{"key": parquet.String(), "value": number})
	return []legacy{
		{"a repeated value is the element", parquet.Optional(listOf("array", parquet.Repeated(number))), flat(2), "[1,2]\n[]\nnull"},
		{"whatever its name", parquet.Optional(listOf("element", parquet.Repeated(number))), flat(2), "[1,2]\n[]\nnull"},
		{"a group of two fields is the element", parquet.Optional(listOf("element", pair)), pairs, `[{"a":1,"b":"x"},{"a":2,"b":"y"}]` + "\n[]"},
		{"a group of one field is the element where it is called array", parquet.Optional(listOf("array", parquet.Repeated(parquet.Group{"a": number}))), flat(2), `[{"a":1},{"a":2}]` + "\n[]\nnull"},
		{"or as the list with _tuple behind", parquet.Optional(listOf("l_tuple", parquet.Repeated(parquet.Group{"a": number}))), flat(2), `[{"a":1},{"a":2}]` + "\n[]\nnull"},
		{"but not as another list", parquet.Optional(listOf("other_tuple", parquet.Repeated(parquet.Group{"a": number}))), flat(2), "[1,2]\n[]\nnull"},
		{
			"Hive's bag has the element in it", parquet.Optional(listOf("bag", parquet.Repeated(parquet.Group{"array_element": optionalNumber}))),
			[][][]leaf{{{{1, 0, 3}, {nil, 1, 2}}}, {{{nil, 0, 1}}}, {{{nil, 0, 0}}}},
			"[1,null]\n[]\nnull",
		},
		{
			"a group whose one field is repeated is the element", parquet.Optional(listOf("list", parquet.Repeated(parquet.Group{"a": parquet.Repeated(number)}))), nested,
			`[{"a":[1,2]},{"a":[]},{"a":[3]}]` + "\n[]\nnull",
		},
		{"a list of lists of two levels each", parquet.Optional(listOf("array", parquet.Repeated(listOf("array", parquet.Repeated(number))))), nested, "[[1,2],[],[3]]\n[]\nnull"},
		{
			"a list of lists, the inner of three levels", parquet.Optional(listOf("array", parquet.Repeated(listOf("list", parquet.Repeated(parquet.Group{"element": number}))))), nested,
			"[[1,2],[],[3]]\n[]\nnull",
		},
		{
			"a list of maps", parquet.Optional(listOf("array", parquet.Repeated(mapOf("map", entry)))),
			[][][]leaf{{{{"x", 0, 3}, {"y", 2, 3}, {nil, 1, 2}}, {{1, 0, 3}, {2, 2, 3}, {nil, 1, 2}}}, {{{nil, 0, 1}}, {{nil, 0, 1}}}},
			`[{"x":1,"y":2},{}]` + "\n[]",
		},
		{"repeated, and of no list", parquet.Repeated(number), [][][]leaf{{{{1, 0, 1}, {2, 1, 1}}}, {{{nil, 0, 0}}}}, "[1,2]\n[]"},
		{"a repeated group of no list", parquet.Repeated(parquet.Group{"a": number}), [][][]leaf{{{{1, 0, 1}, {2, 1, 1}}}, {{{nil, 0, 0}}}}, `[{"a":1},{"a":2}]` + "\n[]"},
		{"a repeated list of no list", parquet.Repeated(listOf("array", parquet.Repeated(number))), [][][]leaf{{{{1, 0, 2}, {2, 2, 2}, {nil, 1, 1}}}, {{{nil, 0, 0}}}}, "[[1,2],[]]\n[]"},
	}
}

// TestListsOfBeforeThereWereRules reads them as pyarrow 26.0.1 does, which was tried with each; it refuses repeated groups that are lists of three levels, or of none.
func TestListsOfBeforeThereWereRules(t *testing.T) {
	for _, test := range legacyLists() {
		got, err := readAll(t, legacyFile(t, test.node, test.rows...))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		want := `{"l":` + strings.ReplaceAll(test.want, "\n", "}\n{\"l\":") + "}\n"
		if text := strings.Join(got, ""); text != want || !json.Valid([]byte(got[0])) {
			t.Errorf("%s:\n%swant\n%s", test.name, text, want)
		}
	}
}
