package ledger

import (
	"slices"
	"strings"
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
	// line is the shard and all that came of it, ancestry the shard and all that it came of, and kin is both: where a copy of a record may be.
	line, ancestry, kin []*shard

	// inFlight are the sends of calls without an answer yet, and the unknown ones, in the order in which they left.
	inFlight deque.Deque[flying]
	// kinds are those of what is in flight, by position; there are none unless they are asked for.
	kinds map[int64]string
	// hint is where in inFlight the next overtaking read will likely fit.
	hint int
	// parked are the reads that fit a send in flight, in the order of their sequence numbers.
	parked deque.Deque[parkedRead]
	// backlog are the acked records that were not read, in the order of their sequence numbers.
	backlog queue
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
	// strays are the reads that fit nothing as yet.
	strays strays

	counts    Counts
	offences  [kinds]int64
	offenders [kinds][]record.ID
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
	sequence, partitionKey string
	hash                   uint64
}

// orphan is an unknown send that nobody resolves any more.
type orphan struct {
	hash uint64
	send record.Send
}

// book settles whose read it was: once a record, in the order of the shard's sequence numbers. It says whether that is the order of their positions.
func (s *shard) book(l *Ledger, position int64, hash uint64) (ordered bool) {
	s.remember(l, hash)
	if position < s.maxPosition {
		return false
	}
	s.maxPosition = position
	return true
}

// bookSend books a send as read, under a sequence number.
func (s *shard) bookSend(l *Ledger, send *record.Send, hash uint64, sequence string) {
	if !s.book(l, send.Position, hash) {
		s.offend(l, &Offence{Kind: Reordered, ID: record.ID{Sequence: sequence}, Event: &send.Event})
	}
}

// remember notes a record that was read or lost: strays that are like it are copies of it.
func (s *shard) remember(l *Ledger, hash uint64) {
	s.recent.add(hash)
	if l.strays.Load() == 0 {
		return
	}
	for _, k := range s.kin {
		k.judge(l, hash)
	}
}

// judge judges the strays that are like a record.
func (s *shard) judge(l *Ledger, hash uint64) {
	for p, ok := s.strays.take(hash); ok; p, ok = s.strays.take(hash) {
		l.strays.Add(-1)
		s.offend(l, p.offence(Duplicated))
	}
}

// stray books a read that fits no send: a copy of a record that is known under another sequence number, or of one that will be, or a phantom.
func (s *shard) stray(l *Ledger, p *parkedRead) {
	known := slices.ContainsFunc(s.kin, func(k *shard) bool { return k.known(p.hash) })
	switch {
	case l.store.broken.Load():
	case known:
		s.offend(l, p.offence(Duplicated))
	default:
		kept := parkedRead{sequence: strings.Clone(p.sequence), partitionKey: strings.Clone(p.partitionKey), hash: p.hash}
		gone, full := s.strays.add(kept)
		if full {
			s.offend(l, gone.offence(Phantom))
			return
		}
		l.strays.Add(1)
	}
}

func (p *parkedRead) offence(kind Kind) *Offence {
	return &Offence{Kind: kind, ID: record.ID{Sequence: p.sequence}, PartitionKey: p.partitionKey}
}

// known looks for a record's hash among those that wait to be read next and those that were read last.
func (s *shard) known(hash uint64) bool {
	if s.recent.has(hash) {
		return true
	}
	n := 0
	for e := range s.backlog.all() {
		if e.hash() == hash {
			return true
		}
		if n++; n == remembered {
			break
		}
	}
	return false
}

// lose books a record that was passed over. A copy of it may still come.
func (s *shard) lose(l *Ledger, sequence string, hash uint64, event *record.Event) {
	s.remember(l, hash)
	s.offend(l, &Offence{Kind: Lost, ID: record.ID{Sequence: sequence}, Event: event})
}

// offend counts an offence, and names it.
func (s *shard) offend(l *Ledger, o *Offence) {
	o.Shard, o.Sequence = s.id, strings.Clone(o.Sequence)
	s.offences[o.Kind]++
	if list := &s.offenders[o.Kind]; len(*list) < OffendersKept {
		*list = append(*list, o.ID)
	}
	if l.config.Offence != nil {
		l.config.Offence(o)
	}
}
