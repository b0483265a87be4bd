package measure

import (
	"time"

	"weir/measure/ledger"
	"weir/measure/oracle"
	"weir/record"
	"weir/result"
)

// Fill writes into r what the meter measured until now: records, latencies, backlogs, phases and offenders. What the meter does not know
// it leaves as it is: the skipped and counted records, the routes, the rows (see [Meter.Prove]), the rates.
func (m *Meter) Fill(r *result.Result, now time.Duration) {
	m.second(now)
	m.fillFigures(r, func(int) bool { return true })
	m.fillWarmUp(r)
	m.fillApart(r)
	o := m.inputBacklog.reading.Offenders()
	r.Offenders.Lost = recordOffenders(o.Lost)
	r.Offenders.Duplicated = recordOffenders(o.Duplicated)
	r.Offenders.Reordered = recordOffenders(o.Reordered)
	r.Offenders.Phantom = recordOffenders(o.Phantom)

	m.mu.Lock()
	defer m.mu.Unlock()
	r.UnreadableSamples = append(r.UnreadableSamples, m.samples...)
}

// Live writes into r what can be judged while a run goes on, at little cost: what [Meter.Fill] does but for offenders, samples and the
// latencies of the phases that now is not in. Its latencies are as of the last second that the series wrote.
func (m *Meter) Live(r *result.Result, now time.Duration) {
	c := cursor{phases: m.phases}
	current := c.at(now)
	m.fillFigures(r, func(number int) bool { return number == current })
}

// fillFigures writes the figures of the run and its phases, with the latencies of some of these.
func (m *Meter) fillFigures(r *result.Result, timed func(number int) bool) {
	m.fillRecords(&r.Records)
	m.fillLatencies(r)
	m.fillBacklog(r)
	r.Phases = m.fillPhases(timed)
}

func (m *Meter) fillRecords(r *result.Records) {
	sent, read := m.input.Ledger.Sent(), m.inputBacklog.reading.Counts()
	r.Offered = m.counters.offered.Load()
	r.Acked, r.Failed, r.Unsent = sent.Acked, sent.Failed, sent.Unsent+m.dropped.Load()
	r.Unknown, r.Found = sent.Unknown(), sent.Found
	r.Read, r.Unread, r.Lost = read.Read, read.Unread, read.Lost
	r.Duplicated, r.Reordered, r.Phantom = read.Duplicated, read.Reordered, read.Phantom
	r.Throttled, r.Retried = sent.Throttled, sent.Retried
	r.Late = m.counters.late.Load()
	m.mu.Lock()
	r.Late -= m.forgotten
	r.Unreadable = m.unreadable
	m.mu.Unlock()
}

func (m *Meter) fillLatencies(r *result.Result) {
	r.Latency = make(map[string]result.Latency)
	for _, p := range m.points {
		if latency, ok := p.summary(); ok {
			r.Latency[p.name] = latency
		}
		if skew, ok := p.skewed(); ok {
			if r.ClockSkew == nil {
				r.ClockSkew = make(map[string]result.Latency)
			}
			r.ClockSkew[p.name] = skew
		}
		if n := p.beyond(); n > 0 {
			if r.OutOfRange == nil {
				r.OutOfRange = make(map[string]int64)
			}
			r.OutOfRange[p.name] = n
		}
	}
}

// fillApart sums up the latencies that are kept apart.
func (m *Meter) fillApart(r *result.Result) {
	parts := make(map[string]map[string]result.Latency)
	for point, a := range map[string]*apart{Acked: m.input.apart, Read: m.readApart, Written: m.rows.apart} {
		if a != nil {
			a.fill(point, parts)
		}
	}
	if len(parts) > 0 {
		r.LatencyBy = map[string]map[string]map[string]result.Latency{m.config.LatencyBy: parts}
	}
}

// fillBacklog writes the most that waited, as of the last look.
func (m *Meter) fillBacklog(r *result.Result) {
	m.sightMu.Lock()
	defer m.sightMu.Unlock()
	r.Backlog = make(map[string]result.Backlog)
	for place, piled := range m.piled {
		if !piled.came {
			continue
		}
		b := piled.fill(place)
		if books := m.booksOf(place); books != nil {
			b.WritesThrottled = books.Sent().Throttled
			if bound, spilled := books.Memory(); spilled > 0 {
				b.MemoryBound, b.Spilled = bound, spilled
			}
		}
		m.lived.trend(place, &b)
		r.Backlog[place] = b
	}
}

// booksOf are those of the stream whose backlog is meant; nil of the table.
func (m *Meter) booksOf(place string) *ledger.Ledger {
	switch place {
	case result.InputBacklog:
		return m.input.Ledger
	case result.OutputBacklog:
		return m.output.Ledger
	}
	return nil
}

func (m *Meter) fillPhases(timed func(number int) bool) []result.Phase {
	lived := m.lived.fill()
	var phases []result.Phase
	for n := range m.phases.names {
		phase, ok := lived[n]
		if !ok {
			continue
		}
		for _, p := range m.points {
			if !timed(n) {
				break
			}
			if latency, ok := p.during(n); ok {
				phase.Latency[p.name] = latency
			}
		}
		phases = append(phases, phase)
	}
	return phases
}

// JudgesExactly says that which records have to be dropped as late is known, and not only which may be.
func (m *Meter) JudgesExactly() bool { return m.oracle.Exact() }

// Prove compares the table's rows with the expected ones. Undrained says that the flush did not get through. A malformed item of
// the table is an unexpected row; malformed says how many there are.
func (m *Meter) Prove(r *result.Result, rows []record.Row, malformed int, undrained bool) {
	reading := m.inputBacklog.reading
	books := reading.Counts()
	c := m.oracle.Compare(rows, oracle.Proof{
		Unread: reading.Unread(), Undrained: undrained, Strays: books.Duplicated + books.Phantom, Elsewhere: m.rows.tookElsewhere,
	})
	counts := m.rows.Counts()
	r.Rows = &result.Rows{
		Expected: c.Expected, Matched: c.Matched, Wrong: c.Wrong, Missing: c.Missing,
		Unexpected: c.Unexpected + int64(malformed), Unproven: c.Unproven, FalseLate: c.FalseLate,
		Flushed: counts.Flushed, Handled: c.Elsewhere, Unrouted: counts.Unrouted, RoutedTwice: counts.RoutedTwice, Discarded: counts.Discarded, ByKind: c.ByKind,
	}
	r.Offenders.Wrong = rowOffenders(c.WrongRows)
	r.Offenders.Missing = rowOffenders(c.MissingRows)
	r.Offenders.Unexpected = rowOffenders(c.UnexpectedRows)
	r.Offenders.FalseLate = recordOffenders(c.FalseLateRecords)
	m.nameCompared(&c)
}

func recordOffenders(ids []record.ID) []result.RecordOffender {
	var offenders []result.RecordOffender
	for _, id := range ids[:min(len(ids), result.OffendersKept)] {
		offenders = append(offenders, result.RecordOffender{Shard: id.Shard, Sequence: id.Sequence})
	}
	return offenders
}

func rowOffenders(differences []oracle.Difference) []result.RowOffender {
	var offenders []result.RowOffender
	for _, d := range differences[:min(len(differences), result.OffendersKept)] {
		offenders = append(offenders, result.RowOffender{
			WindowStart: record.FormatTime(d.ID.WindowStart, d.ID.WindowStart%1000 != 0),
			Kind:        d.ID.Kind, Key: record.SplitKey(d.ID.Key),
			Expected: rowValues(d.Expected), Actual: rowValues(d.Actual),
		})
	}
	return offenders
}

func rowValues(row *record.Row) *result.RowValues {
	if row == nil {
		return nil
	}
	return &result.RowValues{
		WindowEnd: row.Time(row.WindowEnd), Count: row.Count, Sum: row.Sum, Min: row.Min, Max: row.Max, Mean: row.Mean,
	}
}
