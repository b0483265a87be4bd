package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const pageFile = "../docs/scenarios.md"

// sections are the tables of the page: the path of a mapping, and its type.
var sections = []struct {
	title string
	of    reflect.Type
}{
	{"The scenario", reflect.TypeFor[Scenario]()},
	{"`load`", reflect.TypeFor[Load]()},
	{"`load.kinds.NAME`", reflect.TypeFor[Kind]()},
	{"`load.kinds.NAME.keys`", reflect.TypeFor[Keys]()},
	{"`load.kinds.NAME.keys.uniform` and `sequential`", reflect.TypeFor[Counted]()},
	{"`load.kinds.NAME.keys.zipf`", reflect.TypeFor[Zipf]()},
	{"`load.kinds.NAME.keys.hot`", reflect.TypeFor[Hot]()},
	{"`load.kinds.NAME.keys.hot_shard`", reflect.TypeFor[HotShard]()},
	{"`load.kinds.NAME.delay`", reflect.TypeFor[Delay]()},
	{"The forms of a distribution", reflect.TypeFor[Forms[Number]]()},
	{"`normal`", reflect.TypeFor[Normal[Number]]()},
	{"`lognormal`", reflect.TypeFor[LogNormal[Number]]()},
	{"`exponential`", reflect.TypeFor[Exponential[Number]]()},
	{"An item of `histogram`", reflect.TypeFor[Bin[Number]]()},
	{"An item of `load.rate`", reflect.TypeFor[Phase]()},
	{"An item of `load.rate[…].curve`", reflect.TypeFor[CurvePoint]()},
	{"`load.replay`", reflect.TypeFor[Replay]()},
	{"`fields`", reflect.TypeFor[Fields]()},
	{"`pipeline`", reflect.TypeFor[Pipeline]()},
	{"`pipeline.input`", reflect.TypeFor[Input]()},
	{"`pipeline.aggregator`", reflect.TypeFor[Aggregator]()},
	{"`pipeline.aggregator.watermark`", reflect.TypeFor[Watermark]()},
	{"`pipeline.aggregator.cost`", reflect.TypeFor[Cost]()},
	{"`pipeline.aggregator.checkpoints`", reflect.TypeFor[Checkpoints]()},
	{"`pipeline.output`", reflect.TypeFor[Output]()},
	{"`pipeline.routes.NAME`", reflect.TypeFor[Route]()},
	{"`handler` of a route, and of a direct `pipeline`", reflect.TypeFor[Handler]()},
	{"`pipeline.table`", reflect.TypeFor[Table]()},
	{"`target`", reflect.TypeFor[Target]()},
	{"`faults`, each", reflect.TypeFor[Fault]()},
	{"`slow` of a fault", reflect.TypeFor[Slow]()},
	{"`latency`", reflect.TypeFor[Latency]()},
	{"`size`", reflect.TypeFor[Sizing]()},
}

const (
	tablesBegin = "<!-- fields -->\n"
	tablesEnd   = "<!-- end of fields -->\n"
)

func TestPageHasEveryField(t *testing.T) {
	page, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(page), tablesBegin)
	_, after, ends := strings.Cut(rest, tablesEnd)
	if !begins || !ends {
		t.Fatalf("%s has no %q or no %q", pageFile, tablesBegin, tablesEnd)
	}
	golden(t, pageFile, before+tablesBegin+tables(t)+tablesEnd+after)
}

func TestPageHasATableForEveryType(t *testing.T) {
	known := map[string]bool{}
	for _, section := range sections {
		known[baseName(section.of)] = true
	}
	for name := range makeSchema(t)["$defs"].(object) {
		name, _, _ = strings.Cut(name, "Of")
		if !known[name] && !strings.Contains("Duration Size Count Number Share Laps Interval Rate Range Distribution", name) {
			t.Errorf("%s has no table", name)
		}
	}
}

// tables are the fields of all types with their units, defaults and comments.
func tables(t *testing.T) string {
	var b strings.Builder
	all, defs := parseComments(t), makeSchema(t)
	for _, section := range sections {
		fmt.Fprintf(&b, "\n### %s\n\n| field | is | default | |\n|---|---|---|---|\n", section.title)
		for _, f := range fieldsOf(section.of) {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.name, kindOf(f.Type), defaultText(defs, section.of, f), strings.ReplaceAll(all.of(section.of, f), "|", `\|`))
		}
	}
	return b.String() + "\n"
}

// kindOf says in a word or two what a field takes.
func kindOf(t reflect.Type) string {
	if value, ok := reflect.Zero(t).Interface().(interface{ choices() []string }); ok {
		return "`" + strings.Join(value.choices(), "`, `") + "`"
	}
	if t == reflect.TypeFor[Laps]() {
		return "whole number, or `forever`"
	}
	if t == reflect.TypeFor[Interval]() {
		return "duration, or `record`"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Slice:
		return "list"
	case reflect.Map:
		return "mapping"
	case reflect.Int, reflect.Uint64:
		return "whole number"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "`true`, `false`"
	}
	switch name, of, _ := strings.Cut(typeName(t), "Of"); {
	case t == reflect.TypeFor[Delay]():
		return "distribution of durations"
	case name == "Distribution":
		return "distribution of " + strings.ToLower(of) + "s"
	case name == "Number" && of == "", reflect.PointerTo(t).Implements(reflect.TypeFor[unit]()):
		return strings.ToLower(name)
	}
	if t.Name() == baseName(reflect.TypeFor[Forms[Number]]()) || t.Kind() == reflect.Struct {
		return "mapping"
	}
	return t.Name()
}

func baseName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// defaultText is the default that the schema states.
func defaultText(root object, of reflect.Type, f fieldType) string {
	definition, ok := root["$defs"].(object)[typeName(of)].(object)
	if of == reflect.TypeFor[Scenario]() {
		definition, ok = root, true
	}
	if list, either := definition["anyOf"].([]any); either {
		definition = list[1].(object)
	}
	properties, _ := definition["properties"].(object)
	property, _ := properties[f.name].(object)
	value, given := property["default"]
	if !ok || !given {
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return "`" + strings.Trim(string(text), `"`) + "`"
}

// yamlBlock is an example on a page.
var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// pageFiles are those that the page's examples name.
var pageFiles = fstest.MapFS{
	"monday.csv":     {Data: []byte("seconds,records_per_second\n0,120\n3600,95.5\n7200,410\n")},
	"keys.txt":       {Data: []byte("a\nb\n")},
	"refunds/a.json": {Data: []byte(`{"kind":"refund","reason":"late"}`)},
}

func TestPageExamplesAreScenariosAndFollowTheSchema(t *testing.T) {
	page, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	examples := yamlBlock.FindAllSubmatch(page, -1)
	if len(examples) < 5 {
		t.Fatalf("%d examples found", len(examples))
	}
	schema := compileSchema(t)
	for i, example := range examples {
		text := string(example[1])
		if !strings.Contains(text, "version: 1") {
			text = "version: 1\n" + text
		}
		if _, err := read(fmt.Sprintf("example %d", i), []byte(text), pageFiles, nil); err != nil {
			t.Error(err)
		}
		if err := follows(schema, []byte(text)); err != nil {
			t.Errorf("example %d: %v", i, err)
		}
	}
}

func TestShippedScenariosAreValidAndFollowTheSchema(t *testing.T) {
	files, err := fs.Glob(shipped, "shipped/*.yaml")
	if err != nil || len(files) == 0 || len(Names()) != len(files) {
		t.Fatalf("%d files, %d names, %v", len(files), len(Names()), err)
	}
	schema := compileSchema(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		s, err := Shipped(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Name != name || s.About == "" {
			t.Errorf("%s: it is called %q, about %q", file, s.Name, s.About)
		}
		text, err := fs.ReadFile(shipped, file)
		if err != nil {
			t.Fatal(err)
		}
		var resolved strings.Builder
		if _, err := s.WriteTo(&resolved); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(text), resolved.String()} {
			if err := follows(schema, []byte(text)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// TestSchemaRefusesWhatTheReaderRefuses takes the mistakes that are of form, which a schema can tell.
func TestSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range []string{"several", "types", "names", "phases", "pipeline", "replay", "list", "many", "empty"} {
		text, err := os.ReadFile(filepath.Join("testdata", "mistakes", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var invalid *jsonschema.ValidationError
		if err := follows(schema, text); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// follows reads a text with the library, as an editor would, and asks the schema.
func follows(schema *jsonschema.Schema, text []byte) error {
	var tree any
	if err := yaml.UnmarshalWithOptions(text, &tree, yaml.AllowDuplicateMapKey()); err != nil {
		return err
	}
	plain, err := json.Marshal(tree)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(plain)))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}
