package scenarios

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// Set overrides one field of the scenario, named by its dotted path in the YAML, with a value written as in the YAML:
// "drain_limit=2m", "pipeline.input.queue=128MiB". The error names the path.
func (s *Scenario) Set(assignment string) error {
	path, value, ok := strings.Cut(assignment, "=")
	if !ok || path == "" {
		return fmt.Errorf("%q is not path=value", assignment)
	}
	set, err := s.with(path, value)
	if err != nil {
		return fmt.Errorf("%s: %s", path, strings.TrimSpace(err.Error()))
	}
	*s = set
	return nil
}

// with goes through the YAML form, so that a path and a value mean the same as in a file.
func (s *Scenario) with(path, value string) (Scenario, error) {
	text, err := yaml.Marshal(s)
	if err != nil {
		return Scenario{}, err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return Scenario{}, err
	}
	var leaf any
	if err := yaml.Unmarshal([]byte(value), &leaf); err != nil {
		return Scenario{}, shortYAML(err)
	}
	if err := graft(tree, strings.Split(path, "."), leaf); err != nil {
		return Scenario{}, err
	}
	if text, err = yaml.Marshal(tree); err != nil {
		return Scenario{}, err
	}
	var set Scenario
	if err := yaml.UnmarshalWithOptions(text, &set, yaml.DisallowUnknownField()); err != nil {
		return Scenario{}, shortYAML(err)
	}
	return set, nil
}

// graft puts leaf into the tree of mappings at path, making the mappings on the way that are not there.
func graft(tree map[string]any, path []string, leaf any) error {
	for _, name := range path[:len(path)-1] {
		next, ok := tree[name]
		if !ok || next == nil {
			next = map[string]any{}
			tree[name] = next
		}
		below, ok := next.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is a value and has no fields", name)
		}
		tree = below
	}
	tree[path[len(path)-1]] = leaf
	return nil
}

// shortYAML keeps the first line of the library's error and drops its drawing of a text that the user never wrote.
func shortYAML(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	if _, message, ok := strings.Cut(line, "] "); ok {
		line = message
	}
	return fmt.Errorf("%s", line)
}
