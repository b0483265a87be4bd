package sizing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"weir/measure/verdict"
	"weir/result"
)

// Range is the numbers from From to To. The zero value is that of the scenario alone.
type Range struct{ From, To int }

// Ranges are the configurations of a sweep.
type Ranges struct{ Shards, Parallelism, OutputShards Range }

// maxPoints bounds a sweep.
const maxPoints = 2000

// ParseRange reads 4..16, or one number.
func ParseRange(text string) (Range, error) {
	from, to, isRange := strings.Cut(text, "..")
	if !isRange {
		to = from
	}
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	switch {
	case errA != nil || errB != nil:
		return Range{}, fmt.Errorf("%q is neither a number nor a range as 4..16", text)
	case a < 1 || b < 1:
		return Range{}, fmt.Errorf("%q: the least there is is 1", text)
	case a > b:
		return Range{}, fmt.Errorf("%q is backwards: %d..%d", text, b, a)
	case b-a >= maxPoints:
		return Range{}, fmt.Errorf("%q is a range of more than %s", text, thousands(maxPoints))
	}
	return Range{a, b}, nil
}

func (r Range) numbers(own int) []int {
	if r == (Range{}) {
		return []int{own}
	}
	var list []int
	for n := r.From; n <= r.To; n++ {
		list = append(list, n)
	}
	return list
}

// configurations are all of the ranges.
func (r *Ranges) configurations(from Configuration) ([]Configuration, error) {
	shards, subtasks, outputs := r.Shards.numbers(from.Shards), r.Parallelism.numbers(from.Parallelism), r.OutputShards.numbers(from.OutputShards)
	if n := len(shards) * len(subtasks) * len(outputs); n > maxPoints {
		return nil, mistake("give shorter ranges", "the ranges have %s configurations, and a sweep has at most %s", thousands(int64(n)), thousands(maxPoints))
	}
	if r.OutputShards != (Range{}) && from.OutputShards == 0 {
		return nil, mistake("pipeline.shape: routed has one", "a direct pipeline has no output stream")
	}
	var list []Configuration
	for _, o := range outputs {
		for _, p := range subtasks {
			for _, n := range shards {
				c := from
				c.Shards, c.Parallelism, c.OutputShards = n, p, o
				list = append(list, c)
			}
		}
	}
	return list, nil
}

// sweep simulates every configuration of the ranges, and has runs try the two best.
func (s *search) sweep(ctx context.Context, from Configuration) error {
	list, err := s.config.Ranges.configurations(from)
	if err != nil {
		return err
	}
	if groups, to := s.scenario.Pipeline.Aggregator.MaxParallelism, s.config.Ranges.Parallelism.To; groups != nil && to > *groups {
		return mistake("it is pipeline.aggregator.max_parallelism", "the parallelism goes up to %d, and there are %d key groups", to, *groups)
	}
	s.say("simulating %s", plural(len(list), "configuration"))
	points, err := s.points(ctx, list)
	if err != nil {
		return err
	}
	s.sizing.Sweep = &result.SizingSweep{Points: points, Best: best(points)}
	if len(s.sizing.Sweep.Best) == 0 {
		return s.outside(ctx, list)
	}
	top := points[s.sizing.Sweep.Best[0]].SizingConfig
	if s.config.MaxRuns == 0 {
		return s.settle(ctx, top, Simulated, "a simulation of it holds, and no run was to be made")
	}
	if err := s.plan(ctx, top, 1); err != nil {
		return err
	}
	return s.runBest(ctx)
}

// outside says why the ranges do not contain an answer, or that there is none. All of them were simulated, for more of one thing may help where more of another does
// harm, as where keys fall.
func (s *search) outside(ctx context.Context, list []Configuration) error {
	most := list[len(list)-1]
	c, err := s.predictor.least(ctx, most, sought(s.scenario, findable(s.scenario)), s.model)
	if errors.Is(err, errNothing) {
		return s.nothing(ctx, c)
	}
	if err != nil {
		return err
	}
	found, err := s.predictor.at(ctx, most)
	if err != nil {
		return err
	}
	return mistake("give ranges that reach further: by simulation "+Describe(c)+" holds", "no configuration of these ranges holds the load: simulated with the most of each, %s, %s",
		Describe(most), strings.Join(found.Reasons, "; "))
}

// points are the simulated configurations, several at a time.
func (s *search) points(ctx context.Context, list []Configuration) ([]result.SizingPoint, error) {
	t, err := s.predictor.trace(ctx, list[0].Load)
	if err != nil {
		return nil, err
	}
	h := hourlyOf(t, s.scenario)
	found := make([]*prediction, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range list {
		group.Go(func() (err error) {
			if err := ctx.Err(); err != nil {
				return err
			}
			found[i], err = s.predictor.simulate(t, c)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	points := make([]result.SizingPoint, len(list))
	for i, c := range list {
		s.predictor.known[c] = found[i]
		points[i] = result.SizingPoint{SizingConfig: c, SizingSight: found[i].SizingSight, PerHour: s.hourlyCost(c, &h)}
	}
	s.predictor.simulated += len(list)
	return points, nil
}

// best are the two that cost least of those that hold, or that have the least, where no prices are known.
func best(points []result.SizingPoint) []int {
	var list []int
	for i := range points {
		if points[i].Holds {
			list = append(list, i)
		}
	}
	weight := func(p *result.SizingPoint) float64 {
		if p.PerHour != nil {
			return *p.PerHour
		}
		return float64(p.Shards + p.Parallelism + p.OutputShards)
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(weight(&points[a]), weight(&points[b])) })
	return list[:min(2, len(list))]
}

// runBest has runs try the best, and the next one beside it.
func (s *search) runBest(ctx context.Context) error {
	var first *Configuration
	for n, i := range s.sizing.Sweep.Best {
		c := s.sizing.Sweep.Points[i].SizingConfig
		s.left = min(voids, s.config.MaxRuns)
		_, what, err := s.try(ctx, c, []string{"the best of the sweep", "the next best"}[n])
		switch {
		case err == errBudget:
			continue
		case err != nil:
			return err
		}
		if what == itHolds && first == nil {
			first = &c
		}
	}
	if first == nil {
		return s.unsettled(ctx, s.sizing.Sweep.Points[s.sizing.Sweep.Best[0]].SizingConfig)
	}
	if *first == s.sizing.Sweep.Points[s.sizing.Sweep.Best[0]].SizingConfig {
		if err := s.settle(ctx, *first, Held, s.itHeld(first), "a sweep of simulations found nothing that holds and "+s.costsLess()); err != nil {
			return err
		}
		s.conclude(verdict.Pass, verdict.ExitPass) // it is what was asked: the best of these ranges, and that it holds
		return nil
	}
	less := "no run has shown that the best of the sweep holds, and of what else holds by simulation nothing " + s.costsLess()
	if err := s.settle(ctx, *first, Held, s.itHeld(first), less); err != nil {
		return err
	}
	s.conclude(verdict.Inconclusive, verdict.ExitInconclusive, "inconclusive: a run of the next best held, and none of the best")
	return nil
}

// costsLess is what the best of a sweep are the least by: what they cost, or how much they have, where a price is not known.
func (s *search) costsLess() string {
	if best := s.sizing.Sweep.Best; s.sizing.Sweep.Points[best[0]].PerHour != nil {
		return "costs less"
	}
	return "has fewer shards and subtasks in all"
}
