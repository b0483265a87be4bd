package record

import "slices"

// Finder finds the values of some paths in JSON objects, and checks each object as a [Decoder] does. It is not safe for concurrent use.
//
// What stands before a path's last name is found, too: a path into an array finds the array, and nothing of what is in it.
type Finder struct {
	root    pathNode
	paths   [][]string
	scanner scanner
}

// NewFinder makes a finder of no path.
func NewFinder() *Finder { return &Finder{root: pathNode{slot: -1}} }

// Add adds a path, given by its names, and all that leads to it. It returns the place at which [Finder.Value] has the path's value.
func (f *Finder) Add(names ...string) int {
	for n := 1; n <= len(names); n++ {
		if f.place(names[:n]) < 0 {
			f.root.add(slices.Clone(names[:n]), len(f.paths))
			f.paths = append(f.paths, slices.Clone(names[:n]))
		}
	}
	f.scanner.slots = make([]slot, len(f.paths))
	return f.place(names)
}

func (f *Finder) place(names []string) int {
	return slices.IndexFunc(f.paths, func(path []string) bool { return slices.Equal(path, names) })
}

// Find goes through data, and says whether it is one JSON object. Where it is none, nothing was found.
func (f *Finder) Find(data []byte) bool {
	s := &f.scanner
	s.data, s.pos, s.depth = data, 0, 0
	clear(s.slots)
	ok := s.document(&f.root)
	if !ok {
		clear(s.slots)
	}
	return ok
}

// FoundKind is what a value is.
type FoundKind uint8

// The kinds of value.
const (
	FoundNothing FoundKind = iota
	FoundNull
	FoundBool
	FoundNumber
	FoundText
	FoundObject
	FoundArray
)

// Value is what the last object had at a place. Its text is the characters of a string, the digits of a number, and what stands in the data else;
// it may share the data's memory.
func (f *Finder) Value(place int) (kind FoundKind, text []byte) {
	s := &f.scanner.slots[place]
	raw := f.scanner.data[s.start:s.end]
	switch {
	case !s.present:
		return FoundNothing, nil
	case s.kind == absent:
		return FoundNull, raw
	case s.kind == literalValue:
		return FoundBool, raw
	case s.kind == numberValue:
		return FoundNumber, raw
	case s.kind == stringValue:
		return FoundText, unquote(raw, s.plain)
	case raw[0] == '[':
		return FoundArray, raw
	}
	return FoundObject, raw
}

// Arrays says whether any of the paths found an array.
func (f *Finder) Arrays() bool {
	for i := range f.scanner.slots {
		s := &f.scanner.slots[i]
		if s.kind == compositeValue && f.scanner.data[s.start] == '[' {
			return true
		}
	}
	return false
}
