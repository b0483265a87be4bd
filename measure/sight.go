package measure

import (
	"cmp"
	"slices"
	"time"

	"weir/measure/backlog"
)

// sight is what there is to see of a run at a time: its totals, and what waits in each place.
type sight struct {
	at     time.Duration
	totals []int64 // as counterNames
	places map[string]placeSight
}

// placeSight is what waits in one place, and what was most there since it was looked at last.
type placeSight struct {
	whole partSight
	parts []partSight
	// shards are those of the stream: the whole but for what was not handed over.
	shards []backlog.Shard
	// routes are those of the output, in the order of their names.
	routes []routeSight
	// iteratorAge is the most since the last look; throttled counts reads since the start.
	iteratorAge time.Duration
	throttled   int64
}

// partSight is one part of a place, or the whole of it, whose name is empty.
type partSight struct {
	name   string
	now    backlog.Extent
	recent backlog.Most
}

// routeSight is what waits for one route.
type routeSight struct {
	name        string
	whole       partSight
	parts       []partSight // stream and function
	iteratorAge time.Duration
}

// seen looks at a level whose extent is known at a time, and notes both in its maxima.
func seen(name string, level *backlog.Level, now backlog.Extent, at time.Duration) partSight {
	level.Reached(now.Records, now.Bytes)
	level.Aged(now.Age(at))
	return partSight{name: name, now: now, recent: level.Recent()}
}

// place puts the parts of a place together. The whole is as old as the oldest of them, at each moment, and so at most.
func place(level *backlog.Level, parts []partSight, at time.Duration) placeSight {
	sum := backlog.None
	for _, p := range parts {
		sum = sum.Plus(p.now)
		level.Aged(p.recent.Age)
		level.Reached(p.recent.Records, p.recent.Bytes)
	}
	return placeSight{whole: seen("", level, sum, at), parts: parts}
}

// all are the whole, and then the parts.
func (p *placeSight) all() []partSight { return append([]partSight{p.whole}, p.parts...) }

// Left is what waits in one part of a place.
type Left struct {
	Place, Part string // the part is empty where the place has none
	Records     int64
}

// Left is what waited at the last look, the fullest part first.
func (m *Meter) Left() []Left {
	m.sightMu.Lock()
	defer m.sightMu.Unlock()
	var left []Left
	for _, name := range m.places() {
		place := m.last.places[name]
		parts := place.parts
		if len(parts) == 0 {
			parts = []partSight{place.whole}
		}
		for _, part := range parts {
			if part.now.Records > 0 {
				left = append(left, Left{Place: name, Part: part.name, Records: part.now.Records})
			}
		}
	}
	slices.SortStableFunc(left, func(a, b Left) int { return cmp.Compare(b.Records, a.Records) })
	return left
}
