package kinesis

import (
	"math/big"
	"slices"
	"time"
)

// lineage is the shards of a stream at one time: all that ever were, in the order of their numbers, and those that are open, in the order of their
// hash ranges, which have no gaps. It is never changed: a reshard puts a new one in its place.
type lineage struct {
	all, open []*shard
}

// hashKeys is how many hash keys there are: one more than the largest.
var hashKeys = new(big.Int).Lsh(big.NewInt(1), 128)

// evenly is the hash keys at which the ranges of that many equal shards begin, and behind them the end of the last.
func evenly(shards int) []*big.Int {
	bounds := make([]*big.Int, shards+1)
	for i := range bounds {
		bounds[i] = new(big.Int).Mul(hashKeys, big.NewInt(int64(i)))
		bounds[i].Div(bounds[i], big.NewInt(int64(shards)))
	}
	return bounds
}

// before is the hash key before one.
func before(key *big.Int) *big.Int { return new(big.Int).Sub(key, big.NewInt(1)) }

// newLineage is that many shards of equal ranges.
func newLineage(shards int, now time.Time, c *capacity) *lineage {
	l := &lineage{}
	bounds := evenly(shards)
	for i := range shards {
		l.all = append(l.all, newShard(i, bounds[i], before(bounds[i+1]), birth{at: now.UnixMilli()}, c.throttle(now)))
	}
	l.open = l.all
	return l
}

// route is the open shard of a hash.
func (l *lineage) route(hash [16]byte) *shard {
	low, high := 0, len(l.open)-1
	for low < high {
		middle := (low + high) / 2
		if string(hash[:]) <= string(l.open[middle].endBytes[:]) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return l.open[low]
}

// find is the shard of an id that stands in the stream still at a time of its retention.
func (l *lineage) find(id string, horizon int64) *shard {
	for _, sh := range l.all {
		if sh.id == id && sh.after(horizon) {
			return sh
		}
	}
	return nil
}

// place is where in open a shard stands.
func (l *lineage) place(sh *shard) (i int, open bool) {
	i = slices.Index(l.open, sh)
	return i, i >= 0
}

// replace puts children in the place of n open shards, from the ith on, and closes these. Nothing lands in them from then on: a put that comes too
// late finds its shard closed, and the new lineage in its place. The children are born at the parents' end, so that their sequence numbers are larger
// than all of the parents'. The stream is locked.
//
// K12: The sequence numbers of a child are larger than all of its parents' (Developer Guide, "After resharding")
func (st *stream) replace(i, n int, now time.Time, ranges ...hashRange) {
	l := st.lineage.Load()
	parents := l.open[i : i+n]
	for _, parent := range parents {
		parent.mu.Lock()
		defer parent.mu.Unlock()
	}
	born := birth{at: now.UnixMilli(), parents: slices.Clone(parents)}
	for _, parent := range parents {
		born.at = max(born.at, parent.log.newest)
		born.index = max(born.index, parent.log.next+1)
	}
	next := &lineage{all: slices.Clone(l.all)}
	for _, r := range ranges {
		next.all = append(next.all, newShard(len(next.all), r.start, r.end, born, st.capacity.throttle(now)))
	}
	children := next.all[len(l.all):]
	next.open = slices.Concat(l.open[:i], children, l.open[i+n:])
	for _, parent := range parents {
		parent.close(born.at, now.Sub(st.capacity.epoch), children)
	}
	st.lineage.Store(next)
}

// hashRange is a range of hash keys, both ends included.
type hashRange struct{ start, end *big.Int }
