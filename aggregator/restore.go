package aggregator

import (
	"context"
	"fmt"
	"math"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// incomplete is what the config says of windows that are not whole, or the checkpoint that was restored: its state lacks their records for good.
func (a *Aggregator) incomplete() *int64 {
	if a.config.Restore != nil {
		return a.config.Restore.manifest.Incomplete
	}
	return a.config.Incomplete
}

// complete is the start of the first window that is whole. One that begins no later than something that was not read may lack it.
func (a *Aggregator) complete() int64 {
	incomplete := a.incomplete()
	if incomplete == nil {
		return window.Unset
	}
	return *incomplete + 1
}

// before are the counts of the checkpoint that was restored.
func (a *Aggregator) before() counts {
	if a.config.Restore == nil {
		return counts{}
	}
	return a.config.Restore.manifest.Counts
}

// fired is the watermark by which windows had fired when the checkpoint was taken, of the subtask that was first and of the one that was last. They differ
// where a shard that came of a reshard held the watermark back in one before a mark of another shard, and in another behind it. Either is right.
func (c *Checkpoint) fired() (least, greatest int64) {
	least, greatest = math.MaxInt64, window.Unset
	for i := range c.states {
		least, greatest = min(least, c.states[i].watermark), max(greatest, c.states[i].watermark)
	}
	return least, greatest
}

// inputs are the shards of the stream as a checkpoint knows them, and those that it does not know: they came of a reshard since.
func (a *Aggregator) inputs(shards []record.Shard, from record.Position) ([]*input, error) {
	var inputs []*input
	known := make(map[string]bool)
	if a.config.Restore != nil {
		states := a.config.Restore.manifest.Shards
		for i := range states {
			in, err := a.restoreInput(&states[i])
			if err != nil {
				return nil, err
			}
			known[in.shard.ID] = true
			inputs = append(inputs, in)
		}
		from = record.Position{}
	}
	if from.Kind == record.Latest { // as Flink does: another time, it would be another place
		from = record.Position{Kind: record.AtTimestamp, Timestamp: time.Now()}
	}
	for _, shard := range shards {
		if known[shard.ID] {
			continue
		}
		in := newInput(shard, a.assigner.next(&shard))
		in.from = from
		inputs = append(inputs, in)
	}
	return inputs, nil
}

func (a *Aggregator) restoreInput(s *shardState) (*input, error) {
	shard, err := s.shard()
	if err != nil {
		return nil, err
	}
	subtask := assign(&shard, a.config.Parallelism)
	if !s.Over {
		subtask = a.assigner.next(&shard)
	}
	in := newInput(shard, subtask)
	in.last, in.ended, in.done = s.Sequence, s.Ended, s.Over
	if in.children, err = shardsOfRefs(s.Children); err != nil {
		return nil, err
	}
	if s.From != nil && s.From.At != nil {
		in.from = record.Position{Kind: record.AtTimestamp, Timestamp: *s.From.At}
	}
	if s.Watermark != nil {
		in.watermark = *s.Watermark
	}
	in.records.Store(s.Records)
	in.seen.Store(in.watermark)
	if in.ended {
		close(in.processed)
	}
	return in, nil
}

// resume has the subtask's watermark be what those of its shards make it.
func (s *sourceSubtask) resume() {
	over := s.variant.PerSubtask && s.live() != nil // those that are over hold nothing, and raise nothing
	for _, in := range s.inputs {
		if in.watermark == window.Unset || over && in.done {
			continue
		}
		step := s.grid.Step(in.watermark)
		in.next = s.grid.Next(step)
		s.watermark.Raise(in.index, step)
	}
}

// begin tells the window subtasks where the watermark is, if it is anywhere yet.
func (s *sourceSubtask) begin(ctx context.Context) error {
	if len(s.inputs) == 0 || s.watermark.Value() == window.Unset {
		return nil
	}
	s.load.enter(busy)
	s.open("")
	s.mark(mark{watermark: s.watermark.Value(), trigger: record.NoDue})
	return s.send(ctx)
}

// begin takes the state of a checkpoint, and fires what other subtasks had fired when it was taken.
func (w *windowSubtask) begin(ctx context.Context) error {
	if w.from == nil {
		return nil
	}
	w.load.enter(busy)
	if err := w.restore(w.from.states); err != nil {
		return fmt.Errorf("%s: %w", w.from.manifest.Name, err)
	}
	least, greatest := w.from.fired()
	w.from = nil
	w.watermark.Resume(greatest)
	if least < greatest {
		if err := w.advance(least, &mark{watermark: greatest, trigger: record.NoDue}); err != nil {
			return err
		}
		if err := w.emit(ctx); err != nil {
			return err
		}
	}
	w.emitted.Store(w.grid.Fired(greatest))
	return nil
}
