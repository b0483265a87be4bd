package routing

import "weir/record"

// progress is up to where a shard's records are done, though the lanes finish them out of order.
type progress struct {
	// pending are the records from the first that is not done on; first counts those before.
	pending []step
	first   uint64
	last    string // the sequence number of the last one before
}

type step struct {
	sequence string
	done     bool
}

// add takes the shard's next record, and returns its place.
func (p *progress) add(sequence string, done bool) uint64 {
	p.pending = append(p.pending, step{sequence, done})
	place := p.first + uint64(len(p.pending)) - 1
	p.advance()
	return place
}

// finish says that the record at a place is done.
func (p *progress) finish(place uint64) {
	p.pending[place-p.first].done = true
	p.advance()
}

func (p *progress) advance() {
	n := 0
	for n < len(p.pending) && p.pending[n].done {
		p.last = p.pending[n].sequence
		n++
	}
	p.pending, p.first = p.pending[n:], p.first+uint64(n)
}

// checkpoint is behind the last record that is done with all before it; ok is false where none is.
func (p *progress) checkpoint() (at record.Position, ok bool) {
	return record.Position{Kind: record.AfterSequence, Sequence: p.last}, p.last != ""
}
