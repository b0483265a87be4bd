package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weir/record"
	"weir/routing"
	"weir/stream"
)

// statusPoll is how often the drain looks where the engine is.
const statusPoll = 2 * time.Millisecond

// drain waits until every record is final, every acknowledged one read, every window fired, and every row written, or until the
// drain limit: then giveUp ends what the writer still tries, and what is left is for the proof to name.
func (r *run) drain(ctx context.Context, giveUp context.CancelFunc, written <-chan error) error {
	limited, cancel := context.WithTimeout(ctx, time.Duration(r.scenario.DrainLimit))
	defer cancel()
	defer context.AfterFunc(limited, giveUp)()
	if err := <-written; err != nil {
		return err
	}
	r.facts.resolvedAt = r.meter.Input().LastFinal()
	err := r.settle(limited)
	switch {
	case err == nil && r.facts.fed:
		// A row may be written while another route has still to miss it, or to handle it.
		if r.meter.Rows().WaitDone(limited) != nil || r.waitFor(limited, r.handled) != nil {
			r.facts.undrained = ctx.Err() == nil
			return ctx.Err()
		}
		r.facts.drainedIn = new(r.clock.Now() - r.facts.lastDue)
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		r.facts.undrained = true
	default:
		return err
	}
	return nil
}

// settle brings everything that was stored through the pipeline. The flush comes after all of it was processed: were it read in one
// shard while records of another still wait, these would fire windows that only the flush has let close.
func (r *run) settle(ctx context.Context) error {
	if !r.facts.fed {
		return ctx.Err()
	}
	if err := r.processed(ctx); err != nil {
		return err
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	if err := r.waitFor(ctx, r.fired); err != nil {
		return err
	}
	r.facts.fired = true
	return r.meter.Rows().Wait(ctx)
}

// processed waits until the aggregator has read everything that was stored, and is done with it. One that is down has neither.
func (r *run) processed(ctx context.Context) error {
	e := r.pipeline.restarting
	for {
		if err := r.meter.Reading().WaitDone(ctx); err != nil {
			return err
		}
		if e == nil {
			return nil
		}
		if err := r.waitFor(ctx, func() bool { return !e.down.Load() }); err != nil {
			return err
		}
		if r.meter.Reading().Done() {
			return nil
		}
	}
}

// fired says that the engine has emitted every window that a record can be in: the last one ends less than a slide before the newest record's time and
// the window's size.
func (r *run) fired() bool {
	a := &r.scenario.Pipeline.Aggregator
	return r.pipeline.engine.Status().Emitted > r.newest.Load()+(time.Duration(a.Window)-a.SlideOrWindow()).Milliseconds()
}

// handled says that each route has handled or given up all that its filters have let through.
func (r *run) handled() bool {
	return !slices.ContainsFunc(r.pipeline.mappings, func(m *routing.Mapping) bool {
		s := m.Status()
		return s.Handled+s.Discarded < s.Hits
	})
}

// waitFor waits until the engine is somewhere.
func (r *run) waitFor(ctx context.Context, there func() bool) error {
	ticker := time.NewTicker(statusPoll)
	defer ticker.Stop()
	for !there() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// flush raises the watermark of every shard past every window, so that the last ones close. A reshard may have made shards since the run began.
func (r *run) flush(ctx context.Context) error {
	a := &r.scenario.Pipeline.Aggregator
	past := r.newest.Load() + (time.Duration(a.Window) + time.Duration(a.OutOfOrderness) + time.Second).Milliseconds()
	data, err := flushData(r.scenario.Fields.EventTime, past)
	if err != nil {
		return err
	}
	shards, err := r.list(r.names.input)(ctx)
	if err != nil {
		return err
	}
	return stream.Flush(ctx, r.clients.Kinesis, r.names.input, shards, record.FlushKey(r.names.run), data)
}

// flushData is an object with nothing but an event time at its path.
func flushData(path string, eventTime int64) ([]byte, error) {
	names, err := record.SplitPath(path)
	if err != nil {
		return nil, fmt.Errorf("fields.event_time: %w", err)
	}
	var value any = record.FormatTime(eventTime, true)
	for i := len(names) - 1; i >= 0; i-- {
		value = map[string]any{names[i]: value}
	}
	return json.Marshal(value)
}
