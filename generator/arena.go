package generator

import "unsafe"

// arena gives out memory that is written once. A slab serves many records, so that a record costs no allocation.
type arena struct{ slab []byte }

// slabBytes is a compromise: fewer allocations against the memory that whoever keeps one record keeps with it.
const slabBytes = 256 << 10

// room is an empty slice with a capacity of n bytes or more. What is appended to it is given out by keep.
func (a *arena) room(n int) []byte {
	if cap(a.slab)-len(a.slab) < n {
		a.slab = make([]byte, 0, max(slabBytes, n))
	}
	return a.slab[len(a.slab):]
}

// keep gives out what was appended to room.
func (a *arena) keep(used []byte) { a.slab = a.slab[:len(a.slab)+len(used)] }

// view is b as a string that shares its memory, which is never written to again.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
