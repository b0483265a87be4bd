package sizing

import (
	"context"
	"errors"
	"math"
	"slices"

	"weir/result"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/sizing/trace"
)

// errNothing says that no configuration holds the load.
var errNothing = errors.New("nothing holds the load")

// least finds by simulation the least of each knob that holds together, the rest of the configuration as it is.
func (p *predictor) least(ctx context.Context, from Configuration, knobs []knob, m *model) (Configuration, error) {
	c := from
	for i := range knobs {
		n := knobs[i].of(&c)
		*n = min(max(*n, m.least(knobs[i].what, false)), knobs[i].most)
		if err := p.fit(ctx, &c, &knobs[i]); err != nil {
			return c, err
		}
	}
	c, err := p.enough(ctx, c, knobs)
	if err != nil {
		return c, err
	}
	for i := range knobs {
		if err := p.lower(ctx, &c, &knobs[i], m.least(knobs[i].what, false)); err != nil {
			return c, err
		}
	}
	return c, nil
}

// enough doubles what binds until the configuration holds. Where all are at their most, or a further doubling changes nothing, nothing holds.
func (p *predictor) enough(ctx context.Context, c Configuration, knobs []knob) (Configuration, error) {
	const doublings = 8
	for range doublings {
		found, err := p.at(ctx, c)
		if err != nil || found.Holds {
			return c, err
		}
		if stuck(found.use, knobs) != nil {
			return c, errNothing
		}
		more := c
		for i := range knobs {
			n := knobs[i].of(&more)
			*n = min(2**n, knobs[i].most)
			if err := p.fit(ctx, &more, &knobs[i]); err != nil {
				return c, err
			}
		}
		if more == c {
			break
		}
		after, err := p.at(ctx, more)
		if err != nil || after.Holds {
			return more, err
		}
		if !better(&found.SizingSight, &after.SizingSight) {
			return more, errNothing
		}
		c = more
	}
	return c, errNothing
}

// fit takes a number of shards up to one in which keys fall better, if they do.
func (p *predictor) fit(ctx context.Context, c *Configuration, k *knob) (err error) {
	if k.what == scenarios.SoughtShards {
		n := k.of(c)
		*n, err = p.fitting(ctx, c.Load, *n, k.most)
	}
	return err
}

// stuck is a part with a use of 100 % or more that none of the knobs changes, nil where there is none. It is the limit, whatever the knobs are set to.
func stuck(parts []simulator.Part, knobs []knob) *use {
	for i := range parts {
		if !parts[i].Overused() {
			continue
		}
		if u := useOf(&parts[i]); !slices.ContainsFunc(knobs, func(k knob) bool { return k.what == u.what }) {
			return &u
		}
	}
	return nil
}

// better says that a run came closer to holding than the one before it, by 2 % of anything that is measured.
func better(before, after *result.SizingSight) bool {
	const gain = 0.98
	for _, pair := range [][2]*float64{
		{before.WrittenP99, after.WrittenP99},
		{before.BacklogInput, after.BacklogInput},
		{before.BacklogOutput, after.BacklogOutput},
		{before.DrainedIn, after.DrainedIn},
		{&before.Use, &after.Use},
		{new(float64(before.Throttled)), new(float64(after.Throttled))},
		{new(before.Offered - before.Achieved), new(after.Offered - after.Achieved)},
	} {
		switch {
		case pair[0] == nil && pair[1] != nil:
			return true // it could be measured
		case pair[0] == nil || pair[1] == nil:
		case *pair[1] < gain**pair[0]:
			return true
		}
	}
	return false
}

// lower takes one knob down to the least that holds. Fewer shards may hold where more do not, for keys fall elsewhere: those below the edge are looked at
// in which keys fall as well.
func (p *predictor) lower(ctx context.Context, c *Configuration, k *knob, guess int) error {
	n := k.of(c)
	high := *n
	with := func(n int) (bool, error) {
		tried := *c
		*k.of(&tried) = n
		found, err := p.at(ctx, tried)
		return err == nil && found.Holds, err
	}
	low := 0 // holds nothing
	if guess < high {
		holds, err := with(guess)
		if err != nil {
			return err
		}
		if holds {
			high = guess
		} else {
			low = guess
		}
	}
	for high-low > 1 && (k.what != scenarios.SoughtTable || float64(high) > float64(low)*(1+resolution/4)) {
		middle := low + (high-low)/2
		holds, err := with(middle)
		if err != nil {
			return err
		}
		if holds {
			high = middle
		} else {
			low = middle
		}
	}
	const about, most = 1.5, 12
	fewer, err := p.fewer(ctx, c, k, high, about)
	if err != nil {
		return err
	}
	for _, n := range fewer[:min(len(fewer), most)] {
		holds, err := with(n)
		if err != nil {
			return err
		}
		if holds {
			high = n
			break
		}
	}
	*k.of(c) = high
	return nil
}

// fewer are the numbers of input shards below an edge, from the least up, that may hold though the one below the edge does not: over the feed and each hold no shard
// has more to do than it can, and in its busiest second the busiest has at most so many times as much as that of the edge.
func (p *predictor) fewer(ctx context.Context, c *Configuration, k *knob, edge int, times float64) (list []int, err error) {
	if k.what != scenarios.SoughtShards || edge < 3 {
		return nil, nil
	}
	t, err := p.trace(ctx, c.Load)
	if err != nil {
		return nil, err
	}
	busiest := func(n int) float64 {
		peak := t.Peak(n)
		return shareOf(p.scenario, float64(peak.Records), float64(peak.Bytes))
	}
	bound := times * busiest(edge)
	all := &t.Survey.Peak
	least := max(1, edge/4, int(shareOf(p.scenario, float64(all.Records), float64(all.Bytes))/bound))
	for n := least; n < edge-1; n++ {
		share, err := p.sustained(ctx, c.Load, n)
		if err != nil {
			return nil, err
		}
		if share < result.FullUse && busiest(n) <= bound {
			list = append(list, n)
		}
	}
	return list, nil
}

// capacity finds by simulation the most load that a configuration holds, to 1.5 %, from where the model has it.
func (p *predictor) capacity(ctx context.Context, c Configuration, m *model) (float64, error) {
	const exact, easiest = 1.015, -460 // a thousandth
	rungOf := func(load float64) int { return int(math.Floor(math.Log(load) / math.Log(exact))) }
	value := func(rung int) float64 { return math.Pow(exact, float64(rung)) }
	b := newBracket(easiest, max(0, rungOf(trace.MaxRecords/2/max(1, float64(m.demand.Records)))))
	b.stride = 4
	var hint *int
	for {
		rung, ok := b.next(rungOf(m.room(&c)), hint)
		if !ok {
			break
		}
		tried := c
		tried.Load = value(rung)
		found, err := p.at(ctx, tried)
		if err != nil {
			return 0, err
		}
		b.note(rung, found.Holds)
		hint = nil
		if share := gotThrough(&found.SizingSight, m.demand.Seconds); !found.Holds && share < 1/exact {
			hint = new(rung + rungOf(share))
		}
	}
	if !b.hasHeld {
		return 0, errNothing
	}
	return value(b.held), nil
}

// room is by how much the load could grow, by the model, until the first of what a configuration has is used up.
func (m *model) room(c *Configuration) float64 {
	room := math.Inf(1)
	for _, k := range knobs {
		have, need := *k.of(c), m.least(k.what, false)
		if have > 0 && need > 0 {
			room = min(room, float64(have)/float64(need))
		}
	}
	return min(max(room, 0.01), 100)
}
