// Package survey says what a load would bring to a stream before it is sent: how much of which kinds and keys, the busiest second of
// each shard, and which of AWS's limits that would break.
package survey

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/record"
)

// Load is what a load is made of and what it would bring to a stream.
type Load struct {
	// Records and Bytes are how much there is; Bytes are data alone. Unreadable of the records the aggregator cannot use.
	Records, Bytes, Unreadable int64
	// UnreadableAs is an example of those: where one stands, and why. It is empty where nobody says.
	UnreadableAs string
	// Kinds are the kinds of record, the most frequent first. Beyond 1,000 of them, the later ones are in OtherKinds.
	Kinds      []KindCount
	OtherKinds int64
	// Keys are the ten most frequent partition keys.
	Keys []KeyCount
	// Planned is the due time of the last record; it, the peaks and the breaches are zero where there is no schedule.
	Planned time.Duration
	Peak    Peak
	// Shards has an entry for each shard of a stream that is split evenly.
	Shards []ShardPeak
	// Breaches are the limits of AWS that the load would break on that stream.
	Breaches []Breach
}

// KindCount is a kind and how many records are of it.
type KindCount struct {
	Kind    string
	Records int64
}

const (
	topKeys  = 10
	maxKinds = 1000
)

// Collector takes the records of a load in the order in which they are due, and counts. It is not safe for concurrent use.
type Collector struct {
	load  Load
	peaks *peaks // nil without a schedule
	keys  *heavy
	kinds map[string]int64
}

// NewCollector makes a collector of a load without a schedule where shards is 0, and else of one for a stream of so many.
func NewCollector(shards int) *Collector {
	c := &Collector{keys: newHeavy(heavyCounters), kinds: make(map[string]int64)}
	if shards > 0 {
		c.peaks = newPeaks(shards)
	}
	return c
}

// Add takes the next records. It keeps none of their memory.
func (c *Collector) Add(records []record.Record) {
	for i := range records {
		r := &records[i]
		c.load.Records++
		c.load.Bytes += int64(len(r.Data))
		if r.Event.Unreadable {
			c.load.Unreadable++
		}
		c.keys.add(r.PartitionKey)
		c.addKind(r.Event.Kind)
		if c.peaks != nil {
			c.peaks.add(r)
		}
	}
	if len(records) > 0 {
		c.load.Planned = records[len(records)-1].Due
	}
}

func (c *Collector) addKind(kind string) {
	n, known := c.kinds[kind]
	switch {
	case known:
		c.kinds[kind] = n + 1
	case len(c.kinds) < maxKinds:
		c.kinds[strings.Clone(kind)] = 1
	default:
		c.load.OtherKinds++
	}
}

// Load is what was taken. Nothing is to be added after it.
func (c *Collector) Load() Load {
	c.load.Kinds, c.load.Keys = c.sortedKinds(), c.keys.top(topKeys)
	if c.peaks != nil {
		c.peaks.settle()
		c.load.Peak, c.load.Shards = c.peaks.overall, c.peaks.shards
		c.load.Breaches = breaches(c.load.Shards)
	}
	return c.load
}

func (c *Collector) sortedKinds() []KindCount {
	kinds := make([]KindCount, 0, len(c.kinds))
	for _, kind := range slices.Sorted(maps.Keys(c.kinds)) {
		kinds = append(kinds, KindCount{Kind: kind, Records: c.kinds[kind]})
	}
	slices.SortStableFunc(kinds, func(a, b KindCount) int { return cmp.Compare(b.Records, a.Records) })
	return kinds
}
