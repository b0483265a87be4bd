package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// place is where something stands in a file, both from 1; the column counts characters.
type place struct{ line, column int }

// node is a value in a file: a word, a list, or a mapping.
type node struct {
	place
	kind nodeKind
	// text is a word without its quotes.
	text string
	// inText is how many characters stand between the node's place and its text: a quote, or none; -1 for a block of text.
	inText int
	items  []*node
	fields []field
	// flow says that the node is written on one line.
	flow bool
}

// field is one line of a mapping.
type field struct {
	place
	name  string
	value *node
}

type nodeKind string

// The kinds of node, as a message calls them.
const (
	aText    nodeKind = "a text"
	aNumber  nodeKind = "a number"
	aBool    nodeKind = "true or false"
	empty    nodeKind = "empty"
	aList    nodeKind = "a list"
	aMapping nodeKind = "a mapping"
	// unread is one that is a mistake already.
	unread nodeKind = ""
)

// word says whether the node is one value.
func (n *node) word() bool { return n.kind == aText || n.kind == aNumber || n.kind == aBool }

// field is the value of a field, nil if there is none.
func (n *node) field(name string) *node {
	for i := range n.fields {
		if n.fields[i].name == name {
			return n.fields[i].value
		}
	}
	return nil
}

// parseTree reads a text as one YAML document. What a scenario does not need of YAML is a mistake here: several documents, anchors,
// tags, keys that are not words, and fields that are given twice. The tree is nil if the text is no YAML.
func parseTree(text []byte, found *findings) *node {
	tokens := lexer.Tokenize(plainText(text))
	if t := tooDeep(tokens); t != nil {
		found.add(place{t.Position.Line, t.Position.Column}, "", fmt.Sprintf("more than %d lists and mappings stand in each other", maxDepth), "")
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		found.syntax(err)
		return nil
	}
	var bodies []ast.Node
	for _, document := range file.Docs {
		if document.Body != nil && document.Body.Type() != ast.DirectiveType {
			bodies = append(bodies, document.Body)
		}
	}
	if len(bodies) == 0 {
		return &node{place: place{1, 1}, kind: aMapping}
	}
	t := &treeReader{found: found}
	if len(bodies) > 1 {
		found.add(placeOf(bodies[1]), "", "a second document begins here", "a file holds one scenario")
	}
	return t.node(bodies[0], "")
}

// maxDepth is how far lists and mappings may stand in each other. The library's parser takes time and memory by the square of it.
const maxDepth = 64

// tooDeep is the first token that is deeper than maxDepth by brackets, or by dashes in one line. How deep indentation goes is bounded by
// the size of the file.
func tooDeep(tokens token.Tokens) *token.Token {
	brackets, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets = max(0, brackets-1)
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
		}
		if brackets+dashes > maxDepth {
			return t
		}
	}
	return nil
}

// syntax notes that the text is no YAML.
func (f *findings) syntax(err error) {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil || at.GetToken().Position == nil {
		f.add(place{1, 1}, "", fmt.Sprintf("this is no YAML: %v", err), "")
		return
	}
	position, message, hint := at.GetToken().Position, at.GetMessage(), ""
	if strings.Contains(message, `'\t'`) || strings.Contains(message, "\t") {
		message, hint = "a tab stands where YAML takes spaces only", "indent with spaces"
	}
	f.add(place{position.Line, position.Column}, "", message, hint)
}

// treeReader makes nodes of the library's.
type treeReader struct{ found *findings }

func (t *treeReader) node(from ast.Node, path string) *node {
	n := &node{place: placeOf(from)}
	switch from := from.(type) {
	case *ast.MappingNode:
		n.kind = aMapping
		t.mapping(n, from.Values, path)
	case *ast.SequenceNode:
		n.kind = aList
		for i, item := range from.Values {
			n.items = append(n.items, t.node(item, index(path, i)))
		}
	case *ast.NullNode:
		n.kind = empty
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		n.kind, n.text = aNumber, from.GetToken().Value
	case *ast.BoolNode:
		n.kind, n.text = aBool, from.GetToken().Value
	case *ast.StringNode:
		n.kind, n.text = aText, from.Value
		if quoted(from.GetToken()) {
			n.inText = 1
		}
	case *ast.LiteralNode:
		n.kind, n.text, n.inText = aText, from.Value.Value, -1
	default:
		n.kind = unread
		t.found.add(n.place, path, "anchors, aliases and tags are not read in a scenario", "write the value out")
	}
	return n
}

func (t *treeReader) mapping(n *node, values []*ast.MappingValueNode, path string) {
	seen := map[string]place{}
	for _, value := range values {
		at := placeOf(value.Key)
		key, ok := value.Key.(ast.ScalarNode)
		if !ok || value.Key.IsMergeKey() {
			t.found.add(at, path, "the name of a field is one word", "merge keys are not read in a scenario")
			continue
		}
		name := key.GetToken().Value
		below := join(path, name)
		if first, twice := seen[name]; twice {
			t.found.add(at, below, fmt.Sprintf("%s is given twice", name), fmt.Sprintf("the first one is in line %d", first.line))
			continue
		}
		seen[name] = at
		n.fields = append(n.fields, field{place: at, name: name, value: t.node(value.Value, below)})
	}
	if len(values) > 0 && n.line == 0 {
		n.place = n.fields[0].place
	}
}

// placeOf is where a node begins. The library says of a block mapping where its first colon is.
func placeOf(n ast.Node) place {
	if mapping, ok := n.(*ast.MappingNode); ok && len(mapping.Values) > 0 && !mapping.IsFlowStyle {
		return placeOf(mapping.Values[0].Key)
	}
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(1, t.Position.Line), max(1, t.Position.Column)}
}

func quoted(t *token.Token) bool {
	return t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
}

// join is the path of a field below a path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// index is the path of an item of a list.
func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
