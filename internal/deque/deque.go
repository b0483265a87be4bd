// Package deque has a queue with two ends for what waits in great numbers: records that a shard has no room for, and what a ledger knows of
// those that nobody has read.
package deque

import (
	"iter"
	"slices"
)

// perBlock is how many items one block holds.
const perBlock = 128

type block[T any] [perBlock]T

// Deque holds items in blocks: an item that is in is not moved, however many come behind it, and what was taken out is forgotten. The zero
// value is empty. It is not safe for concurrent use.
type Deque[T any] struct {
	blocks []*block[T]
	head   int // the place of the front in the first block
	n      int
	spare  []*block[T] // emptied, for the next that are needed
}

// mostSpare bounds the blocks that are kept: a call of Kinesis has 500 records, and what comes and goes by a few calls needs no new memory.
const mostSpare = 4 * (500/perBlock + 1)

// Len is how many items there are.
func (d *Deque[T]) Len() int { return d.n }

// At is the i-th item from the front, which stays where it is until it is removed or moved by Remove.
func (d *Deque[T]) At(i int) *T {
	i += d.head
	return &d.blocks[i/perBlock][i%perBlock]
}

// Run is the i-th item and those behind it that stand together in memory: all of them, or a part, and none at the end.
func (d *Deque[T]) Run(i int) []T {
	if i == d.n {
		return nil
	}
	at := i + d.head
	run := d.blocks[at/perBlock][at%perBlock:]
	return run[:min(len(run), d.n-i)]
}

// All goes over the items, front to back, with their places.
func (d *Deque[T]) All() iter.Seq2[int, *T] {
	return func(yield func(int, *T) bool) {
		for i := range d.n {
			if !yield(i, d.At(i)) {
				return
			}
		}
	}
}

// Push adds an item at the end.
func (d *Deque[T]) Push(item T) { *d.Add() = item }

// Add adds an item at the end that is zero, to be filled in where it is.
func (d *Deque[T]) Add() *T {
	if d.head+d.n == len(d.blocks)*perBlock {
		d.blocks = append(d.blocks, d.empty())
	}
	d.n++
	return d.At(d.n - 1)
}

// Extend adds at most n items at the end that are zero and stand together in memory, to be filled in where they are: at least one.
func (d *Deque[T]) Extend(n int) []T {
	d.Add()
	last := d.head + d.n - 1
	run := d.blocks[last/perBlock][last%perBlock:]
	run = run[:min(len(run), n)]
	d.n += len(run) - 1
	return run
}

// PushFront adds items before the front, in their order.
func (d *Deque[T]) PushFront(items ...T) {
	for d.head < len(items) {
		d.blocks = slices.Insert(d.blocks, 0, d.empty())
		d.head += perBlock
	}
	d.head -= len(items)
	d.n += len(items)
	for i := range items {
		*d.At(i) = items[i]
	}
}

// Drop forgets the first n items.
func (d *Deque[T]) Drop(n int) {
	for i := 0; i < n; {
		run := d.Run(i)
		run = run[:min(len(run), n-i)]
		clear(run)
		i += len(run)
	}
	d.head += n
	d.n -= n
	if emptied := d.head / perBlock; emptied > 0 {
		d.spare = append(d.spare, d.blocks[:min(emptied, mostSpare-len(d.spare))]...)
		d.blocks = slices.Delete(d.blocks, 0, emptied)
		d.head %= perBlock
	}
}

// Truncate forgets all but the first n items.
func (d *Deque[T]) Truncate(n int) {
	for i := n; i < d.n; {
		run := d.Run(i)
		clear(run)
		i += len(run)
	}
	d.n = n
	needed := (d.head + n + perBlock - 1) / perBlock
	if unused := d.blocks[needed:]; len(unused) > 0 {
		d.spare = append(d.spare, unused[:min(len(unused), mostSpare-len(d.spare))]...)
		clear(unused)
		d.blocks = d.blocks[:needed]
	}
}

// Remove takes out the item at i and keeps the order of the others. It moves what stands before it.
func (d *Deque[T]) Remove(i int) {
	for ; i > 0; i-- {
		*d.At(i) = *d.At(i - 1)
	}
	d.Drop(1)
}

func (d *Deque[T]) empty() *block[T] {
	last := len(d.spare) - 1
	if last < 0 {
		return new(block[T])
	}
	empty := d.spare[last]
	d.spare[last] = nil
	d.spare = d.spare[:last]
	return empty
}
