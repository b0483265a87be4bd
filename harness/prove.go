package harness

import (
	"context"

	"weir/measure"
	"weir/result"
)

// prove reads the table back, row by row, and writes what it found into the run folder.
func (r *run) prove(ctx context.Context) error {
	rows, malformed, err := r.table.Rows(ctx)
	if err != nil {
		return err
	}
	r.facts.rows, r.facts.malformed, r.facts.proved = rows, malformed, true
	fields := &r.scenario.Fields
	mean := r.scenario.Pipeline.Aggregator.Mean != nil
	header := result.WindowsHeader(fields.Key, fields.Value, mean)
	return r.folder.WriteWindows(header, measure.WindowLines(rows, len(fields.Key), mean))
}
