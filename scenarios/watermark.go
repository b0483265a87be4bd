package scenarios

import (
	"fmt"
	"time"

	"weir/aggregator"
)

// Watermark is which variant of Flink's watermark it is.
type Watermark struct {
	// What has a watermark of its own: shard, as with Flink's DataStream API; subtask, as with the SQL connector, where the newest record of any of its
	// shards counts, so that the records of one that is far behind are late.
	Per WatermarkPer `yaml:"per"`
	// When it goes out: record, with each record that raises it; or an interval in whole milliseconds, as Flink does by default every 200ms. With subtask,
	// it goes out as well when it has risen by more than the interval, as with Flink SQL.
	Every Interval `yaml:"every"`
	// Whether it is a millisecond less, as with the DataStream API.
	Minus1ms bool `yaml:"minus_1ms"`
	// How far the watermark of a shard may be ahead of that of one that has unread records before the reading of it pauses: Flink's watermark alignment. Left out,
	// none pauses.
	MaxDrift *Duration `yaml:"max_drift,omitempty"`
}

func (w *Watermark) setDefaults() { w.Per, w.Every = PerShard, EveryRecord }

// WatermarkPer is what has a watermark of its own.
type WatermarkPer string

const (
	PerShard   WatermarkPer = "shard"
	PerSubtask WatermarkPer = "subtask"
)

func (WatermarkPer) choices() []string { return words(PerShard, PerSubtask) }

// Interval is how often something happens: a duration above zero, or with every record.
type Interval time.Duration

// EveryRecord is written as a word.
const EveryRecord Interval = -1

const everyRecord = "record"

// String is the interval as Set reads it.
func (i Interval) String() string {
	if i == EveryRecord {
		return everyRecord
	}
	return Duration(i).String()
}

// Set reads an interval.
func (i *Interval) Set(text string) error {
	if text == everyRecord {
		*i = EveryRecord
		return nil
	}
	var d Duration
	if err := d.Set(text); err != nil || d == 0 {
		return fmt.Errorf("%q is neither %s nor a duration such as 200ms", text, everyRecord)
	}
	*i = Interval(d)
	return nil
}

// WatermarkVariant is the variant as resolved, which has the defaults where the scenario has none.
func (a *Aggregator) WatermarkVariant() aggregator.Watermark {
	var v aggregator.Watermark
	if w := a.Watermark; w != nil {
		v = aggregator.Watermark{PerSubtask: w.Per == PerSubtask, Every: max(0, time.Duration(w.Every)), Minus1ms: w.Minus1ms}
		if w.MaxDrift != nil {
			v.MaxDrift = time.Duration(*w.MaxDrift)
		}
	}
	if a.IdleTimeout != nil {
		v.IdleTimeout = time.Duration(*a.IdleTimeout)
	}
	return v
}

func (a *Aggregator) validateWatermark(p *problems) {
	const path = "pipeline.aggregator"
	if w := a.Watermark; w != nil {
		oneOf(p, join(path, "watermark.per"), w.Per)
		if w.Every != EveryRecord && w.Every%Interval(time.Millisecond) != 0 {
			p.add(join(path, "watermark.every"), "%s is not a whole number of milliseconds", w.Every)
		}
		if w.MaxDrift != nil && *w.MaxDrift <= 0 {
			p.add(join(path, "watermark.max_drift"), "%s is not above zero", *w.MaxDrift).hint = "leave it out, and no shard waits for another"
		}
	}
	if a.IdleTimeout != nil && *a.IdleTimeout <= 0 {
		p.add(join(path, "idle_timeout"), "%s is not above zero", *a.IdleTimeout).hint = "leave it out, and a shard without records holds the windows open"
	}
}
