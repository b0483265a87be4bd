package kinesis

import "time"

// readers are the places that the readers of a shard last asked for, by the id of their chain of iterators: what was given from there
// on may be asked for again. A reader whose iterator has expired counts no longer.
type readers struct {
	places map[uint64]place
	// sweepAt is how many places there may be before those of expired readers are thrown out.
	sweepAt int
}

type place struct {
	index uint64
	asked time.Time
}

const fewReaders = 64

func newReaders() readers { return readers{places: make(map[uint64]place), sweepAt: fewReaders} }

// note remembers that a chain asks for an index.
func (r *readers) note(chain, index uint64, now time.Time) {
	r.places[chain] = place{index, now}
	if len(r.places) > r.sweepAt {
		r.sweep(now)
		r.sweepAt = max(fewReaders, 2*len(r.places))
	}
}

// passed is the index that every reader has reached; at most next.
func (r *readers) passed(next uint64, now time.Time) uint64 {
	r.sweep(now)
	for _, p := range r.places {
		next = min(next, p.index)
	}
	return next
}

func (r *readers) sweep(now time.Time) {
	for chain, p := range r.places {
		if now.Sub(p.asked) > iteratorLifetime {
			delete(r.places, chain)
		}
	}
}
