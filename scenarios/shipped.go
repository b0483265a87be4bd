package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed shipped
var shipped embed.FS

// ErrNotShipped says that weir has no scenario of that name.
var ErrNotShipped = errors.New("no such scenario")

// Listing is a shipped scenario, in a line.
type Listing struct{ Name, About string }

// Names lists the shipped scenarios by name.
func Names() []Listing {
	files, err := fs.Glob(shipped, "shipped/*.yaml")
	if err != nil {
		return nil // the pattern is right
	}
	var all []Listing
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".yaml")
		if s, err := Shipped(name); err == nil {
			all = append(all, Listing{Name: name, About: s.About})
		}
	}
	slices.SortFunc(all, func(a, b Listing) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Shipped reads a scenario that comes with weir, by its name, as [ReadFile] reads a file. The error is [ErrNotShipped] where
// there is none of that name.
func Shipped(name string, changes ...func(*Scenario) error) (*Scenario, error) {
	text, err := Text(name)
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(shipped, "shipped")
	if err != nil {
		return nil, err
	}
	return read(name+".yaml", text, files, changes)
}

// Text is the YAML of a scenario that comes with weir, as it was written. The error is [ErrNotShipped] where there is none of that name.
func Text(name string) ([]byte, error) {
	text, err := shipped.ReadFile("shipped/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("%w: %q", ErrNotShipped, name)
	}
	return text, nil
}
