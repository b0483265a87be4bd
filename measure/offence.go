package measure

import (
	"weir/measure/ledger"
	"weir/measure/oracle"
	"weir/record"
	"weir/result"
)

// offence names a record of a stream in offenders.csv, as a consumer read it. Those of the output stream carry rows, and each route is a consumer.
func (m *Meter) offence(stream, route string) func(*ledger.Offence) {
	if m.config.Offenders == nil {
		return nil
	}
	return func(o *ledger.Offence) {
		line := result.Offender{Offence: o.Kind.String(), Stream: stream, Route: route, Shard: o.Shard, Sequence: o.Sequence, PartitionKey: o.PartitionKey}
		if o.Event != nil && !o.Event.Unreadable {
			line.Kind, line.Key = o.Event.Kind, o.Event.Key
			at := &line.EventTime
			if stream == result.OutputBacklog {
				at = &line.WindowStart
			}
			*at = record.FormatTime(o.Event.Time, true)
		}
		m.config.Offenders.Write(&line)
	}
}

// nameCompared names what a comparison found wrong.
func (m *Meter) nameCompared(c *oracle.Comparison) {
	if m.config.Offenders == nil {
		return
	}
	for _, id := range c.FalseLateRecords {
		m.config.Offenders.Write(&result.Offender{Offence: "false_late", Stream: result.InputBacklog, Shard: id.Shard, Sequence: id.Sequence})
	}
	for _, sort := range []struct {
		offence string
		rows    []oracle.Difference
	}{{"wrong", c.WrongRows}, {"missing", c.MissingRows}, {"unexpected", c.UnexpectedRows}} {
		for _, d := range sort.rows {
			m.config.Offenders.Write(&result.Offender{
				Offence: sort.offence, WindowStart: record.FormatTime(d.ID.WindowStart, d.ID.WindowStart%1000 != 0), Kind: d.ID.Kind, Key: d.ID.Key,
			})
		}
	}
}
