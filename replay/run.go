package replay

// pieces are runs of items that stand together in memory. An item that is in one is not moved, however many come behind it.
type pieces[T any] [][]item[T]

const (
	// pieceItems is how many items a piece has; the first of a run may be smaller, for there may be many runs.
	pieceItems = 512
	// sparePieces bounds the emptied pieces that are kept: of a recording that is in order, one goes whenever one comes.
	sparePieces = 32
)

// run is a queue of items in order.
type run[T any] struct {
	pieces         pieces[T]
	head           int   // in the first piece
	oldest, newest int64 // of the first item and of the last
}

func (r *run[T]) first() *item[T] { return &r.pieces[0][r.head] }

// push appends an item; what it holds is to be filled in where it is.
func (r *run[T]) push(at int64, seq uint64, spare *pieces[T]) *item[T] {
	r.newest = at
	n := len(r.pieces) - 1
	switch {
	case n < 0:
		r.pieces = pieces[T]{{{at: at, seq: seq}}}
		return &r.pieces[0][0]
	case len(r.pieces[n]) == pieceItems:
		r.pieces = append(r.pieces, spare.take())
		n++
	}
	r.pieces[n] = append(r.pieces[n], item[T]{at: at, seq: seq})
	return &r.pieces[n][len(r.pieces[n])-1]
}

// drop forgets the first item, and what it held.
func (r *run[T]) drop(spare *pieces[T]) {
	*r.first() = item[T]{}
	if r.head++; r.head == len(r.pieces[0]) {
		spare.give(r.pieces[0])
		r.pieces[0] = nil
		r.pieces, r.head = r.pieces[1:], 0
	}
	if len(r.pieces) > 0 {
		r.oldest = r.first().at
	}
}

// take is an empty piece.
func (p *pieces[T]) take() []item[T] {
	n := len(*p) - 1
	if n < 0 {
		return make([]item[T], 0, pieceItems)
	}
	piece := (*p)[n]
	*p = (*p)[:n]
	return piece
}

// give takes back a piece whose items were dropped.
func (p *pieces[T]) give(piece []item[T]) {
	if cap(piece) >= pieceItems && len(*p) < sparePieces {
		*p = append(*p, piece[:0])
	}
}
