package aggregator

import (
	"sync/atomic"
	"time"

	"weir/aggregator/window"
)

// Status is how far an aggregator is. Always, once everything that was read is processed: Read = Counted + Late + Unreadable + Suppressed. One that
// went on from a checkpoint counts from what that had counted.
type Status struct {
	// Read counts the records that were decoded, flush records left out; Counted those that went into a row.
	Read, Counted, Late, Unreadable int64
	// Suppressed counts the records that are in no window that is whole; see [Config.Incomplete].
	Suppressed int64
	// Rows counts the rows that fired.
	Rows int64
	// Watermark is the minimum over the shards' watermarks in milliseconds since the Unix epoch, [window.Unset] until every
	// shard had a record, and the greatest number when all have ended.
	Watermark int64
	// Emitted is the time by which every window that ends has fired and its rows were taken by the sink, [window.Unset] before.
	Emitted int64
	// Shards are all shards, in the order in which the source named them.
	Shards []ShardStatus
	// Sources and Windows are the loads of the subtasks.
	Sources, Windows []Load
	// Checkpoints is what became of those.
	Checkpoints CheckpointStatus
}

// ShardStatus is how far one shard is.
type ShardStatus struct {
	ID string
	// Subtask is the source subtask that reads the shard.
	Subtask int
	// Records counts the shard's records, flush records left out. A shard without any holds the watermark back.
	Records int64
	// Watermark is the shard's, in milliseconds since the Unix epoch.
	Watermark int64
}

// Load is how long a subtask was busy, idle (waiting for input) and back-pressured (waiting for what is behind it) since the
// run's start, as Flink's busyTimeMsPerSecond, idleTimeMsPerSecond and backPressuredTimeMsPerSecond tell it a second.
type Load struct{ Busy, Idle, BackPressured time.Duration }

// totals are what a subtask counts.
type totals struct{ read, counted, late, unreadable, suppressed, rows atomic.Int64 }

func (t *totals) load() counts {
	return counts{
		Read: t.read.Load(), Counted: t.counted.Load(), Late: t.late.Load(), Unreadable: t.unreadable.Load(), Suppressed: t.suppressed.Load(),
		Rows: t.rows.Load(),
	}
}

// counts are totals at a moment, as a checkpoint holds them.
type counts struct {
	Read       int64 `json:"read"`
	Counted    int64 `json:"counted"`
	Late       int64 `json:"late"`
	Unreadable int64 `json:"unreadable"`
	Suppressed int64 `json:"suppressed"`
	Rows       int64 `json:"rows"`
}

func (c counts) plus(o counts) counts {
	return counts{c.Read + o.Read, c.Counted + o.Counted, c.Late + o.Late, c.Unreadable + o.Unreadable, c.Suppressed + o.Suppressed, c.Rows + o.Rows}
}

// counts are those of all subtasks, and of the checkpoint that they went on from.
func (a *Aggregator) counts(l *layout) counts {
	sum := a.before()
	if l == nil {
		return sum
	}
	for _, s := range l.sources {
		sum = sum.plus(s.totals.load())
	}
	for _, w := range l.windows {
		sum = sum.plus(w.totals.load())
	}
	return sum
}

// Status is a snapshot; it may be asked for at any time.
func (a *Aggregator) Status() Status {
	l := a.layout.Load()
	sum := a.counts(l)
	s := Status{
		Read: sum.Read, Counted: sum.Counted, Late: sum.Late, Unreadable: sum.Unreadable, Suppressed: sum.Suppressed, Rows: sum.Rows,
		Watermark: window.Unset, Emitted: window.Unset, Checkpoints: a.checkpoints(),
	}
	if l == nil {
		return s
	}
	for i, in := range l.inputs {
		shard := ShardStatus{ID: in.shard.ID, Subtask: in.subtask, Records: in.records.Load(), Watermark: in.seen.Load()}
		s.Shards = append(s.Shards, shard)
		if i == 0 || shard.Watermark < s.Watermark {
			s.Watermark = shard.Watermark
		}
	}
	for _, source := range l.sources {
		s.Sources = append(s.Sources, source.load.snapshot())
	}
	for i, w := range l.windows {
		if emitted := w.emitted.Load(); i == 0 || emitted < s.Emitted {
			s.Emitted = emitted
		}
		s.Windows = append(s.Windows, w.load.snapshot())
	}
	return s
}
