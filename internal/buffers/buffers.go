// Package buffers lends memory for the bodies of calls. They come by the thousand a second and in sizes from a few bytes to 14 MiB: fresh memory
// for each had the kernel and the runtime clear more of it than there are records.
package buffers

import (
	"math/bits"
	"sync"
)

// Buffer is memory that is lent: what is in Bytes belongs to the borrower until it is given back.
type Buffer struct{ Bytes []byte }

// Pool lends buffers by the classes of their sizes, the powers of two. The zero value is ready, and safe for concurrent use.
type Pool struct{ classes [bits.UintSize]sync.Pool }

// Get lends an empty buffer with room for at least so many bytes.
func (p *Pool) Get(room int) *Buffer {
	class := bits.Len(uint(max(room, 1) - 1))
	if lent, ok := p.classes[class].Get().(*Buffer); ok {
		lent.Bytes = lent.Bytes[:0]
		return lent
	}
	return &Buffer{make([]byte, 0, 1<<class)}
}

// Put takes a buffer back, which may have grown. Nothing may look at its bytes any more.
func (p *Pool) Put(b *Buffer) {
	if cap(b.Bytes) > 0 {
		p.classes[bits.Len(uint(cap(b.Bytes)))-1].Put(b)
	}
}
