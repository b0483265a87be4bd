package aggregator

import (
	"time"

	"weir/record"
)

// batch is what one page of a shard has for one window subtask: its events, and the marks of the source subtask's watermark at
// their places among them. So a page costs one channel operation a window subtask, and yet every event meets the watermark that
// it would meet if the records came one by one.
type batch struct {
	source int    // the source subtask
	shard  string // of all events
	events []event
	// places are those of the events: see [Observer].
	places []int64
	marks  []mark
	// barrier says that all that the source subtask sends from now on is behind it. Such a batch holds nothing else.
	barrier *barrier
}

// event is a record as a window subtask needs it. Its strings point into the page's data.
type event struct {
	record.Event
	sequence string
	due      time.Duration
	hash     uint64 // of kind and key
}

// mark says that a source subtask's watermark has come to another step, see [window.Grid.Step]: the watermarks in between change
// nothing and are not marked.
type mark struct {
	// at is the number of events in the batch that come before the mark.
	at int
	// watermark is the step.
	watermark int64
	// trigger is the due time of the record that raised the watermark, flushed whether that was a flush record.
	trigger time.Duration
	flushed bool
	// kind is what it says instead of that, where it is not raised.
	kind markKind
}

// markKind is what a mark says of a source subtask.
type markKind byte

const (
	// raised: its watermark has come to another step.
	raised markKind = iota
	// sourceHeld: it holds back all that comes, for a shard has come to it that no watermark is known of.
	sourceHeld
	// sourceIdle: all its shards are idle, so that it holds nothing back; sourceActive: not any more.
	sourceIdle
	sourceActive
)

func (b *batch) empty() bool { return len(b.events) == 0 && len(b.marks) == 0 && b.barrier == nil }

// reset empties the batch, keeps its memory, and lets go of the page's.
func (b *batch) reset() {
	clear(b.events)
	b.events, b.places, b.marks, b.shard, b.barrier = b.events[:0], b.places[:0], b.marks[:0], "", nil
}
