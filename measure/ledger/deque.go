package ledger

// roomKept is the room that an empty deque keeps, in items: more than that was for a backlog, and is given back.
const roomKept = 4096

// deque is a queue that frees what was taken from its front.
type deque[T any] struct {
	items []T
	head  int
}

func (d *deque[T]) len() int    { return len(d.items) - d.head }
func (d *deque[T]) at(i int) *T { return &d.items[d.head+i] }
func (d *deque[T]) push(item T) { d.items = append(d.items, item) }
func (d *deque[T]) live() []T   { return d.items[d.head:] }

// pop drops the first item.
func (d *deque[T]) pop() {
	var zero T
	d.items[d.head] = zero
	d.head++
	switch {
	case d.head == len(d.items) && cap(d.items) > roomKept:
		d.items, d.head = nil, 0
	case d.head == len(d.items):
		d.items, d.head = d.items[:0], 0
	case d.head >= 1024 && 2*d.head >= len(d.items):
		n := copy(d.items, d.items[d.head:])
		clear(d.items[n:])
		d.items, d.head = d.items[:n], 0
	}
}

// remove drops the item at i and keeps the order of the others.
func (d *deque[T]) remove(i int) {
	if i == 0 {
		d.pop()
		return
	}
	live := d.live()
	copy(live[i:], live[i+1:])
	var zero T
	live[len(live)-1] = zero
	d.items = d.items[:len(d.items)-1]
}
