package simulator

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"weir/aggregator"
	"weir/record"
	"weir/routing"
	"weir/scenarios"
	"weir/sizing/trace"
)

// WindowSubtasks are the window subtasks of row keys at a parallelism. The error is that there are fewer key groups.
func WindowSubtasks(rows []trace.RowKey, a *scenarios.Aggregator, parallelism int) ([]int32, error) {
	groups := 0
	if a.MaxParallelism != nil {
		groups = *a.MaxParallelism
	}
	subtasks := make([]int32, len(rows))
	for i := range rows {
		subtask, err := aggregator.WindowSubtask(&record.Event{Kind: rows[i].Kind, Key: rows[i].Key}, groups, parallelism)
		if err != nil {
			return nil, err
		}
		subtasks[i] = int32(subtask)
	}
	return subtasks, nil
}

// RowHash is where the rows of a key fall on the output stream: the upper half of their hash key.
func RowHash(key trace.RowKey) uint64 {
	return record.HashOf(routing.PartitionKey(record.RowID{Kind: key.Kind, Key: key.Key})).Hi
}

// RowBytes is how large a row is on the output stream, by the mean of the row keys: data and partition key.
func RowBytes(t *trace.Trace, s *scenarios.Scenario) float64 {
	if len(t.Rows) == 0 {
		return 0
	}
	sum, off := 0.0, sampleOff(t, s)
	for i := range t.Rows {
		row := sample(t, s, i)
		if data, err := json.Marshal(row); err == nil {
			sum += float64(len(data)+len(routing.PartitionKey(row.RowID))) + off
		}
	}
	return sum / float64(len(t.Rows))
}

// sampleOff is how much longer the figures of the load's rows are than those of a sample: a row has so many records on average, and the sum of their values has
// so many digits more than one of them.
func sampleOff(t *trace.Trace, s *scenarios.Scenario) float64 {
	figures, rows := sample(t, s, 0), Rows(t, s)
	if rows == 0 {
		return 0
	}
	digits := math.Floor(math.Log10(max(1, float64(len(t.Records))/float64(rows))))
	off := digits + 1 - float64(len(strconv.FormatInt(figures.Count, 10)))
	if t.Values {
		off += digits + 3*t.ValueBytes - float64(len(figures.Sum)+len(figures.Min)+len(figures.Max))
	}
	return off
}

// MeanUnits are the write units of a row, by the mean of the row keys.
func MeanUnits(t *trace.Trace) float64 {
	if len(t.Rows) == 0 {
		return 1
	}
	sum := 0.0
	for i := range t.Rows {
		sum += ItemUnits(len(t.Rows[i].Kind), len(t.Rows[i].Key))
	}
	return sum / float64(len(t.Rows))
}

// Cost is what a record costs a subtask by the scenario, on average; ok is false where it says nothing.
func Cost(s *scenarios.Scenario) (cost time.Duration, ok bool) {
	charge, err := s.Pipeline.Aggregator.Cost.Charge(s.Seed)
	if err != nil || charge == nil {
		return 0, false
	}
	const drawn = 10_000
	draw, sum := charge.Draw(0), time.Duration(0)
	for range drawn {
		sum += draw()
	}
	return sum / drawn, true
}

// Rows is how many rows a load makes, if none of its records comes late.
func Rows(t *trace.Trace, s *scenarios.Scenario) (rows int64) {
	last := make([]int64, len(t.Rows))
	size := time.Duration(s.Pipeline.Aggregator.Window).Milliseconds()
	for i := range t.Records {
		r := &t.Records[i]
		if r.Row < 0 {
			continue
		}
		if n := r.Event/size + 1; last[r.Row] != n {
			last[r.Row] = n
			rows++
		}
	}
	// Windows that slide have a row of a key each, about as many as if they tumbled.
	return rows * int64(time.Duration(s.Pipeline.Aggregator.Window)/s.Pipeline.Aggregator.SlideOrWindow())
}
