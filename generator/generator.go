package generator

import (
	"cmp"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"weir/limits"
)

// Generator is a load that was checked. It is never changed, so any number of goroutines may use it.
type Generator struct {
	seed       uint64
	run        string
	largest    int // bytes of a record
	fields     *fields
	phases     []Phase
	schedule   *schedule // of the phases as they are given
	kinds      []*kind
	weights    aliasTable
	duplicates float64
	unreadable float64
}

// Span is a phase of the schedule: from Start up to End, which is the start of the next.
type Span struct {
	Name       string
	Start, End time.Duration
}

// New checks a configuration and makes all tables that it needs; it starts nothing. The error joins everything that is wrong, each
// behind its path as phases[1].to or kinds.order.size.
func New(c Config) (*Generator, error) {
	p := &problems{}
	g := &Generator{seed: c.Seed, run: c.Run, largest: cmp.Or(c.RecordBytes, limits.RecordBytes), duplicates: c.Duplicates, unreadable: c.Unreadable}
	p.share("duplicates", c.Duplicates)
	p.share("unreadable", c.Unreadable)
	g.fields = newFields(c.Fields, p)
	g.addKinds(&c, p)
	g.phases = slices.Clone(c.Phases)
	g.schedule = newSchedule(c.Seed, g.phases, p)
	if longest, more := longest(g.phases); more && len(p.all) == 0 {
		newSchedule(c.Seed, longest, p)
	}
	if len(p.all) == 0 {
		g.prove(p)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *Generator) addKinds(c *Config, p *problems) {
	if len(c.Kinds) == 0 {
		p.add("kinds", "there is none")
		return
	}
	left := maxZipfKeys
	names := make(map[string]bool)
	weights := make([]float64, len(c.Kinds))
	for i := range c.Kinds {
		k := &c.Kinds[i]
		at := place{p, "kinds." + k.Name}
		switch {
		case k.Name == "":
			at = p.at("kinds[%d]", i)
			at.add("name", "it is empty")
		case !utf8.ValidString(k.Name):
			at.add("name", "it is not UTF-8")
		case names[k.Name]:
			at.add("name", "another kind has it, too")
		}
		names[k.Name] = true
		weights[i] = k.Weight
		p.within(at.path("weight"), k.Weight, 0, math.MaxFloat64)
		g.kinds = append(g.kinds, newKind(k, g.fields, c.Shards, g.largest, &left, at))
	}
	if len(p.all) == 0 && slices.Max(weights) == 0 {
		p.add("kinds", "no kind has a weight above 0")
	}
	if len(p.all) == 0 {
		g.weights = newAliasTable(weights)
	}
}

// longest are the phases at their limits; more says that one has a limit.
func longest(phases []Phase) (at []Phase, more bool) {
	at = slices.Clone(phases)
	for i := range at {
		more = more || at[i].Limit > 0
		at[i].For = max(at[i].For, at[i].Limit)
	}
	return at, more
}

// Duration is how long the schedule is, unless a stream extends it: the end of its last phase.
func (g *Generator) Duration() time.Duration { return g.schedule.length }

// Phases are the phases in their order, without a gap, as they are unless a stream extends one.
func (g *Generator) Phases() []Span { return g.schedule.spans() }

// Records is how many records are due in all.
func (g *Generator) Records() int64 { return g.schedule.records }
