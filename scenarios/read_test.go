package scenarios

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a text with a file, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestEveryMistakeIsNamedWithItsPlace(t *testing.T) {
	t.Chdir("testdata/mistakes")
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			s, err := ReadFile(file)
			var mistakes *Mistakes
			if !errors.As(err, &mistakes) || s != nil {
				t.Fatalf("got %v and %v", s, err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

const shortest = "version: 1\nload: {replay: {source: x}}\npipeline: {input: {shards: 8}}\n"

func TestWhatAFileLeavesOutHasItsDefault(t *testing.T) {
	s, err := read("dir/short.yaml", []byte(shortest), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Name = "short"
	want.Load.Replay = NewReplay("x")
	want.Load.Replay.Speed = "1x"
	want.Pipeline.Input.Shards = 8
	if diff := cmp.Diff(&want, s); diff != "" {
		t.Error(diff)
	}
}

func TestChangesAreMadeBeforeDefaultsAndChecks(t *testing.T) {
	s, err := read("x.yaml", []byte(shortest), nil, []func(*Scenario) error{
		func(s *Scenario) error { return s.Set("pipeline.shape=routed") },
		func(s *Scenario) error { return s.Set("pipeline.input.shards=2") },
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Pipeline.Output == nil || s.Pipeline.Output.Shards != 2 || len(s.RouteNames()) != 1 {
		t.Errorf("%+v", s.Pipeline)
	}
}

func TestChangeMayPutAFileRight(t *testing.T) {
	text := strings.Replace(shortest, "shards: 8", "shards: 0", 1)
	if _, err := read("x.yaml", []byte(text), nil, nil); err == nil {
		t.Error("no shards passed")
	}
	change := func(s *Scenario) error { return s.Set("pipeline.input.shards=2") }
	if _, err := read("x.yaml", []byte(text), nil, []func(*Scenario) error{change}); err != nil {
		t.Error(err)
	}
}

func TestMistakeOfAChangeHasNoPlaceInTheFile(t *testing.T) {
	text := shortest + "limits: some\n"
	change := func(s *Scenario) error { return s.Set("pipeline.input.shards=0") }
	_, err := read("x.yaml", []byte(text), nil, []func(*Scenario) error{change})
	want := "x.yaml:4:9: limits: \"some\" is none of aws, off\n    limits: some\n            ^\npipeline.input.shards: 0 is not between 1 and 20000"
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestChangeThatFailsIsTheError(t *testing.T) {
	wrong := errors.New("--shards what")
	if _, err := read("x.yaml", []byte(shortest), nil, []func(*Scenario) error{func(*Scenario) error { return wrong }}); !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := ReadFile(t.TempDir()); err == nil {
		t.Error("a folder passed")
	}
	big := filepath.Join(t.TempDir(), "big.yaml")
	if err := os.WriteFile(big, []byte(shortest+strings.Repeat("#", maxFile)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"\xff\xfev\x00e\x00", "\xfe\xff\x00v", "v\x00e\x00", "\x00v\x00e"} {
		if _, err := Parse("wide.yaml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "wide.yaml: it is UTF-16") || !strings.Contains(err.Error(), "iconv -f UTF-16 -t UTF-8") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ReadFile(big); err == nil || !strings.Contains(err.Error(), "big.yaml: a scenario has at most 64KiB") {
		t.Errorf("got %v", err)
	}
}

func TestScenarioThatIsNotShipped(t *testing.T) {
	for _, name := range []string{"none", "", "../smoke", "smoke.yaml"} {
		if _, err := Shipped(name); !errors.Is(err, ErrNotShipped) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A file from Windows, or from an editor that writes a byte order mark, is the same.
func TestLineBreaksAndByteOrderMark(t *testing.T) {
	for name, text := range map[string]string{
		"CRLF": strings.ReplaceAll(shortest, "\n", "\r\n"), "CR": strings.ReplaceAll(shortest, "\n", "\r"), "BOM": "\uFEFF" + shortest,
	} {
		if s, err := read("x.yaml", []byte(text), nil, nil); err != nil || s.Pipeline.Input.Shards != 8 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestCaretStandsBelowItsCharacter(t *testing.T) {
	for _, test := range []struct {
		source string
		column int
		want   string
	}{
		{"a: 1", 4, "a: 1\n       ^"},
		{"日本: 1", 5, "日本: 1\n        ^"},
		{"\ta: 1", 2, "\ta: 1\n    \t^"},
		{"a:", 4, "a:\n       ^"},
	} {
		m := Mistake{File: "f", Line: 1, Column: test.column, Source: test.source, Text: "wrong"}
		mistakes := Mistakes{All: []Mistake{m}}
		if _, got, _ := strings.Cut(mistakes.Error(), "\n    "); got != test.want {
			t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
		}
	}
}

func TestProblemWithinATextPointsIntoIt(t *testing.T) {
	text := "expect:\n  - late == 0\n  - \"lost = 0\"\n  - |\n    read\n"
	found := newFindings("x.yaml", []byte(text))
	d := newDecoder(found)
	d.scenario(parseTree([]byte(text), found), "x.yaml", nil)
	for path, want := range map[string]place{
		"expect[0]":   {2, 10}, // late =█
		"expect[1]":   {3, 11}, // one more, for the quote
		"expect[2]":   {4, 5},  // a block of lines has no columns of its own
		"expect[3]":   {2, 3},  // not there: the list
		"drain_limit": {1, 1},
	} {
		if got := d.placeOf(&problem{path: path, column: 6}); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
