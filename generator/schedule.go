package generator

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// The bounds of a schedule.
const (
	maxRate     = 1e9  // records a second, one a nanosecond
	maxRecords  = 1e12 // with more, neighbours could no longer be told apart
	maxDuration = 100 * 365 * 24 * time.Hour
)

// schedule gives each record its due time, from its number alone.
//
// With r(t) the rate over all phases, and Λ(t) the integral of r from 0 to t, which is how many records are due up to t, record i is
// due when Λ reaches i:
//
//	due(i) = Λ⁻¹(i)
//
// Phase k begins at T_k, where Λ is Λ_k = m_0 + … + m_(k-1), the masses of the phases before it. So its records are those with
// Λ_k ≤ i < Λ_k + m_k, and due(i) = T_k + Λ_(k)⁻¹(i − Λ_k) with the phase's own Λ_(k), which each [profile] gives and inverts. The
// fraction of a record by which a phase begins before its first record (offset = first − Λ_k) is carried from phase to phase, so that a
// phase of 10.5 records and one after it make 21. No due time comes from the one before it, so no error of rounding adds up.
//
// A poisson phase has as many records as the seed gives it (see [poisson]), and hands the offset on as it got it.
//
// All of it is float64 with every product converted before it is added, so that no compiler fuses the two: hold, ramp, step, burst and
// curve use + − × ÷ √ alone, which IEEE 754 rounds in one way, and are the same everywhere. A sine uses math.Sincos, and a poisson
// math.Log, whose last bit may differ between architectures.
type schedule struct {
	phases  []phase
	records int64
	length  time.Duration
}

// profile is the rate of a phase over time, in seconds from its start.
type profile interface {
	// mass is Λ(t): the records due in the first t seconds, as a real number.
	mass(t float64) float64
	// at is Λ⁻¹(x) in seconds: when the rate has given x records, for x in [0, mass). Where the rate is 0 there, it is when that ends.
	at(x float64) float64
}

type phase struct {
	name          string
	start, length time.Duration
	// first is the number of the phase's first record, and count how many records it has.
	first, count int64
	// offset is Λ at the first record, from the start of the phase: in [0, 1).
	offset  float64
	profile profile
	poisson *poisson // instead of a profile
}

// aWhisker of a record before its end, a phase leaves the record to the next one. It absorbs the rounding of masses that
// are whole numbers on paper.
const aWhisker = 1e-6

func newSchedule(seed uint64, from []Phase, p *problems) *schedule {
	s := &schedule{}
	if len(from) == 0 {
		p.add("phases", "there is none")
	}
	random := newRandom(seed)
	offset := 0.0
	for i := range from {
		f := &from[i]
		shape, ok := newShape(f, p.at("phases[%d]", i))
		if !ok {
			continue
		}
		if f.For > maxDuration-s.length {
			p.add("phases", "they last more than 100 years")
			return s
		}
		at := phase{name: f.Name, start: s.length, length: f.For, first: s.records, offset: offset}
		s.length += f.For
		mass := shape.mass(f.For.Seconds())
		switch {
		case mass > maxRecords-float64(s.records):
			p.add("phases", "they have more than %.0g records", maxRecords)
			return s
		case f.Shape == Poisson && mass > maxPoisson:
			p.add(fmt.Sprintf("phases[%d]", i), "a poisson phase has at most %.0g records, not %.0f", maxPoisson, mass)
			continue
		case f.Shape == Poisson:
			at.poisson = newPoisson(random, i, mass)
			at.count = at.poisson.records()
		default:
			at.profile = shape
			at.count = int64(max(0, math.Ceil(mass-offset-aWhisker)))
			offset = max(0, offset+float64(at.count)-mass)
		}
		s.records += at.count
		s.phases = append(s.phases, at)
	}
	if len(p.all) == 0 && s.records == 0 {
		p.add("phases", "no record is due in them")
	}
	return s
}

// cursor looks up due times. What it keeps is a shortcut to the next lookup, and has no part in its outcome.
type cursor struct {
	schedule *schedule
	phase    int
	random   *random
	cell     cell
}

func newCursor(s *schedule, seed uint64) *cursor {
	return &cursor{schedule: s, random: newRandom(seed), cell: cell{phase: -1}}
}

// due is the due time of record i, in [0, records).
func (c *cursor) due(i int64) time.Duration {
	phases := c.schedule.phases
	p := &phases[c.phase]
	if i < p.first || i >= p.first+p.count {
		c.phase = sort.Search(len(phases), func(k int) bool { return phases[k].first+phases[k].count > i })
		p = &phases[c.phase]
	}
	var seconds float64
	if p.poisson == nil {
		seconds = p.profile.at(p.offset + float64(i-p.first))
	} else {
		seconds = c.cell.at(p.poisson, c.random, i-p.first) * p.length.Seconds()
	}
	// The nearest nanosecond within the phase.
	return p.start + max(0, min(time.Duration(math.Floor(seconds*1e9+0.5)), p.length-1))
}

// spans are the phases by name.
func (s *schedule) spans() []Span {
	spans := make([]Span, len(s.phases))
	for i, p := range s.phases {
		spans[i] = Span{Name: p.name, Start: p.start, End: p.start + p.length}
	}
	return slices.Clip(spans)
}
