package ledger

import (
	"sync"
	"time"

	"weir/internal/deque"
	"weir/measure/internal/signal"
	"weir/record"
)

// shard is one shard's page in the books: what was sent to it, and a view of it for each reading.
type shard struct {
	id string
	mu sync.Mutex
	// parents and children are the shards that this one came of and became, as far as anybody has told.
	parents, children []*shard
	// line is the shard and all that came of it, ancestry the shard and all that it came of, and kin is both: where a copy of a record may be.
	line, ancestry, kin []*shard
	// views are those of the readings, in their order.
	views []*view

	// inFlight are the sends of calls without an answer yet, and the unknown ones, in the order in which they left; landed is how many have left it.
	inFlight deque.Deque[flying]
	landed   int64
	// kinds are those of what is in flight, by position; there are none unless they are asked for.
	kinds map[int64]string
	// unresolved are the unknown sends that the writer gave up: a read may still find them.
	unresolved []orphan
	// held are acked records whose turn to be told as stored waits for an unknown one of their call.
	held []record.Send

	counts SentCounts
	joined signal.Signal // a page of the shard, or of one that came of it, in any reading
	// encoded is the memory of the entry that was made last.
	encoded entry
}

// flying is a send in flight.
type flying struct {
	hash     uint64
	due      time.Duration
	position int64
	// claimed has the bits of the readings in which a parked read took its due time from it; see [view.claim].
	claimed uint64
}

// orphan is an unknown send that nobody resolves any more.
type orphan struct {
	hash uint64
	send record.Send
}

// stored books a record that is known to be stored since the time at, in every reading. Where a reading has found it just now, by is its view.
func (s *shard) stored(send *record.Send, hash uint64, at time.Duration, by *view) {
	var e entry
	for _, v := range s.views {
		switch {
		case v == by, v.overtook(send.Sequence):
			v.bookSend(send, hash)
		case v.isToCome(send.Sequence):
			if e == nil {
				s.encoded = encode(s.encoded, send, hash, at)
				e = s.encoded
			}
			v.waiting.insert(e)
			v.tally()
			v.tellStrays(hash)
		case v.hasStray(send.Sequence, hash):
			v.bookSend(send, hash)
		default:
			v.lose(send.Sequence, hash, &send.Event)
		}
	}
}
