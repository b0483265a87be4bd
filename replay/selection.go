package replay

import (
	"fmt"
	"math"
	"time"

	"weir/record"
)

// ParseInstant reads an instant as RFC 3339, or a date, which is its midnight in UTC.
func ParseInstant(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither RFC 3339, as 2013-01-31T18:00:00Z, nor a date, as 2013-01-31", text)
}

// selection says which records of a recording are replayed.
type selection struct {
	from, to int64 // event times in ms; from is taken, to is not
	// below is the hash from which on a key is left out; 0 takes every key.
	below uint64
	seed  uint64
	left  leftOut
}

// leftOut is what a selection did not take.
type leftOut struct {
	records     int64
	first, last int64 // their event times
}

func newSelection(o *Options) selection {
	s := selection{from: math.MinInt64, to: math.MaxInt64, seed: o.Seed}
	if !o.From.IsZero() {
		s.from = ceilMillis(o.From)
	}
	if !o.To.IsZero() {
		s.to = ceilMillis(o.To)
	}
	if o.Sample > 0 && o.Sample < 1 {
		s.below = uint64(math.Ldexp(o.Sample, 64))
	}
	return s
}

// ceilMillis is the first whole millisecond that is not before at.
func ceilMillis(at time.Time) int64 {
	ms := at.UnixMilli()
	if at.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}

// takes says whether a record is replayed, and counts it if it is not. All records of one key are, or none: of the row's key, so that the
// rows of the keys that are taken are those of the whole recording; of a record that has none, the partition key's.
func (s *selection) takes(r *record.Record) bool {
	at := r.Event.Time
	if at >= s.from && at < s.to && (s.below == 0 || s.hash(r) < s.below) {
		return true
	}
	if s.left.records == 0 {
		s.left.first, s.left.last = at, at
	}
	s.left.records++
	s.left.first, s.left.last = min(s.left.first, at), max(s.left.last, at)
	return false
}

func (s *selection) hash(r *record.Record) uint64 {
	key := r.Event.Key
	if r.Event.Unreadable {
		key = r.PartitionKey
	}
	return keyHash(s.seed, key)
}

// keyHash spreads keys evenly over 64 bits, differently for each seed: FNV-1a (Fowler, Noll, Vo), and the finalizer of MurmurHash3, for
// FNV leaves the upper bits of short keys alike.
func keyHash(seed uint64, key string) uint64 {
	h := 14695981039346656037 ^ seed*0x9e3779b97f4a7c15
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
