package expression

import (
	"maps"
	"slices"

	"weir/internal/localaws/dynamodb/attribute"
)

// Projection is a projection expression: the parts of an item that a read returns.
//
//	projection = path { "," path }
type Projection struct{ root *selection }

// selection is what a projection takes of one value: all of it, or the parts that further steps lead to.
type selection struct {
	whole bool
	parts map[Step]*selection
}

// Projection reads the projection in a request's parameter; nil where the request does not have it.
func (s *Scope) Projection(parameter string, text *string) (*Projection, error) {
	if text == nil {
		return nil, nil // and values are not for want of it unused: it takes none
	}
	p, ok, err := s.parser(parameter, text)
	if !ok {
		return nil, err
	}
	paths := []Path{p.path()}
	for p.take(",") {
		paths = append(paths, p.path())
	}
	p.disjoint(paths)
	if err := p.finish(); err != nil {
		return nil, err
	}
	return newProjection(paths), nil
}

func newProjection(paths []Path) *Projection {
	root := &selection{}
	for _, path := range paths {
		root.add(path)
	}
	return &Projection{root}
}

// Top is the projection that takes whole attributes of an item.
func Top(attributes []string) *Projection {
	paths := make([]Path, len(attributes))
	for i, name := range attributes {
		paths[i] = top(name)
	}
	return newProjection(paths)
}

func (s *selection) add(path Path) {
	if len(path) == 0 {
		s.whole = true
		return
	}
	if s.parts == nil {
		s.parts = map[Step]*selection{}
	}
	part, ok := s.parts[path[0]]
	if !ok {
		part = &selection{}
		s.parts[path[0]] = part
	}
	part.add(path[1:])
}

// Attributes are the names of the attributes that the projection takes, or takes a part of, sorted; none for no projection.
func (p *Projection) Attributes() (names []string) {
	if p == nil {
		return nil
	}
	for step := range p.root.parts {
		names = append(names, step.name)
	}
	slices.Sort(names)
	return names
}

// Of is what the projection takes of an item; without a projection, all of it. The elements that it takes of a list close
// ranks.
func (p *Projection) Of(item attribute.Map) attribute.Map {
	if p == nil || item == nil {
		return item
	}
	taken, _ := p.root.of(item).(attribute.Map)
	if taken == nil {
		return attribute.Map{}
	}
	return taken
}

// of is nil where the selection finds nothing.
func (s *selection) of(v attribute.Value) attribute.Value {
	if s.whole {
		return v
	}
	switch v := v.(type) {
	case attribute.Map:
		taken := attribute.Map{}
		for step, part := range s.parts {
			if found := part.at(step, v); found != nil {
				taken[step.name] = found
			}
		}
		if len(taken) > 0 {
			return taken
		}
	case attribute.List:
		taken := attribute.List{}
		steps := slices.SortedFunc(maps.Keys(s.parts), func(a, b Step) int { return a.index - b.index })
		for _, step := range steps {
			if found := s.parts[step].at(step, v); found != nil {
				taken = append(taken, found)
			}
		}
		if len(taken) > 0 {
			return taken
		}
	}
	return nil
}

func (s *selection) at(step Step, container attribute.Value) attribute.Value {
	child := step.in(container)
	if child == nil {
		return nil
	}
	return s.of(child)
}
