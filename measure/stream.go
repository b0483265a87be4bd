package measure

import (
	"context"
	"sync/atomic"
	"time"

	"weir/measure/backlog"
	"weir/measure/ledger"
	"weir/record"
)

// Stream observes the writer of one stream: its points in time, what waits in it, and the books of what was sent. It resolves the writer's unknown sends.
type Stream struct {
	// Ledger is the stream's books.
	Ledger *ledger.Ledger

	// waiting is what was handed over to the writer and is not known to be stored: of the output, that begins with the firing of a row, whose size is known
	// once it is queued.
	waiting backlog.Level
	// lastFinal is when the last record left it, in nanoseconds.
	lastFinal atomic.Int64
	// shards says how that is spread; nil where nobody knows.
	shards atomic.Pointer[func() []backlog.Shard]

	meter              *Meter
	acked, uncorrected *point
	// counts says that this is the input stream, whose records the series counts.
	counts         bool
	readsThrottled atomic.Int64
	// apart are the latencies of acked by shard or by kind; nil where they are not kept apart.
	apart *apart
}

// Throttled is told of a read that a shard's limits did not allow.
func (s *Stream) Throttled(string) { s.readsThrottled.Add(1) }

// Waits has the stream ask for what waits for each shard.
func (s *Stream) Waits(shards func() []backlog.Shard) { s.shards.Store(&shards) }

// extent is what waits in the writer, also what is on its way into it, and how it is spread over the shards.
func (s *Stream) extent() (backlog.Extent, []backlog.Shard) {
	e := backlog.Extent{Records: max(0, s.waiting.Records()), Bytes: max(0, s.waiting.Bytes()), Oldest: record.NoDue}
	shards := s.shards.Load()
	if shards == nil {
		return e, nil
	}
	waiting := (*shards)()
	for _, s := range waiting {
		e = e.Plus(backlog.Extent{Oldest: s.Oldest})
	}
	return e, waiting
}

// left takes what became of records: those that are final wait no more.
func (s *Stream) left(sends []record.Send, at time.Duration) {
	records, bytes, oldest := int64(0), int64(0), time.Duration(0)
	for i := range sends {
		send := &sends[i]
		if !send.Outcome.Final() {
			continue
		}
		records++
		bytes += int64(send.Size())
		if send.Due != record.NoDue {
			oldest = max(oldest, at-send.Due)
		}
	}
	if records > 0 {
		s.waiting.Add(-records, -bytes)
		s.waiting.Aged(oldest)
		s.lastFinal.Store(int64(at))
	}
}

// LastFinal is when the last record of the writer became final, zero where none has.
func (s *Stream) LastFinal() time.Duration { return time.Duration(s.lastFinal.Load()) }

// Resharded is told of the stream's shards, as soon as the writer knows of a new one.
func (s *Stream) Resharded(shards []record.Shard) {
	if s.counts {
		s.meter.oracle.Resharded(shards)
	}
	s.Ledger.Resharded(shards)
}

// Sending is told of the records of one shard in a call that is about to leave.
func (s *Stream) Sending(shard string, sends []record.Send) {
	s.Ledger.Sending(shard, sends)
	if !s.counts {
		return
	}
	retried := 0
	for i := range sends {
		if sends[i].Attempts > 1 {
			retried++
		}
	}
	s.meter.counters.sent.Add(int64(len(sends) - retried))
	s.meter.counters.retried.Add(int64(retried))
}

// Answered is told what became of them at the time at, and of records that end without a call.
func (s *Stream) Answered(shard string, sends []record.Send, at time.Duration) {
	s.Ledger.Answered(shard, sends, at)
	s.left(sends, at)
	if s.counts {
		s.time(sends, at)
		s.timeApart(shard, sends, at)
		return
	}
	s.meter.rows.Forwarded(sends, at)
}

func (s *Stream) time(sends []record.Send, at time.Duration) {
	acked, throttled := 0, 0
	s.acked.record(at, len(sends), func(i int) time.Duration {
		switch sends[i].Outcome {
		case record.Acked:
			acked++
			return since(at, sends[i].Due)
		case record.Throttled:
			throttled++
		}
		return record.NoDue
	})
	s.uncorrected.record(at, len(sends), func(i int) time.Duration {
		if sends[i].Outcome != record.Acked {
			return record.NoDue
		}
		return at - sends[i].SentAt
	})
	s.meter.counters.acked.Add(int64(acked))
	s.meter.counters.throttled.Add(int64(throttled))
}

// timeApart takes the latencies of acknowledged records by what they are to be kept apart by.
func (s *Stream) timeApart(shard string, sends []record.Send, at time.Duration) {
	if s.apart == nil {
		return
	}
	part := func(i int) string { return sends[i].Landed(shard) }
	if s.meter.config.LatencyBy == ByKind {
		part = func(i int) string { return sends[i].Event.Kind }
	}
	s.apart.record(at, len(sends), part, func(i int) time.Duration {
		if sends[i].Outcome != record.Acked {
			return record.NoDue
		}
		return since(at, sends[i].Due)
	})
}

// Resolve finds out what became of sends without an answer; see [ledger.Ledger.Resolve].
func (s *Stream) Resolve(ctx context.Context, shard string, sends []record.Send) error {
	return s.Ledger.Resolve(ctx, shard, sends)
}

// RowEvent is the event of a record that carries a row over the output stream: it names the row, so that nobody has to read the
// row's JSON again to know it.
func RowEvent(id record.RowID) record.Event {
	return record.Event{Kind: id.Kind, Key: id.Key, Time: id.WindowStart}
}

// RowOf is the row that a record of the output stream carries, by its event.
func RowOf(event record.Event) record.RowID {
	return record.RowID{Kind: event.Kind, Key: event.Key, WindowStart: event.Time}
}

func ackedRows(sends []record.Send) []record.RowID {
	ids := make([]record.RowID, 0, len(sends))
	for i := range sends {
		if sends[i].Outcome == record.Acked {
			ids = append(ids, RowOf(sends[i].Event))
		}
	}
	return ids
}
