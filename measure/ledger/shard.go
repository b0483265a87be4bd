package ledger

import (
	"slices"
	"sync"
	"time"

	"weir/internal/deque"
	"weir/measure/internal/signal"
	"weir/record"
)

// shard is one shard's page in the books.
type shard struct {
	id string
	mu sync.Mutex
	// parents and children are the shards that this one came of and became, as far as anybody has told.
	parents, children []*shard
	// line is the shard and all that came of it, ancestry the shard and all that it came of.
	line, ancestry []*shard

	// inFlight are the sends of calls without an answer yet, and the unknown ones, in the order in which they left.
	inFlight deque.Deque[flying]
	// hint is where in inFlight the next overtaking read will likely fit.
	hint int
	// parked are the reads that fit a send in flight, in the order of their sequence numbers.
	parked deque.Deque[parkedRead]
	// backlog are the acked records that were not read, in the order of their sequence numbers.
	backlog deque.Deque[waiting]
	// passed counts the first records of the backlog that were not there when the shard was read to its tip: lost, unless they
	// show up after all.
	passed int
	// bytes is the size of the backlog without the passed ones.
	bytes int64
	// unresolved are the unknown sends that the writer gave up: a read may still find them.
	unresolved []orphan
	// held are acked records whose turn to be told as stored waits for an unknown one of their call.
	held []record.Send

	// highest is the highest sequence number read.
	highest string
	// tip is when the last request that read the shard to its tip left.
	tip time.Duration
	// maxPosition is the highest position read, plus one.
	maxPosition int64
	recent      recent

	counts    Counts
	offenders Offenders
	joined    signal.Signal
}

// flying is a send in flight.
type flying struct {
	hash     uint64
	due      time.Duration
	position int64
	claimed  bool // by a parked read that took its due time from it
}

// parkedRead is a read that overtook its answer.
type parkedRead struct {
	sequence string
	hash     uint64
}

// waiting is an acked record that was not read yet.
type waiting struct {
	sequence   string
	hash       uint64
	due, acked time.Duration
	position   int64
	size       int
	event      record.Event
}

// orphan is an unknown send that nobody resolves any more.
type orphan struct {
	hash uint64
	send record.Send
}

// unread is the shard's backlog in records.
func (s *shard) unread() int { return s.backlog.Len() - s.passed }

// book settles whose read it was: once a record, in the order of the shard's sequence numbers.
func (s *shard) book(position int64, hash uint64, sequence string) {
	s.recent.add(hash)
	if position < s.maxPosition {
		s.counts.Reordered++
		s.offenders.Reordered = s.name(s.offenders.Reordered, sequence)
		return
	}
	s.maxPosition = position
}

// stray books a read that fits no send: a copy of a record that is known under another sequence number, or a phantom.
func (s *shard) stray(hash uint64, sequence string) {
	if slices.ContainsFunc(s.ancestry, func(a *shard) bool { return a.known(hash) }) {
		s.counts.Duplicated++
		s.offenders.Duplicated = s.name(s.offenders.Duplicated, sequence)
		return
	}
	s.counts.Phantom++
	s.offenders.Phantom = s.name(s.offenders.Phantom, sequence)
}

// known looks for a record's hash among those that wait to be read next and those that were read last.
func (s *shard) known(hash uint64) bool {
	for i := range min(s.backlog.Len(), remembered) {
		if s.backlog.At(i).hash == hash {
			return true
		}
	}
	return s.recent.has(hash)
}

// lose books a record that was passed over. A copy of it may still come.
func (s *shard) lose(sequence string, hash uint64) {
	s.recent.add(hash)
	s.counts.Lost++
	s.offenders.Lost = s.name(s.offenders.Lost, sequence)
}

// name appends to one of the lists of offenders, which keep the first ones.
func (s *shard) name(list []record.ID, sequence string) []record.ID {
	if len(list) >= OffendersKept {
		return list
	}
	return append(list, record.ID{Shard: s.id, Sequence: sequence})
}
