package ledger

import (
	"math"
	"slices"
	"strings"
	"time"

	"weir/internal/deque"
	"weir/record"
)

// view is one shard as one reading knows it. The lock of the shard guards it.
type view struct {
	shard   *shard
	reading *Reading

	// waiting are the records known to be stored that were not read, in the order of their sequence numbers.
	waiting queue
	// parked are the reads that fit a send in flight, in the order of their sequence numbers.
	parked deque.Deque[parkedRead]
	// hint is which of all sends that were ever in flight the next overtaking read will likely fit.
	hint int64
	// taken are the records that were read, where the reading keeps them.
	taken *taken

	// highest is the highest sequence number read.
	highest string
	// tip is when the last request that read the shard to its tip left.
	tip time.Duration
	// placed is when the request left whose answer has shown where the consumer goes on, after it had lost its place: what was stored before, it may have passed
	// over. [record.NoDue] where it never lost it.
	placed time.Duration
	// behind is how far the last page was from the tip.
	behind time.Duration
	// maxPosition is the highest position read, plus one.
	maxPosition int64
	recent      recent
	// strays are the reads that fit nothing as yet.
	strays strays

	// read counts records, flush records aside.
	read      int64
	offences  [kinds]int64
	offenders [kinds][]record.ID
	// stream and engine are what the levels of the reading have of the shard.
	stream, engine extent
}

// parkedRead is a read that overtook the answer to its send.
type parkedRead struct {
	sequence, partitionKey string
	hash                   uint64
	at                     time.Duration // when it was read
}

// isToCome says that a sequence number is one that the reading has not come to, and may come to.
func (v *view) isToCome(sequence string) bool { return v.tip < math.MaxInt64 && !v.isRead(sequence) }

// isRead says that a sequence number is one that the reading has come to.
func (v *view) isRead(sequence string) bool {
	return v.highest != "" && record.CompareSequence(sequence, v.highest) <= 0
}

// overtook takes out the parked read of a sequence number, and says whether there is one.
func (v *view) overtook(sequence string) bool {
	for i, p := range v.parked.All() {
		if p.sequence == sequence {
			v.parked.Remove(i)
			return true
		}
	}
	return false
}

// hasStray takes out the stray of a sequence number, and says whether there is one.
func (v *view) hasStray(sequence string, hash uint64) bool {
	if !v.strays.takeRead(sequence, hash) {
		return false
	}
	v.reading.strays.Add(-1)
	return true
}

// book settles whose read it was: once a record, in the order of the shard's sequence numbers. It says whether that is the order of their positions.
func (v *view) book(position int64, hash uint64) (ordered bool) {
	v.remember(hash)
	if position < v.maxPosition {
		return false
	}
	v.maxPosition = position
	return true
}

// bookSend books a stored send as read.
func (v *view) bookSend(send *record.Send, hash uint64) {
	if !v.book(send.Position, hash) {
		v.offend(&Offence{Kind: Reordered, ID: record.ID{Sequence: send.Sequence}, Event: &send.Event})
		return
	}
	v.carryOn()
}

// goOn has the order of a shard that came of one other go on where that one ended, all of which was read before.
func (v *view) goOn() {
	for from := v; len(from.shard.parents) == 1 && from.highest == ""; {
		from = v.of(from.shard.parents[0])
		v.maxPosition = max(v.maxPosition, from.maxPosition)
	}
}

// carryOn does so for shards that were read before it was known what a read of this one was.
func (v *view) carryOn() {
	for _, child := range v.shard.children {
		if c := v.of(child); len(child.parents) == 1 && c.maxPosition < v.maxPosition {
			c.maxPosition = v.maxPosition
			c.carryOn()
		}
	}
}

// remember notes a record that was read or lost: a copy of it may be read later.
func (v *view) remember(hash uint64) {
	v.recent.add(hash)
	v.tellStrays(hash)
}

// tellStrays notes that a record is known to be stored: strays that are like it are copies of it.
func (v *view) tellStrays(hash uint64) {
	if v.reading.strays.Load() == 0 {
		return
	}
	for _, k := range v.shard.kin {
		v.of(k).judge(hash)
	}
}

// of is the same reading's view of another shard.
func (v *view) of(s *shard) *view { return s.views[v.reading.index] }

// judge judges the strays that are like a record.
func (v *view) judge(hash uint64) {
	for p, ok := v.strays.take(hash); ok; p, ok = v.strays.take(hash) {
		v.reading.strays.Add(-1)
		v.offend(p.offence(Duplicated))
	}
}

// stray books a read that fits no send: a copy of a record that is known under another sequence number, or of one that will be, or a phantom.
func (v *view) stray(p *parkedRead) {
	known := slices.ContainsFunc(v.shard.kin, func(k *shard) bool { return v.of(k).known(p.hash) })
	switch {
	case v.reading.ledger.store.broken.Load():
	case known:
		v.offend(p.offence(Duplicated))
	default:
		kept := parkedRead{sequence: strings.Clone(p.sequence), partitionKey: strings.Clone(p.partitionKey), hash: p.hash, at: p.at}
		gone, full := v.strays.add(kept)
		if full {
			v.offend(gone.offence(Phantom))
			return
		}
		v.reading.strays.Add(1)
	}
}

func (p *parkedRead) offence(kind Kind) *Offence {
	return &Offence{Kind: kind, ID: record.ID{Sequence: p.sequence}, PartitionKey: p.partitionKey}
}

// known looks for a record's hash among those that wait to be read next and those that were read last.
func (v *view) known(hash uint64) bool {
	if v.recent.has(hash) {
		return true
	}
	n := 0
	for e := range v.waiting.all() {
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
func (v *view) lose(sequence string, hash uint64, event *record.Event) {
	v.remember(hash)
	v.offend(&Offence{Kind: Lost, ID: record.ID{Sequence: sequence}, Event: event})
}

// offend counts an offence, and names it.
func (v *view) offend(o *Offence) {
	o.Shard, o.Sequence = v.shard.id, strings.Clone(o.Sequence)
	v.offences[o.Kind]++
	if list := &v.offenders[o.Kind]; len(*list) < OffendersKept {
		*list = append(*list, o.ID)
	}
	if tell := v.reading.config.Offence; tell != nil {
		tell(o)
	}
}

// sweep books the parked reads that fit no send after all, once none is in flight that they could fit.
func (v *view) sweep() {
	for v.parked.Len() > 0 {
		v.stray(v.parked.At(0))
		v.parked.Drop(1)
	}
}
