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

// Offenders names the first offenders of the reading as of now.
func (r *Reading) Offenders() Offenders {
	var all [kinds][]record.ID
	for _, s := range r.ledger.all() {
		r.ledger.enter(s)
		v := s.views[r.index]
		for kind := range all {
			all[kind] = append(all[kind], v.offenders[kind]...)
		}
		for o := range v.open(OffendersKept) {
			all[o.Kind] = append(all[o.Kind], o.ID)
		}
		r.ledger.leave(s)
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
func (v *view) open(most int) iter.Seq[*Offence] {
	return func(yield func(*Offence) bool) {
		left := min(v.waiting.passed, most)
		for e := range v.waiting.all() {
			if left--; left < 0 {
				break
			}
			event := e.event()
			if !yield(&Offence{Kind: Lost, ID: record.ID{Shard: v.shard.id, Sequence: string(e.sequence())}, Event: &event}) {
				return
			}
		}
		for i, stray := range v.strays.list.All() {
			o := stray.offence(Phantom)
			if o.Shard = v.shard.id; i == most || !yield(o) {
				return
			}
		}
	}
}
