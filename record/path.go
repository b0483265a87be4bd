package record

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxPaths is how many paths fit the bits of Decoded.Found.
const maxPaths = 64

// pathNode is one member name on the way to the paths that a decoder looks for.
type pathNode struct {
	name string
	// slot is the path that ends here, -1 where none does.
	slot     int
	children []*pathNode
}

// child is the node below n of that member name, nil if no path goes there.
func (n *pathNode) child(name []byte) *pathNode {
	for _, c := range n.children {
		if c.name == string(name) {
			return c
		}
	}
	return nil
}

// element is the node below n of the element of an array with that number, nil if no path goes there.
func (n *pathNode) element(i int) *pathNode {
	if n == nil || len(n.children) == 0 {
		return nil
	}
	var number [20]byte
	return n.child(strconv.AppendInt(number[:0], int64(i), 10))
}

// add puts a path below n.
func (n *pathNode) add(names []string, slot int) {
	if len(names) == 0 {
		n.slot = slot
		return
	}
	next := n.child([]byte(names[0]))
	if next == nil {
		next = &pathNode{name: names[0], slot: -1}
		n.children = append(n.children, next)
	}
	next.add(names[1:], slot)
}

// SplitPath is the member names of a dotted path. A dot inside a name is written \. and a backslash \\. An element of an array has its number for a name.
func SplitPath(path string) ([]string, error) {
	var names []string
	var name strings.Builder
	for i := 0; i < len(path); i++ {
		switch {
		case path[i] == '.':
			names = append(names, name.String())
			name.Reset()
		case path[i] == '\\' && i+1 < len(path):
			i++
			name.WriteByte(path[i])
		default:
			name.WriteByte(path[i])
		}
	}
	names = append(names, name.String())
	if slices.Contains(names, "") {
		return nil, fmt.Errorf("path %q has an empty name in it", path)
	}
	return names, nil
}
