package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/internal/spelling"
)

// problem is something impossible in a scenario, whatever it was read from.
type problem struct {
	path, text, hint string
	// column is where in the text of the path, from 1; 0 stands for all of it.
	column int
}

// Error names the path.
func (p *problem) Error() string {
	text := p.path + ": " + p.text
	if p.hint != "" {
		text += " (" + p.hint + ")"
	}
	return text
}

// problems collects them.
type problems struct{ all []*problem }

func (p *problems) add(path, format string, args ...any) *problem {
	found := &problem{path: path, text: fmt.Sprintf(format, args...)}
	p.all = append(p.all, found)
	return found
}

func (p *problems) touches(path string) bool {
	for _, found := range p.all {
		if overlap(found.path, path) {
			return true
		}
	}
	return false
}

func (p *problems) err() error {
	all := make([]error, len(p.all))
	for i, found := range p.all {
		all[i] = found
	}
	return errors.Join(all...)
}

// oneOf checks a word out of a list.
func oneOf[C choice](p *problems, path string, value C) bool {
	choices := value.choices()
	if slices.Contains(choices, string(value)) {
		return true
	}
	if value == "" {
		p.add(path, "is missing").hint = "it is one of " + strings.Join(choices, ", ")
		return false
	}
	if len(choices) == 1 {
		p.add(path, "%q is not %s, the one that there is", value, choices[0])
		return false
	}
	found := p.add(path, "%q is none of %s", value, strings.Join(choices, ", "))
	if near := spelling.Nearest(string(value), choices); near != "" {
		found.hint = fmt.Sprintf("did you mean %s?", near)
	}
	return false
}
