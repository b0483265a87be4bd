package measure

import (
	"maps"
	"slices"
	"time"

	"weir/measure/backlog"
	"weir/result"
)

// piled is the most that waited in one place over a stretch of time: the run, or the phases of one name.
type piled struct {
	came        bool // something ever did
	whole       backlog.Most
	parts       map[string]backlog.Most
	routes      map[string]*piled
	shards      map[string]backlog.Most // of the run; nil in a phase
	iteratorAge time.Duration
	throttled   int64 // reads
}

func newPiled() *piled {
	return &piled{parts: make(map[string]backlog.Most), routes: make(map[string]*piled)}
}

// newPiledByShard keeps shards apart, too.
func newPiledByShard() *piled {
	p := newPiled()
	p.shards = make(map[string]backlog.Most)
	return p
}

// take takes what is seen of the place, and how many reads were throttled since the last sight.
func (p *piled) take(s *placeSight, at time.Duration, throttled int64) {
	p.takeParts(s.whole, s.parts, s.iteratorAge)
	p.throttled += throttled
	for _, shard := range s.shards {
		if p.shards == nil {
			break
		}
		p.shards[shard.Shard] = p.shards[shard.Shard].Or(backlog.Most{Records: shard.Records, Bytes: shard.Bytes, Age: shard.Age(at)})
	}
	for i := range s.routes {
		r := &s.routes[i]
		if p.routes[r.name] == nil {
			p.routes[r.name] = newPiled()
		}
		p.routes[r.name].takeParts(r.whole, r.parts, r.iteratorAge)
	}
}

func (p *piled) takeParts(whole partSight, parts []partSight, iteratorAge time.Duration) {
	p.came = p.came || whole.recent != backlog.Most{}
	p.whole = p.whole.Or(whole.recent)
	for _, part := range parts {
		p.parts[part.name] = p.parts[part.name].Or(part.recent)
	}
	p.iteratorAge = max(p.iteratorAge, iteratorAge)
}

// fill is the most as result.json has it.
func (p *piled) fill(place string) result.Backlog {
	b := result.Backlog{Waited: waited(p.whole), ReadsThrottled: p.throttled}
	for _, name := range result.PartsOf(place) {
		if b.Parts == nil {
			b.Parts = make(map[string]result.BacklogPart)
		}
		part := result.BacklogPart{Waited: waited(p.parts[name])}
		if name == result.HarnessPart {
			part.MaxBytes = nil // how large a record is that was not made yet, nobody knows
		}
		b.Parts[name] = part
	}
	if place == result.InputBacklog {
		b.IteratorAge = new(p.iteratorAge.Seconds())
	}
	for _, name := range slices.Sorted(maps.Keys(p.routes)) {
		if b.Routes == nil {
			b.Routes = make(map[string]result.RouteBacklog)
		}
		b.Routes[name] = p.routes[name].fillRoute()
	}
	for id, most := range p.shards {
		if b.Shards == nil {
			b.Shards = make(map[string]result.Waited)
		}
		b.Shards[id] = waited(most)
	}
	return b
}

func (p *piled) fillRoute() result.RouteBacklog {
	r := result.RouteBacklog{Waited: waited(p.whole), Parts: make(map[string]result.Waited), IteratorAge: new(p.iteratorAge.Seconds())}
	for name, most := range p.parts {
		r.Parts[name] = waited(most)
	}
	return r
}

func waited(m backlog.Most) result.Waited {
	return result.Waited{MaxRecords: m.Records, MaxBytes: new(m.Bytes), MaxSeconds: new(m.Age.Seconds())}
}
