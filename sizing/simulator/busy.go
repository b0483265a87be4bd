package simulator

import (
	"time"
)

// busy is what a subtask did with its time, in all and in each second of the feed.
type busy struct {
	world   *world
	worked  time.Duration
	stalled time.Duration
	seconds []time.Duration
	records int64
}

func newBusy(w *world) *busy { return &busy{world: w} }

// busy counts a stretch of work. What is after the feed is left out, for nothing comes any more.
func (b *busy) busy(from, to time.Duration) {
	if b.world.feeder.ended {
		to = min(to, b.world.feeder.endedAt)
	}
	for from < to {
		i := int(from / time.Second)
		end := min(to, time.Duration(i+1)*time.Second)
		for len(b.seconds) <= i {
			b.seconds = append(b.seconds, 0)
		}
		b.seconds[i] += end - from
		b.worked += end - from
		from = end
	}
}

// held counts a stretch of waiting for what is behind.
func (b *busy) held(from, to time.Duration) { b.stalled += max(0, to-from) }

func (b *busy) use() SubtaskUse {
	u := SubtaskUse{Records: b.records}
	if feed := b.world.feeder.endedAt; feed > 0 {
		u.Busy, u.BackPressured = b.worked.Seconds()/feed.Seconds(), min(1, b.stalled.Seconds()/feed.Seconds())
	}
	for _, second := range b.seconds {
		u.PeakBusy = max(u.PeakBusy, second.Seconds())
	}
	return u
}

// recordCost is what records cost a window subtask beside [Machine.Record], by the scenario. The draws are those of the aggregator's own subtask.
func recordCost(w *world, subtask int) (func(records int) time.Duration, error) {
	charge, err := w.scenario.Pipeline.Aggregator.Cost.Charge(w.scenario.Seed)
	if err != nil || charge == nil {
		return func(int) time.Duration { return 0 }, err
	}
	draw := charge.Draw(subtask)
	return func(records int) time.Duration {
		sum := time.Duration(0)
		for range records {
			sum += draw()
		}
		return sum
	}, nil
}
