package ledger

import (
	"iter"
	"slices"
	"time"

	"weir/record"
)

// queue holds the records of a shard that wait to be read by a consumer, in the order of their sequence numbers. They lie in blocks of bytes, of which those in the middle
// may be on the disk: see [store].
type queue struct {
	store      *store
	head, tail *block
	records    int
	last       []byte // the sequence number of the last one
	// The first passed records were not there when the shard was read to its tip: lost, unless they show up after all. Where there are any, mark is
	// where the others begin.
	passed int
	mark   place
	bytes  int64 // the sizes of the records that are not passed
}

// block is a run of entries.
type block struct {
	prev, next *block
	data       []byte        // nil while they are on the disk
	start, end int           // where those that are left begin, and where the last one ends
	records    int           // how many are left
	bytes      int64         // their sizes
	acked      time.Duration // of the one that was acknowledged last
	on         onDisk
}

// place is an entry in a block, or the end of one.
type place struct {
	block  *block
	offset int
}

// unread is how many records wait that are not passed.
func (q *queue) unread() int { return q.records - q.passed }

// front is the record to be read next, nil where there is none.
func (q *queue) front() entry {
	if q.records == 0 || q.head.data == nil {
		return nil
	}
	return q.head.data[q.head.start:]
}

// loaded is the block of the record to be read next, nil where there is none.
func (q *queue) loaded() *block {
	if q.records == 0 || q.head.data == nil {
		return nil
	}
	return q.head
}

// popped are records at the front of a block that are to be dropped.
type popped struct {
	offset  int // where those behind them begin
	records int
	bytes   int64
}

func (p *popped) add(e entry) {
	p.offset += e.length()
	p.bytes += e.size()
	p.records++
}

// alike is how many records at the front are all passed, or all not.
func (q *queue) alike() int {
	if q.passed > 0 {
		return q.passed
	}
	return q.records
}

// pop drops the front.
func (q *queue) pop() {
	p := popped{offset: q.head.start}
	p.add(q.head.data[q.head.start:])
	q.popAll(p)
}

// popAll drops records at the front, all of which are passed or none of them: see alike.
func (q *queue) popAll(p popped) {
	b := q.head
	b.start = p.offset
	b.bytes -= p.bytes
	b.records -= p.records
	q.records -= p.records
	if q.passed > 0 {
		q.passed -= p.records
	} else {
		q.bytes -= p.bytes
	}
	if b.records == 0 {
		q.nextBlock()
	}
}

// nextBlock goes on to the block behind the head, all of whose records were read. The last block is written anew from its beginning.
func (q *queue) nextBlock() {
	b := q.head
	if b == q.tail {
		b.data, b.start, b.end, b.acked = b.data[:0], 0, 0, 0
		return
	}
	q.head = b.next
	q.head.prev = nil
	q.store.release(b.data)
	q.store.load(q.head)
}

// add adds a record behind the last one, and returns its entry, which holds until the queue changes.
func (q *queue) add(send *record.Send, hash uint64, acked time.Duration) entry {
	e := q.room(entryLength(send))
	e.put(send, hash, acked)
	q.count(q.tail, int64(send.Size()), acked)
	return e
}

// append adds a copy of an entry behind the last one.
func (q *queue) append(e entry) {
	copy(q.room(len(e)), e)
	q.count(q.tail, e.size(), e.acked())
}

// room makes room for an entry of n bytes at the end.
func (q *queue) room(n int) entry {
	b := q.tail
	if b == nil || cap(b.data)-b.end < n {
		b = q.grow(n)
	}
	start := b.end
	b.end += n
	b.data = b.data[:b.end]
	return b.data[start:b.end:b.end]
}

// count counts a record that was added to a block.
func (q *queue) count(b *block, size int64, acked time.Duration) {
	b.acked = max(b.acked, acked)
	b.bytes += size
	b.records++
	q.bytes += size
	q.records++
}

// grow adds a block that has room for an entry of n bytes.
func (q *queue) grow(n int) *block {
	b := &block{data: q.store.take(n)}
	switch full := q.tail; {
	case full == nil:
		q.head = b
	case full.records == 0: // too small, and empty
		q.store.release(full.data)
		q.head = b
	default:
		b.prev, full.next = full, b
		if full != q.head {
			q.store.spill(full)
		}
	}
	q.tail = b
	return b
}

// endsWith notes the sequence number of the last record.
func (q *queue) endsWith(sequence string) { q.last = append(q.last[:0], sequence...) }

// follows says that a sequence number is greater than that of each record that waits.
func (q *queue) follows(sequence string) bool {
	return q.records == 0 || record.CompareSequence(sequence, text(q.last)) > 0
}

// insert adds a copy of an entry at its place, which is behind all that are passed.
func (q *queue) insert(e entry) {
	sequence := text(e.sequence())
	if q.unread() == 0 || q.follows(sequence) {
		q.append(e)
		q.endsWith(sequence)
		return
	}
	p := q.placeOf(sequence)
	b := p.block
	if b == nil {
		return // the store is broken
	}
	before := cap(b.data)
	b.data = slices.Insert(b.data, p.offset, e...)
	b.end = len(b.data)
	q.store.held.Add(int64(cap(b.data) - before))
	q.count(b, e.size(), e.acked())
}

// placeOf is the place before the first record that is not passed and has a greater sequence number. It looks from the end, for that is near.
func (q *queue) placeOf(sequence string) place {
	first := q.first()
	greater := func(e entry) bool { return record.CompareSequence(text(e.sequence()), sequence) > 0 }
	b := q.tail
	for ; b != first.block; b = b.prev {
		if !q.store.load(b) {
			return place{}
		}
		if !greater(b.data[b.start:]) {
			break
		}
	}
	if !q.store.load(b) {
		return place{}
	}
	p := place{b, b.start}
	if b == first.block {
		p = first
	}
	for p.offset < b.end {
		e := entry(b.data[p.offset:])
		if greater(e) {
			break
		}
		p.offset += e.length()
	}
	return p
}

// first is the place of the first record that is not passed.
func (q *queue) first() place {
	if q.passed == 0 {
		if q.head == nil {
			return place{}
		}
		return place{q.head, q.head.start}
	}
	return q.mark
}

// pass passes the records that were acknowledged before a time, up to the first that was not.
func (q *queue) pass(before time.Duration) {
	p := q.first()
	for q.passed < q.records {
		b := p.block
		switch {
		case p.offset == b.end:
			p = place{b.next, b.next.start}
		case b.acked < before && p.offset == b.start:
			q.passed += b.records
			q.bytes -= b.bytes
			p.offset = b.end
		case !q.store.load(b):
			return
		default:
			e := entry(b.data[p.offset:])
			if e.acked() >= before {
				q.mark = p
				return
			}
			q.passed++
			q.bytes -= e.size()
			p.offset += e.length()
		}
	}
	q.mark = p
}

// oldest is the due time of the first record that is not passed, NoDue where there is none.
func (q *queue) oldest() time.Duration {
	for e := range q.from(q.first()) {
		return e.due()
	}
	return record.NoDue
}

// all goes over the records, front to back.
func (q *queue) all() iter.Seq[entry] {
	if q.head == nil {
		return q.from(place{})
	}
	return q.from(place{q.head, q.head.start})
}

// from goes over the records from a place on. What is on the disk stays there; where it cannot be read, the store is broken, and it is all.
func (q *queue) from(p place) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		offset := p.offset
		for b := p.block; b != nil; b = b.next {
			if b != p.block {
				offset = b.start
			}
			if offset == b.end {
				continue
			}
			data, ok := q.store.look(b)
			if !ok {
				return
			}
			for offset < b.end {
				e := entry(data[offset:])
				if !yield(e) {
					return
				}
				offset += e.length()
			}
		}
	}
}
