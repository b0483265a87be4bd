package aggregator

import (
	"context"
	"encoding/binary"
	"fmt"

	"weir/aggregator/window"
	"weir/record"
)

// pass notes how far the shards were read, and sends the barrier on to every window subtask.
func (s *sourceSubtask) pass(ctx context.Context, b *barrier) error {
	var shards []shardState
	for _, in := range s.inputs {
		shards = append(shards, in.state())
	}
	b.ofSource(shards, s.totals.load())
	s.open("")
	for _, to := range s.out {
		to.barrier = b
	}
	if err := s.send(ctx); err != nil {
		return err
	}
	s.behind = b
	if !b.stop {
		return nil
	}
	s.load.enter(idle)
	select {
	case <-b.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// align waits until a window subtask has had the barrier of every source subtask, if this one has sent its own. That is back-pressure.
func (s *sourceSubtask) align(ctx context.Context, subtask int) error {
	if s.behind == nil {
		return nil
	}
	select {
	case <-s.behind.aligned[subtask]:
		return nil
	default:
	}
	s.load.enter(backPressured)
	select {
	case <-s.behind.aligned[subtask]:
		s.load.enter(busy)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// state is how far the shard has come.
func (in *input) state() shardState {
	s := shardState{shardRef: refOf(&in.shard), Sequence: in.last, Records: in.records.Load(), Ended: in.ended, Over: in.done}
	if in.last == "" {
		s.From = &fromPosition{}
		if in.from.Kind == record.AtTimestamp {
			s.From.At = new(in.from.Timestamp)
		}
	}
	if in.watermark != window.Unset {
		s.Watermark = new(in.watermark)
	}
	for i := range in.children {
		s.Children = append(s.Children, refOf(&in.children[i]))
	}
	return s
}

// align takes the barrier of one more source subtask. With the last one, the subtask notes what it holds, and the source subtasks may go on.
func (w *windowSubtask) align(b *barrier) {
	if w.barriers++; w.barriers < len(b.aligned) {
		return
	}
	w.barriers = 0
	b.ofWindow(w.index, w.note(), w.totals.load())
}

// note is the subtask's state.
func (w *windowSubtask) note() windowState {
	s := windowState{first: w.groups.first(w.index), end: w.groups.first(w.index + 1), watermark: w.watermark.Value()}
	groups := make([]groupState, s.end-s.first)
	for start, c := range w.cells() {
		g := &groups[w.groups.of(c.kind, c.key)-s.first]
		g.cells++
		g.bytes = c.append(g.bytes, start)
	}
	for i := range groups {
		if groups[i].cells > 0 {
			groups[i].group = s.first + i
			s.groups = append(s.groups, groups[i])
		}
	}
	return s
}

// append writes the cell of a pane.
func (c *cell) append(to []byte, start int64) []byte {
	to = binary.AppendVarint(to, start)
	for _, text := range []string{c.kind, c.key} {
		to = append(binary.AppendUvarint(to, uint64(len(text))), text...)
	}
	to = binary.AppendVarint(to, int64(c.newest))
	return c.Accumulator.Append(to)
}

// restore takes what the subtasks of another aggregator noted of this one's key groups.
func (w *windowSubtask) restore(states []windowState) error {
	first, end := w.groups.first(w.index), w.groups.first(w.index+1)
	for i := range states {
		for j := range states[i].groups {
			g := &states[i].groups[j]
			if g.group < first || g.group >= end {
				continue
			}
			if err := w.restoreGroup(g); err != nil {
				return fmt.Errorf("%w: key group %d: %w", ErrCorrupt, g.group, err)
			}
		}
	}
	return nil
}

func (w *windowSubtask) restoreGroup(g *groupState) error {
	in := stateReader{rest: g.bytes}
	for range g.cells {
		start := in.number()
		c := cell{kind: in.text(), key: in.text(), newest: in.due()}
		if in.err != nil {
			return in.err
		}
		var err error
		if in.rest, err = c.Read(in.rest); err != nil {
			return err
		}
		if w.groups.of(c.kind, c.key) != g.group || w.grid.Pane(start) != start {
			return fmt.Errorf("it holds %s|%s in a pane from %d", c.kind, c.key, start)
		}
		if err := w.put(start, &c); err != nil {
			return err
		}
	}
	if len(in.rest) > 0 {
		return fmt.Errorf("%d bytes are left", len(in.rest))
	}
	return nil
}
