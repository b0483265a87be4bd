package measure

import (
	"sync/atomic"
	"time"

	"weir/measure/backlog"
	"weir/measure/ledger"
	"weir/record"
	"weir/result"
)

// inputBacklog follows the backlog of the input: from a record's due time until the aggregator is done with it.
type inputBacklog struct {
	stream  *Stream         // the writer's part
	reading *ledger.Reading // the parts of the stream and of the engine
	// whole and harness have maxima alone: the one is a sum, and the other is asked for.
	whole, harness backlog.Level
	// due says what is due and was not handed over; nil where nobody knows.
	due atomic.Pointer[func(now time.Duration) backlog.Extent]
}

// handing takes records that are about to be handed over at a time: until then, those waited in the harness that were due before, and with them what is due and
// is still to be made.
func (b *inputBacklog) handing(records []record.Record, at time.Duration) {
	late := int64(0)
	for i := range records {
		if records[i].Due < at {
			late++
		}
	}
	if late > 0 {
		b.harness.Reached(late+b.late(at).Records, 0)
		b.harness.Aged(at - records[0].Due)
	}
	b.stream.waiting.Add(int64(len(records)), size(records))
	b.whole.Reached(b.sum((*backlog.Level).Records), b.sum((*backlog.Level).Bytes))
}

// dropped takes back records that were not handed over after all.
func (b *inputBacklog) dropped(records []record.Record) {
	b.stream.waiting.Add(-int64(len(records)), -size(records))
}

func size(records []record.Record) (bytes int64) {
	for i := range records {
		bytes += int64(records[i].Size())
	}
	return bytes
}

// late is what is due and was not handed over.
func (b *inputBacklog) late(at time.Duration) backlog.Extent {
	if due := b.due.Load(); due != nil {
		return (*due)(at)
	}
	return backlog.None
}

// sum adds up a figure of what was handed over.
func (b *inputBacklog) sum(of func(*backlog.Level) int64) int64 {
	return of(&b.stream.waiting) + of(b.reading.Stream()) + of(b.reading.Engine())
}

// inputExtents are the parts at a moment.
type inputExtents struct {
	harness, writer, stream, engine backlog.Extent
	waiting                         []backlog.Shard       // in the writer
	read                            []ledger.ShardBacklog // in the stream and the engine
}

// extents looks from the first part to the last, so that a record that goes on meanwhile is seen twice rather than not at all.
func (b *inputBacklog) extents(at time.Duration) inputExtents {
	e := inputExtents{harness: b.late(at), stream: backlog.None, engine: backlog.None}
	e.writer, e.waiting = b.stream.extent()
	e.read = b.reading.Backlog()
	for i := range e.read {
		e.stream, e.engine = e.stream.Plus(e.read[i].Stream), e.engine.Plus(e.read[i].Engine)
	}
	return e
}

// sumAt is the whole at a moment.
func (b *inputBacklog) sumAt(at time.Duration) backlog.Extent {
	e := b.extents(at)
	return e.harness.Plus(e.writer).Plus(e.stream).Plus(e.engine)
}

func (b *inputBacklog) look(at time.Duration) placeSight {
	e := b.extents(at)
	p := place(&b.whole, []partSight{
		seen(result.HarnessPart, &b.harness, e.harness, at),
		seen(result.WriterPart, &b.stream.waiting, e.writer, at),
		seen(result.StreamPart, b.reading.Stream(), e.stream, at),
		seen(result.EnginePart, b.reading.Engine(), e.engine, at),
	}, at)
	p.shards = together(e.waiting, e.read)
	p.iteratorAge, p.throttled = b.reading.RecentIteratorAge(), b.stream.readsThrottled.Load()
	return p
}

// together is what waits of each shard, on the way there and in it.
func together(waiting []backlog.Shard, read []ledger.ShardBacklog) []backlog.Shard {
	place := make(map[string]int, len(read))
	all := make([]backlog.Shard, 0, len(read))
	add := func(id string, e backlog.Extent) {
		i, known := place[id]
		if !known {
			i = len(all)
			place[id] = i
			all = append(all, backlog.Shard{Shard: id, Extent: backlog.None})
		}
		all[i].Extent = all[i].Plus(e)
	}
	for i := range read {
		add(read[i].Shard, read[i].Stream.Plus(read[i].Engine))
	}
	for _, s := range waiting {
		add(s.Shard, s.Extent)
	}
	return all
}
