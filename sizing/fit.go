package sizing

import (
	"context"

	"weir/limits"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/sizing/trace"
)

// shareOf is how much of what a shard of the input can do it takes to store so much a second, and to give it to all of its readers.
func shareOf(s *scenarios.Scenario, records, bytes float64) float64 {
	if s.Pipeline.Input.Packing == scenarios.KPLPacking {
		records, bytes = 0, simulator.Packed(records, bytes)
	}
	written := bytes / limits.ShardWriteBytesPerSecond
	read := bytes * float64(1+s.Pipeline.Input.OtherReaders) / limits.ShardReadBytesPerSecond
	return max(records/limits.ShardWriteRecordsPerSecond, written, read)
}

// sustained is how much of what it can do is asked of the busiest of so many shards, over a hold or over the whole feed. It knows nothing but where keys fall: that
// is known at once, and a number that does not get by with that need not be simulated.
func (p *predictor) sustained(ctx context.Context, load float64, shards int) (float64, error) {
	totals, ok := p.totals[load]
	if !ok {
		t, err := p.trace(ctx, load)
		if err != nil {
			return 0, err
		}
		totals = t.Totals(append(simulator.Holds(t), trace.Stretch{End: t.For + 1}))
		p.totals[load] = totals
	}
	records, bytes := totals.Busiest(shards)
	return shareOf(p.scenario, records, bytes), nil
}

// fitting is the least number of shards from one up, and up to twice as many, in which keys fall so that none is asked for more than it can do; if there is none
// of them, it is the number itself.
func (p *predictor) fitting(ctx context.Context, load float64, from, most int) (int, error) {
	for n := from; n <= min(2*from, most); n++ {
		share, err := p.sustained(ctx, load, n)
		if err != nil || share < result.FullUse {
			return n, err
		}
	}
	return from, nil
}
