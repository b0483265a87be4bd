package harness

import (
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"weir/record"
)

// past is what was read of the input, so that an aggregator that goes back can be told the due times of what it reads again, and that it is known how
// much of that is left: the ledger frees what was read. It is kept only for a run that restarts its aggregator, for it takes 16 bytes a record.
type past struct {
	seed maphash.Seed

	mu     sync.Mutex
	shards map[string]*pastShard
	// given counts the records that the aggregator was given since it began last, and again those of them that another had been given before.
	given, again int64
}

// pastShard is a shard's records in their order.
type pastShard struct {
	records []pastRecord
	// at is the place of the record that comes next: behind the last one where nothing is read again. Where it is not known yet, lost.
	at   int
	lost bool
}

// pastRecord is a record by the hash of its number, which those of a KPL aggregate share.
type pastRecord struct {
	number uint64
	due    time.Duration
}

func newPast() *past { return &past{seed: maphash.MakeSeed(), shards: make(map[string]*pastShard)} }

func (p *past) shard(id string) *pastShard {
	if p.shards[id] == nil {
		p.shards[id] = &pastShard{}
	}
	return p.shards[id]
}

func (p *past) number(sequence string) uint64 {
	number, _, _ := strings.Cut(sequence, "/")
	return maphash.String(p.seed, number)
}

// join notes the records of a page that the ledger has joined, and sets the due times of those that were read before.
func (p *past) join(page *record.Page) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.shard(page.Shard)
	for i := range page.Records {
		r := &page.Records[i]
		n := p.number(r.Sequence)
		if s.lost {
			s.find(n)
		}
		flush := record.IsFlush(r.PartitionKey)
		if s.at < len(s.records) {
			r.Due = s.records[s.at].due
			if !flush {
				p.again++
			}
		} else {
			s.records = append(s.records, pastRecord{n, r.Due})
		}
		s.at++
		if !flush {
			p.given++
		}
	}
	if s.lost && (page.Behind == 0 || page.End) {
		s.at, s.lost = len(s.records), false
	}
}

// find goes to the first record of a number, behind the last one where it is none of those that were read.
func (s *pastShard) find(number uint64) {
	s.lost = false
	for s.at = 0; s.at < len(s.records) && s.records[s.at].number != number; s.at++ {
	}
}

// rewind goes back to behind these sequence numbers of their shards, and to the beginning of all others.
func (p *past) rewind(to map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given, p.again = 0, 0
	for id, s := range p.shards {
		s.at, s.lost = 0, false
		sequence := to[id]
		if sequence == "" {
			continue
		}
		number := p.number(sequence)
		for i := len(s.records) - 1; i >= 0; i-- {
			if s.records[i].number == number {
				s.at = i + 1
				break
			}
		}
	}
}

// lose goes back to where the records that come next will tell.
func (p *past) lose() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given, p.again = 0, 0
	for _, s := range p.shards {
		s.lost = true
	}
}

// left is how many records are to be read again, and the due time of the oldest of them, [record.NoDue] where there is none that has one. While it is not
// known where a shard goes on, all that was read of it may be.
func (p *past) left() (records int64, oldest time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	oldest = record.NoDue
	for _, s := range p.shards {
		at := s.at
		if s.lost {
			at = 0
		}
		records += int64(len(s.records) - at)
		for ; at < len(s.records); at++ {
			if due := s.records[at].due; due != record.NoDue {
				if oldest == record.NoDue || due < oldest {
					oldest = due
				}
				break
			}
		}
	}
	return records, oldest
}

// counts are how many records the aggregator was given since it began last, and how many of them another had been given before.
func (p *past) counts() (given, again int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.given, p.again
}
