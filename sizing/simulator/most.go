package simulator

import (
	"maps"
	"slices"
	"time"

	"weir/measure/backlog"
	"weir/result"
)

// most is the most that waited in one backlog, and what there is to know of its readers.
type most struct {
	whole                           backlog.Most
	parts                           []backlog.Most
	readsThrottled, writesThrottled int64
	age                             time.Duration // the iterator's
	read                            bool          // the age is known
	routes                          map[string]most
}

// or is the greater of each figure; what is counted is added up.
func (m *most) or(o most) most {
	sum := most{
		whole: m.whole.Or(o.whole), parts: slices.Clone(o.parts), readsThrottled: m.readsThrottled + o.readsThrottled,
		age: max(m.age, o.age), read: m.read || o.read, routes: maps.Clone(o.routes),
	}
	for i := range m.parts {
		sum.parts[i] = m.parts[i].Or(o.parts[i])
	}
	for name, route := range m.routes {
		sum.routes[name] = route.or(o.routes[name])
	}
	return sum
}

// look is what is looked at: all since the start, or what came since the last look.
type look bool

const (
	sinceStart look = false
	sinceLook  look = true
)

// most is the most of the crowd.
func (c *crowd) most(l look) most {
	m := most{whole: l.of(&c.whole)}
	for i := range c.parts {
		m.parts = append(m.parts, l.of(&c.parts[i]))
	}
	return m
}

// of is the most of a level. What waits at a look is among the most until the next one.
func (l look) of(level *backlog.Level) backlog.Most {
	if l == sinceStart {
		return level.Most()
	}
	m := level.Recent()
	level.Reached(level.Records(), level.Bytes())
	return m
}

// crowds are the backlogs that the pipeline has, by their places.
func (m *measures) crowds() map[string]*crowd {
	all := map[string]*crowd{result.InputBacklog: m.input, result.TableBacklog: m.table}
	if m.world.output != nil {
		all[result.OutputBacklog] = m.output
	}
	return all
}

// look is the most of each backlog that anything came to.
func (m *measures) look(l look) map[string]most {
	w := m.world
	w.feeder.come()
	m.age()
	all := make(map[string]most)
	for place, c := range m.crowds() {
		if c.whole.Most().Records > 0 {
			all[place] = c.most(l)
		}
	}
	if input, ok := all[result.InputBacklog]; ok {
		input.readsThrottled = w.input.throttledReads(l)
		if l == sinceStart {
			input.writesThrottled = m.records.Throttled
		}
		input.age, input.read = ageOf(w.engine.readers, l)
		all[result.InputBacklog] = input
	}
	output, ok := all[result.OutputBacklog]
	if !ok {
		return all
	}
	output.readsThrottled, output.routes = w.output.throttledReads(l), make(map[string]most)
	for _, mapping := range w.mappings {
		route := mapping.backlog.most(l)
		route.age, route.read = ageOf(mapping.readers, l)
		output.routes[mapping.name] = route
	}
	all[result.OutputBacklog] = output
	return all
}

// age notes in each backlog how long the oldest have waited.
func (m *measures) age() {
	now := m.world.clock.now
	m.input.age(now, m.world.feeder.due)
	for _, c := range []*crowd{m.output, m.table} {
		c.age(now, len(c.in))
	}
	for _, mapping := range m.world.mappings {
		mapping.backlog.age(now, len(mapping.backlog.in))
	}
}

// throttledReads are those of the stream.
func (s *stream) throttledReads(l look) int64 {
	if l == sinceStart {
		return s.readsThrottled
	}
	n := s.readsThrottled - s.lookedAt
	s.lookedAt = s.readsThrottled
	return n
}

// ageOf is how far the readers were behind the tip at most.
func ageOf(readers []*reader, l look) (age time.Duration, known bool) {
	for _, r := range readers {
		known = known || r.age.known
		if l == sinceStart {
			age = max(age, r.age.most)
			continue
		}
		age = max(age, r.age.recent)
		r.age.recent = 0
	}
	return age, known
}

// pass is when a phase ends: what was most in it is the phase's. Phases of one name are one.
func (m *measures) pass() {
	f := m.world.feeder
	if m.seen == len(m.spans) || f.ended {
		return
	}
	p := m.spans[m.seen].phase
	m.seen++
	for place, now := range m.look(sinceLook) {
		before := p.most[place]
		p.most[place] = before.or(now)
	}
}

// result is how a result has the most of a place.
func (m *most) result(place string) result.Backlog {
	b := result.Backlog{Waited: waited(&m.whole), ReadsThrottled: m.readsThrottled, WritesThrottled: m.writesThrottled}
	for i, name := range result.PartsOf(place) {
		if b.Parts == nil {
			b.Parts = make(map[string]result.BacklogPart)
		}
		p := result.BacklogPart{Waited: waited(&m.parts[i])}
		if name == result.HarnessPart {
			p.MaxBytes = nil // a harness does not know what it has not made yet
		}
		b.Parts[name] = p
	}
	b.IteratorAge = m.iteratorAge()
	for name, route := range m.routes {
		if b.Routes == nil {
			b.Routes = make(map[string]result.RouteBacklog)
		}
		b.Routes[name] = result.RouteBacklog{
			Waited: waited(&route.whole), IteratorAge: route.iteratorAge(),
			Parts: map[string]result.Waited{result.StreamPart: waited(&route.parts[outStream]), result.FunctionPart: waited(&route.parts[outFunction])},
		}
	}
	return b
}

func (m *most) iteratorAge() *float64 {
	if !m.read {
		return nil
	}
	return new(m.age.Seconds())
}

func waited(m *backlog.Most) result.Waited {
	return result.Waited{MaxRecords: m.Records, MaxBytes: new(m.Bytes), MaxSeconds: new(m.Age.Seconds())}
}
