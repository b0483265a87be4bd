package ledger

import (
	"cmp"
	"iter"
	"slices"

	"weir/record"
)

// Kind is a kind of [Offence]; the package comment says what each is.
type Kind uint8

const (
	Lost Kind = iota
	Duplicated
	Reordered
	Phantom
	kinds
)

// String is the kind as result.json calls it.
func (k Kind) String() string { return [...]string{"lost", "duplicated", "reordered", "phantom"}[k] }

// Offence names a record that is not as it should be.
type Offence struct {
	Kind Kind
	record.ID
	// PartitionKey is that of a record that was read and fits no send: duplicated or phantom.
	PartitionKey string
	// Event is that of a record that was sent: lost or reordered. It is nil of others.
	Event *record.Event
}

// OffendersKept bounds each list of [Offenders].
const OffendersKept = 20

// Offenders names the first records of each kind, in the order of their shards and sequence numbers.
type Offenders struct {
	Lost, Duplicated, Reordered, Phantom []record.ID
}

// Offenders names the first offenders as of now.
func (l *Ledger) Offenders() Offenders {
	var all [kinds][]record.ID
	for _, s := range l.all() {
		l.enter(s)
		for kind := range all {
			all[kind] = append(all[kind], s.offenders[kind]...)
		}
		for o := range s.open(OffendersKept) {
			all[o.Kind] = append(all[o.Kind], o.ID)
		}
		l.leave(s)
	}
	for kind := range all {
		all[kind] = first(all[kind])
	}
	return Offenders{Lost: all[Lost], Duplicated: all[Duplicated], Reordered: all[Reordered], Phantom: all[Phantom]}
}

func first(list []record.ID) []record.ID {
	slices.SortFunc(list, func(a, b record.ID) int {
		return cmp.Or(cmp.Compare(a.Shard, b.Shard), record.CompareSequence(a.Sequence, b.Sequence))
	})
	return list[:min(len(list), OffendersKept)]
}

// open are the offenders that may still turn out to be something else, the first ones of each kind: the records that were not there when the shard was
// read to its tip, and the reads that fit nothing.
func (s *shard) open(most int) iter.Seq[*Offence] {
	return func(yield func(*Offence) bool) {
		left := min(s.backlog.passed, most)
		for e := range s.backlog.all() {
			if left--; left < 0 {
				break
			}
			event := e.event()
			if !yield(&Offence{Kind: Lost, ID: record.ID{Shard: s.id, Sequence: string(e.sequence())}, Event: &event}) {
				return
			}
		}
		for i, stray := range s.strays.list.All() {
			o := stray.offence(Phantom)
			if o.Shard = s.id; i == most || !yield(o) {
				return
			}
		}
	}
}
