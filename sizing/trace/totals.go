package trace

import (
	"slices"
	"sort"
	"time"
)

// Totals are how much comes to each hash key over several stretches of time, so that what the busiest of any number of shards gets is known at once.
type Totals struct {
	stretches []time.Duration
	hashes    []uint64 // in their order
	// sums are those of all hash keys up to each, by stretch.
	records, bytes [][]int64
}

// Stretch is from a time until another.
type Stretch struct{ Start, End time.Duration }

// Totals adds a load up over stretches of time that may overlap.
func (t *Trace) Totals(stretches []Stretch) *Totals {
	s := &Totals{}
	place := make(map[uint64]int)
	for i := range t.Records {
		place[t.Records[i].Hash] = 0
	}
	for hash := range place {
		s.hashes = append(s.hashes, hash)
	}
	slices.Sort(s.hashes)
	for i, hash := range s.hashes {
		place[hash] = i
	}
	for _, over := range stretches {
		records, bytes := make([]int64, 1+len(s.hashes)), make([]int64, 1+len(s.hashes))
		from := sort.Search(len(t.Records), func(i int) bool { return t.Records[i].Due >= over.Start })
		for i := from; i < len(t.Records) && t.Records[i].Due < over.End; i++ {
			r := &t.Records[i]
			at := 1 + place[r.Hash]
			records[at]++
			bytes[at] += int64(r.Bytes)
		}
		for i := range s.hashes {
			records[i+1] += records[i]
			bytes[i+1] += bytes[i]
		}
		s.stretches = append(s.stretches, over.End-over.Start)
		s.records, s.bytes = append(s.records, records), append(s.bytes, bytes)
	}
	return s
}

// Busiest is the most records and the most bytes that come to one of so many shards in a second, on average over the stretch in which that is most.
func (s *Totals) Busiest(shards int) (records, bytes float64) {
	starts := Starts(shards)
	from := 0
	for i := range starts {
		to := len(s.hashes)
		if i+1 < shards {
			to = from + sort.Search(len(s.hashes)-from, func(k int) bool { return s.hashes[from+k] >= starts[i+1] })
		}
		for k, over := range s.stretches {
			records = max(records, float64(s.records[k][to]-s.records[k][from])/over.Seconds())
			bytes = max(bytes, float64(s.bytes[k][to]-s.bytes[k][from])/over.Seconds())
		}
		from = to
	}
	return records, bytes
}
