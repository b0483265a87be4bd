package scenarios

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// maxFile bounds a scenario file, for the library's parser takes time by the square of its length. A real one has a few kilobytes.
const maxFile = 64 << 10

// ReadFile reads a scenario from a YAML file, applies the changes (those of flags), fills the defaults and checks it. If
// anything is wrong with the file, the error is [*Mistakes] with all of it. If a change fails, the error is its own.
//
// The files that the scenario names are looked for in the folder of its own.
func ReadFile(path string, changes ...func(*Scenario) error) (*Scenario, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	return read(path, withoutMark(text), folder(filepath.Dir(path)), changes)
}

// Parse reads a scenario from a text that names no files, as [ReadFile] does. file is how mistakes call it.
func Parse(file string, text []byte) (*Scenario, error) {
	return read(file, withoutMark(text), folder(""), nil)
}

// read makes a scenario of a text. file is how mistakes call it.
func read(file string, text []byte, files fs.FS, changes []func(*Scenario) error) (*Scenario, error) {
	found := newFindings(file, text)
	if len(text) > maxFile {
		found.add(place{}, "", fmt.Sprintf("%s: a scenario has at most %s", file, Size(maxFile)), "long curves, keys and payloads go into files of their own")
		return nil, found.err()
	}
	if isUTF16(text) {
		found.add(place{}, "", file+": it is UTF-16", asUTF8)
		return nil, found.err()
	}
	tree := parseTree(text, found)
	if tree == nil {
		return nil, found.err()
	}
	d := newDecoder(found)
	plain := d.scenario(tree, file, files)
	plain.Resolve()
	problems := plain.problems()
	if len(changes) == 0 || len(found.all) > 0 {
		d.locate(problems, nil)
		return sound(plain, found)
	}
	if problems == nil {
		problems = []*problem{} // what is found from here on is the flags'
	}
	changed := newDecoder(newFindings(file, text)).scenario(tree, file, files)
	for _, change := range changes {
		if err := change(changed); err != nil {
			return nil, err
		}
	}
	changed.Resolve()
	d.locate(changed.problems(), problems)
	return sound(changed, found)
}

func sound(s *Scenario, found *findings) (*Scenario, error) {
	if err := found.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// scenario fills one with what the tree has.
func (d *decoder) scenario(tree *node, file string, files fs.FS) *Scenario {
	s := Default()
	s.Name, s.Files = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), files
	d.read(tree, "", reflect.ValueOf(&s).Elem())
	if tree.kind == aMapping && tree.field("version") == nil {
		d.mistake(tree.place, "version", fmt.Sprintf("write version: %d", Version), "is missing")
	}
	return &s
}

// locate turns problems into mistakes at their places, or at the nearest place above for what the file leaves out. A problem that
// follows from a mistake that is there already is none of its own. One that the file alone does not have comes from a flag, and has
// no place.
func (d *decoder) locate(problems, ofFile []*problem) {
	own := map[string]bool{}
	for _, p := range ofFile {
		own[p.Error()] = true
	}
	before := *d.found
	for _, p := range problems {
		switch {
		case before.touches(p.path):
		case ofFile == nil || own[p.Error()]:
			d.found.add(d.placeOf(p), p.path, p.text, p.hint)
		default:
			d.found.add(place{}, p.path, p.text, p.hint)
		}
	}
}

func (d *decoder) placeOf(p *problem) place {
	if start, ok := d.texts[p.path]; ok && p.column > 0 {
		return place{start.line, start.column + p.column - 1}
	}
	for path := p.path; path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		if at, ok := d.places[path]; ok {
			return at
		}
	}
	return d.places[""]
}
