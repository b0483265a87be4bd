package expression

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"weir/internal/localaws/dynamodb/attribute"
)

// Path is a document path: an attribute's name, and steps into lists and maps.
//
//	path = name { "." name | "[" index "]" }
//	name = word | #placeholder
type Path []Step

// Step is a name in a map, or an index in a list.
type Step struct {
	name  string
	index int // -1 for a name
}

const notIndex = -1

// Attribute is the name of the item's attribute that the path starts at.
func (p Path) Attribute() string { return p[0].name }

// String is the path as AWS's errors show it.
func (p Path) String() string {
	steps := make([]string, len(p))
	for i, step := range p {
		steps[i] = step.name
		if step.index != notIndex {
			steps[i] = fmt.Sprintf("[%d]", step.index)
		}
	}
	return "[" + strings.Join(steps, ", ") + "]"
}

// in is what the path leads to, nil where there is nothing.
func (p Path) in(item attribute.Map) attribute.Value {
	var at attribute.Value = item
	for _, step := range p {
		if at = step.in(at); at == nil {
			return nil
		}
	}
	return at
}

func (s Step) in(container attribute.Value) attribute.Value {
	switch container := container.(type) {
	case attribute.Map:
		if s.index == notIndex {
			if member, ok := container[s.name]; ok {
				return member
			}
		}
	case attribute.List:
		if s.index != notIndex && s.index < len(container) {
			return container[s.index]
		}
	}
	return nil
}

// atPath says whether a document path comes next.
func (p *parser) atPath() bool {
	k := p.peek().kind
	return k == name || (k == word && !isKeyword(p.peek().text))
}

func (p *parser) path() Path {
	path := Path{p.step()}
	for {
		switch {
		case p.take("."):
			path = append(path, p.step())
		case p.take("["):
			path = append(path, p.index())
			p.want("]")
		default:
			p.paths = append(p.paths, path)
			return path
		}
	}
}

func (p *parser) step() Step {
	if !p.atPath() {
		p.unexpected()
		return Step{index: notIndex}
	}
	t := p.next()
	if t.kind == word {
		if isReserved(t.text) {
			p.refuse("Attribute name is a reserved keyword; reserved keyword: %s", t.text)
		}
		return Step{t.text, notIndex}
	}
	p.scope.usedNames[t.text] = true
	full, ok := p.scope.names[t.text]
	if !ok {
		p.refuse("An expression attribute name used in the document path is not defined; attribute name: %s", t.text)
	}
	return Step{full, notIndex}
}

func (p *parser) index() Step {
	t := p.expect(index)
	n, err := strconv.ParseInt(t.text, 10, 32)
	if err != nil || n == math.MaxInt32 {
		p.refuse("List index is not within the allowable range; index: [%s]", t.text)
	}
	return Step{index: int(n)}
}

// isKeyword tells the words that cannot be attribute names, for they belong to the grammar.
func isKeyword(text string) bool {
	switch strings.ToUpper(text) {
	case "AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE":
		return true
	}
	return false
}

// disjoint refuses paths that touch the same place: one that is a part of another, and two that take the same value once
// as a list and once as a map.
func (p *parser) disjoint(paths []Path) {
	for j := range paths {
		for i := range j {
			switch relate(paths[i], paths[j]) {
			case overlap:
				p.refuse("Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", paths[i], paths[j])
			case conflict:
				p.refuse("Two document paths conflict with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", paths[i], paths[j])
			}
		}
	}
}

type relation uint8

const (
	apart relation = iota
	overlap
	conflict
)

func relate(a, b Path) relation {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i] == b[i]:
		case (a[i].index == notIndex) != (b[i].index == notIndex):
			return conflict
		default:
			return apart
		}
	}
	return overlap
}

// comparePaths orders paths step by step, indexes by number.
func comparePaths(a, b Path) int {
	return slices.CompareFunc(a, b, func(x, y Step) int {
		if x.index != y.index {
			return x.index - y.index
		}
		return strings.Compare(x.name, y.name)
	})
}
