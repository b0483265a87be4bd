package aggregator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// Watermark is the variant of Flink's watermark. The zero value has one for each shard, which every record raises, to its event time less the
// out-of-orderness: Flink SQL's formula, and the granularity of its DataStream API.
type Watermark struct {
	// PerSubtask has one for all shards of a source subtask, as the Kinesis connector's SQL source has: the newest record of any of them raises it. Where
	// one shard is far behind another, as when a job catches up, its records are late. Such a watermark does not wait for shards that come of a reshard.
	PerSubtask bool
	// Every is the interval, of the clock, at which watermarks go out; 0 has each record raise it. With PerSubtask one goes out as well when it has risen
	// by more than the interval, of event time (WatermarkAssignerOperator).
	Every time.Duration
	// Minus1ms takes another millisecond off, as Flink's DataStream API does and Flink SQL does not.
	Minus1ms bool
	// MaxDrift, if not 0, has the reading of a shard pause while its watermark is further than this ahead of that of any shard that is behind the tip of its
	// stream: Flink's watermark alignment. It looks once every 500 records.
	MaxDrift time.Duration
	// IdleTimeout, if not 0, is after how long without a record, at the tip of its stream, a shard holds the watermark back no more, until its next record
	// comes. Where all of them are idle the watermark stays.
	IdleTimeout time.Duration
}

func (w *Watermark) check() error {
	switch {
	case w.Every < 0 || w.Every%time.Millisecond != 0:
		return fmt.Errorf("watermarks every %s: it is whole milliseconds", w.Every)
	case w.MaxDrift < 0 || w.IdleTimeout < 0:
		return errors.New("a drift or an idle timeout is below zero")
	}
	return nil
}

// times are how many watermarks a source subtask takes the minimum of, for so many shards.
func (w *Watermark) times(shards int) int {
	if w.PerSubtask {
		return min(shards, 1)
	}
	return shards
}

// place is the place of a shard's watermark among the subtask's, for its i-th shard.
func (w *Watermark) place(i int) int {
	if w.PerSubtask {
		return 0
	}
	return i
}

// emits says that a shard's watermark goes out at once.
func (s *sourceSubtask) emits(in *input) bool {
	every := s.variant.Every
	return every == 0 || s.variant.PerSubtask && in.watermark > s.emitted && (s.emitted == window.Unset || in.watermark-s.emitted > every.Milliseconds())
}

// hold notes that a shard's watermark has come to another step, and by what record, until it goes out.
func (s *sourceSubtask) hold(in *input, due time.Duration, flush bool) {
	in.held, in.due, in.flush = true, due, flush
	in.next = s.grid.Next(s.grid.Step(in.watermark))
}

// emit has a shard's watermark go out.
func (s *sourceSubtask) emit(in *input) {
	if in.watermark != math.MaxInt64 {
		s.emitted = max(s.emitted, in.watermark)
	}
	if in.held {
		in.held = false
		s.raise(in, s.grid.Step(in.watermark), in.due, in.flush)
	}
}

// ticks are when watermarks go out, nil where each record's does.
func (s *sourceSubtask) ticks() (ticks <-chan time.Time, stop func()) {
	if s.variant.Every == 0 {
		return nil, func() {}
	}
	ticker := time.NewTicker(s.variant.Every)
	return ticker.C, ticker.Stop
}

// tick has the watermarks go out.
func (s *sourceSubtask) tick(ctx context.Context) error {
	s.open("")
	for _, in := range s.inputs {
		s.emit(in)
	}
	return s.send(ctx)
}

// live is a shard of the subtask that is not read to its end, nil if there is none.
func (s *sourceSubtask) live() *input {
	for _, in := range s.inputs {
		if in.watermark != math.MaxInt64 {
			return in
		}
	}
	return nil
}

// quiet takes note that a shard is idle. With the last one, the subtask is.
func (s *sourceSubtask) quiet(in *input) {
	if in.idle || in.watermark == math.MaxInt64 {
		return
	}
	in.idle = true
	if !s.variant.PerSubtask && s.watermark.Idle(in.index) {
		s.mark(mark{watermark: s.watermark.Value(), trigger: record.NoDue, flushed: true})
	}
	for _, other := range s.inputs {
		if !other.idle && other.watermark != math.MaxInt64 {
			return
		}
	}
	s.idle = true
	s.mark(mark{kind: sourceIdle, trigger: record.NoDue, flushed: true})
}

// wake takes note that records of a shard have come.
func (s *sourceSubtask) wake(in *input) {
	if in.idle {
		in.idle = false
		s.watermark.Active(in.index)
	}
	if s.idle {
		s.idle = false
		s.mark(mark{kind: sourceActive})
	}
}

// mark puts a mark where each of the batches is.
func (s *sourceSubtask) mark(m mark) {
	for _, b := range s.out {
		m.at = len(b.events)
		b.marks = append(b.marks, m)
	}
}
