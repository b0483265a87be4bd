package parquet

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/format"
)

// shape is what a node becomes in JSON.
type shape uint8

const (
	object  shape = iota
	array         // of the one node below, be it repeated
	mapping       // of two nodes below: a key and a value
	scalar
)

// node is a field of the schema.
type node struct {
	path string // its names, with points between them
	// escaped is the same as --field has paths: a point in a name is written \., and a backslash \\.
	escaped string
	name    []byte // as JSON has it, with a colon behind
	shape   shape
	// definition is the level from which on the node is there, and of a repeated one, from which on it has an element.
	definition, repetition byte
	optional, repeated     bool
	below                  []*node
	column                 *column // of a scalar
	first                  *column // the first that is read of those below
	append                 appendFunc
	byteArrays             bool // its values are stored as such
	chosen                 bool
}

// newTree makes a tree of a schema, which the file has as a list in the order of a walk.
func newTree(schema []format.SchemaElement) (*node, error) {
	w := &walk{schema: schema}
	if len(schema) == 0 {
		return nil, fmt.Errorf("it has no schema")
	}
	root, err := w.node(nil, 0, 0, 0)
	if err != nil {
		return nil, err
	}
	root.optional, root.repeated, root.shape = false, false, object
	if w.at != len(schema) {
		return nil, errSchema
	}
	return root, nil
}

// maxNesting bounds how deep a schema may be.
const maxNesting = 100

// walk goes through a schema.
type walk struct {
	schema []format.SchemaElement
	at     int
	leaves int
}

// errSchema says that a list of fields is no tree.
var errSchema = errors.New("its schema is corrupt")

// node reads the field that is next, with all below it.
func (w *walk) node(above *node, definition, repetition byte, depth int) (*node, error) {
	if w.at >= len(w.schema) || depth > maxNesting {
		return nil, errSchema
	}
	e := &w.schema[w.at]
	w.at++
	n := &node{path: e.Name, escaped: pathEscaper.Replace(e.Name), definition: definition, repetition: repetition}
	if above != nil {
		n.path, n.escaped = above.path+"."+n.path, above.escaped+"."+n.escaped
	}
	name, err := json.Marshal(strings.ToValidUTF8(e.Name, "\uFFFD"))
	if err != nil {
		return nil, err
	}
	n.name = append(name, ':')
	if depth > 0 {
		n.repeat(e)
	}
	if !e.NumChildren.Valid || e.Type.Valid {
		n.shape = scalar
		n.column = &column{node: n, index: w.leaves}
		w.leaves++
		n.append = newAppend(e)
		n.byteArrays = e.Type.V == format.ByteArray
		return n, nil
	}
	return n, w.group(n, e, depth)
}

// repeat takes over whether the node has to be there, and how often it may be.
func (n *node) repeat(e *format.SchemaElement) {
	switch e.RepetitionType.V {
	case format.Optional:
		n.optional = true
		n.definition++
	case format.Repeated:
		n.repeated = true
		n.definition++
		n.repetition++
	}
}

// group reads what is below a node.
func (w *walk) group(n *node, e *format.SchemaElement, depth int) error {
	inside := n
	if depth == 0 {
		inside = nil
	}
	if children := e.NumChildren.V; children < 0 || int(children) > len(w.schema)-w.at {
		return errSchema
	}
	for range e.NumChildren.V {
		child, err := w.node(inside, n.definition, n.repetition, depth+1)
		if err != nil {
			return err
		}
		n.below = append(n.below, child)
	}
	if depth > 0 {
		n.reshape(e)
	}
	return nil
}

// reshape says what a group is: of a list or a map, the groups that only the format needs are none of the JSON (Parquet's LogicalTypes.md, "Nested types", with
// its rules for files of before there were rules). A group that is repeated may be a list or a map itself, each of its elements then is one.
func (n *node) reshape(e *format.SchemaElement) {
	if len(n.below) != 1 || !n.below[0].repeated {
		return
	}
	inner := n.below[0]
	switch list, isMap := annotation(e); {
	case isMap && inner.shape == object && len(inner.below) == 2:
		n.shape = mapping
	case list:
		n.shape = array
		if inner.isAround(e.Name, inner.path[len(n.path)+1:]) {
			inner.shape = array // it stands for its only field
		}
	}
}

// isAround says that the repeated field of a list is no element, but a group around each.
func (n *node) isAround(list, name string) bool {
	return n.shape == object && len(n.below) == 1 && !n.below[0].repeated && name != "array" && name != list+"_tuple"
}

// choose marks what is read, and gives the columns.
func (n *node) choose(paths []string) (columns []*column, err error) {
	for _, path := range paths {
		if !n.mark(path) {
			return nil, fmt.Errorf("it has no column %q; it has %s", path, strings.Join(n.named(path), ", "))
		}
	}
	if len(paths) == 0 {
		n.markAll()
	}
	n.chosen = true
	columns = n.prune()
	if len(columns) == 0 {
		return nil, fmt.Errorf("it has no column")
	}
	for _, c := range columns {
		if c.node.append == nil {
			return nil, fmt.Errorf("column %s is of a type that is not read: leave it out with --columns", c.node.path)
		}
	}
	return columns, nil
}

// mark marks a node and what leads to it.
func (n *node) mark(path string) (found bool) {
	for _, child := range n.below {
		switch {
		case child.path == path, child.escaped == path:
			child.markAll()
			found = true
		case child.leadsTo(path):
			found = child.mark(path) || found
		}
		n.chosen = n.chosen || found
	}
	return found
}

func (n *node) markAll() {
	n.chosen = true
	for _, child := range n.below {
		child.markAll()
	}
}

// prune removes what is not marked.
func (n *node) prune() (columns []*column) {
	if n.shape == scalar {
		n.first = n.column
		return []*column{n.column}
	}
	if n.shape == mapping { // its key is needed
		for _, child := range n.below[0].below {
			child.markAll()
		}
	}
	n.below = slices.DeleteFunc(n.below, func(child *node) bool { return !child.chosen })
	for _, child := range n.below {
		columns = append(columns, child.prune()...)
	}
	n.below = slices.DeleteFunc(n.below, func(child *node) bool { return child.first == nil })
	if len(columns) > 0 {
		n.first = columns[0]
	}
	return columns
}

// leadsTo says that a path goes on below the node.
func (n *node) leadsTo(path string) bool {
	return strings.HasPrefix(path, n.path+".") || strings.HasPrefix(path, n.escaped+".")
}

// named are the columns that may have been meant by a path that none has, as they are asked for: those below where the path leads, else the first level.
func (n *node) named(path string) (names []string) {
	for _, child := range n.below {
		if child.leadsTo(path) {
			return child.leaves(nil)
		}
	}
	for _, child := range n.below {
		names = append(names, child.escaped)
	}
	return names
}

// leaves appends the columns of a node.
func (n *node) leaves(to []string) []string {
	if n.shape == scalar {
		return append(to, n.escaped)
	}
	for _, child := range n.below {
		to = child.leaves(to)
	}
	return to
}

// pathEscaper writes a name as a part of a path.
var pathEscaper = strings.NewReplacer(`\`, `\\`, `.`, `\.`)
