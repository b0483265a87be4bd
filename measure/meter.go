// Package measure takes the measurements of a run: the points in time of records and rows, the books of its streams, the
// expected rows, and what happened each second.
//
// A [Meter] belongs to one pipeline, so that two pipelines can run side by side. The packages on the data's path know nothing of
// it: each declares the small observer that it tells, and the meter satisfies them:
//
//	feeder                 Meter.Handing, Meter.Handed, Meter.Dropped
//	writer of the input    Meter.Input(): Sending, Answered, Resolve
//	reader of the input    Meter.JoinInput, before the aggregator sees the page
//	aggregator             Meter.Late, Meter.Unreadable, Meter.Processed, Meter.Fired
//	writer of the output   Meter.Queued, Meter.Output(): Sending, Answered, Resolve
//	reader of each route   Meter.JoinOutput, before the route sees the page
//	routes                 Meter.Routed, Meter.Missed, Meter.Done, Meter.Rows: Handled, Discarded
//	table                  Meter.Writing, Meter.Written, Meter.Abandoned
package measure

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/measure/backlog"
	"weir/measure/ledger"
	"weir/measure/oracle"
	"weir/measure/verdict"
	"weir/record"
	"weir/result"
)

// Config is what a meter is made with.
type Config struct {
	// Clock is the run's.
	Clock record.Clock
	// Oracle is how the expected rows are computed.
	Oracle oracle.Config
	// Phases are those of the schedule, in their order; none for a recording.
	Phases []Phase
	// Periods are what comes round in the pipeline, as its windows and polls: see [verdict.Period].
	Periods []time.Duration
	// Expectations are what a trend is to be judged against, so that a hold is extended while that is inconclusive.
	Expectations []*verdict.Expectation
	// Extend, if set, makes a phase of the schedule that long, and calls then before any record is due by the longer schedule. It is false where the
	// schedule has come to the phase's end already.
	Extend func(phase int, to time.Duration, then func()) bool
	// LatencyBy keeps latencies apart, too: [ByShard] or [ByKind], or not where it is empty.
	LatencyBy string
	// Routes are those of a routed pipeline; none for a direct one.
	Routes Routes
	// Rewinds says that the aggregator may go back, and read again what it had read.
	Rewinds bool
	// Offenders, if set, names every record and row that is not as it should be.
	Offenders *result.OffenderLog
	// Memory bounds what each stream's backlog takes of memory, in bytes, and Folder is where the rest of it goes; see [ledger.Config].
	Memory int64
	Folder string
	// Visibility is how long after its acknowledgement a record may still be missing at the tip; see [ledger.Config].
	Visibility time.Duration
	// RowBytes, if set, is how large the table counts a row.
	RowBytes func(*record.Row) int
}

// Meter takes the measurements of one pipeline. It is safe for concurrent use.
type Meter struct {
	config   Config
	oracle   *oracle.Oracle
	input    *Stream
	output   *Stream
	rows     *Rows
	points   []*point
	phases   *phases
	lived    *lived
	counters counters

	inputBacklog  *inputBacklog
	outputBacklog *outputBacklog

	sightMu sync.Mutex
	last    sight
	piled   map[string]*piled // over the run, by place

	handed, read *point
	dropped      atomic.Int64
	// readApart are the latencies of read by shard or by kind; nil where they are not kept apart.
	readApart *apart

	mu         sync.Mutex
	unreadable int64
	// known are the unreadable records that were counted, where an aggregator may go back and tell of them again.
	known map[record.ID]bool
	// forgotten counts the records that were reported late before an aggregator went back to read them again.
	forgotten int64
	samples   []result.UnreadableRecord
}

// New makes a meter that has measured nothing.
func New(config Config) *Meter {
	m := &Meter{config: config, oracle: oracle.New(config.Oracle), phases: newPhases(config.Phases)}
	m.lived = newLived(m.phases, &config)
	if config.Rewinds {
		m.known = make(map[record.ID]bool)
	}
	m.handed = m.point(Handed)
	m.input = &Stream{
		meter: m, acked: m.point(Acked), uncorrected: m.point(AckedUncorrected), counts: true,
		Ledger: m.books(m.oracle.Add),
	}
	m.inputBacklog = &inputBacklog{stream: m.input, reading: m.input.Ledger.Reading(ledger.ReadingConfig{
		Name: "the aggregator", Progress: true, Rewinds: config.Rewinds, Kinds: config.LatencyBy == ByKind, Offence: m.offence(result.InputBacklog, ""),
	})}
	m.read = m.point(Read)
	m.rows = &Rows{
		routes:   config.Routes,
		table:    &tableRows{direct: len(config.Routes) == 0, size: config.RowBytes, handed: make(map[record.RowID]*handedRow)},
		inFlight: make(map[record.RowID]*flight), leaks: make(map[string]int64), elsewhere: make(map[record.RowID]bool),
		fired: m.point(Fired), forwarded: m.point(Forwarded), routed: m.point(Routed), handled: m.point(Handled),
		written: m.point(Written), age: m.point(Age),
	}
	m.rows.written.settling, m.input.acked.settling = &settling{}, &settling{}
	switch config.LatencyBy {
	case ByShard:
		m.input.apart, m.readApart = newApart(m.phases), newApart(m.phases)
	case ByKind:
		m.input.apart, m.readApart, m.rows.apart = newApart(m.phases), newApart(m.phases), newApart(m.phases)
	}
	m.output = &Stream{meter: m, Ledger: m.books(nil)}
	m.outputBacklog = &outputBacklog{stream: m.output}
	for _, route := range slices.Sorted(maps.Keys(config.Routes)) {
		reading := m.output.Ledger.Reading(ledger.ReadingConfig{Name: "route " + route, Progress: true, Offence: m.offence(result.OutputBacklog, route)})
		m.outputBacklog.routes = append(m.outputBacklog.routes, &routeBacklog{name: route, reading: reading})
	}
	m.piled = make(map[string]*piled)
	for _, place := range m.places() {
		m.piled[place] = newPiledByShard()
	}
	return m
}

// places are where something may pile up in the pipeline.
func (m *Meter) places() []string {
	if len(m.config.Routes) == 0 {
		return []string{result.InputBacklog, result.TableBacklog}
	}
	return []string{result.InputBacklog, result.OutputBacklog, result.TableBacklog}
}

// books makes the ledger of a stream.
func (m *Meter) books(stored func(string, []record.Send)) *ledger.Ledger {
	return ledger.New(ledger.Config{
		Clock: m.config.Clock, Visibility: m.config.Visibility, Stored: stored, Memory: m.config.Memory, Folder: m.config.Folder,
	})
}

// Watch waits until ctx ends, or until the books of a stream are of no use any more: then the error says why, and the run has to end.
func (m *Meter) Watch(ctx context.Context) error {
	watch, ctx := errgroup.WithContext(ctx)
	watch.Go(func() error { return m.input.Ledger.Watch(ctx) })
	watch.Go(func() error { return m.output.Ledger.Watch(ctx) })
	return watch.Wait()
}

// Close ends the books, and offenders.csv with them. Afterwards there are totals, and nothing that waits.
func (m *Meter) Close() error {
	err := errors.Join(m.input.Ledger.Close(), m.output.Ledger.Close())
	if m.config.Offenders != nil {
		err = errors.Join(err, m.config.Offenders.Close())
	}
	return err
}

func (m *Meter) point(name string) *point {
	p := newPoint(name, m.phases)
	m.points = append(m.points, p)
	return p
}

// Input is the observer of the input stream's writer, and the books of what was sent.
func (m *Meter) Input() *Stream { return m.input }

// Reading is what the aggregator has read of the input, and has still to read and to process.
func (m *Meter) Reading() *ledger.Reading { return m.inputBacklog.reading }

// RouteReading is the same of a route and the output; nil where there is no such route.
func (m *Meter) RouteReading(route string) *ledger.Reading {
	for _, r := range m.outputBacklog.routes {
		if r.name == route {
			return r.reading
		}
	}
	return nil
}

// Due has the meter ask for what is due and was not handed over.
func (m *Meter) Due(due func(now time.Duration) backlog.Extent) { m.inputBacklog.due.Store(&due) }

// InputBacklog is what waits for the aggregator at a time, in all parts together.
func (m *Meter) InputBacklog(now time.Duration) backlog.Extent { return m.inputBacklog.sumAt(now) }

// Output is the observer of the output stream's writer, and its books. Its records are rows: see [RowOf].
func (m *Meter) Output() *Stream { return m.output }

// Rows are the rows in flight.
func (m *Meter) Rows() *Rows { return m.rows }

// Begin says when the feed begins, from which the phases count.
func (m *Meter) Begin(at time.Duration) { m.phases.begun.Store(int64(at)) }

// End says that the feed ended, before its last phase has or after: what happens then is the drain's, and in no phase.
func (m *Meter) End(at time.Duration) {
	m.see(at)
	m.phases.ended.Store(int64(at))
}

// Handing takes records that are about to be put into the writer's queue; Handed or Dropped follows for each.
func (m *Meter) Handing(records []record.Record, at time.Duration) {
	m.inputBacklog.handing(records, at)
}

// Handed takes records that entered the writer's queue.
func (m *Meter) Handed(records []record.Record, at time.Duration) {
	m.offer(records)
	m.handed.record(at, len(records), func(i int) time.Duration { return since(at, records[i].Due) })
}

// Dropped takes records that came due and found the writer's queue full: offered, and never sent.
func (m *Meter) Dropped(records []record.Record) {
	m.offer(records)
	m.inputBacklog.dropped(records)
	m.dropped.Add(int64(len(records)))
}

func (m *Meter) offer(records []record.Record) {
	m.counters.offered.Add(int64(len(records)))
	m.phases.offer(records)
}

// JoinInput sets the due times of a page of the input stream and books it as read.
func (m *Meter) JoinInput(page *record.Page) {
	if len(page.Children) > 0 {
		m.oracle.Resharded(page.Children)
	}
	var kinds []string
	if m.config.LatencyBy == ByKind {
		kinds = make([]string, len(page.Records))
	}
	m.counters.read.Add(int64(m.inputBacklog.reading.JoinKinds(page, kinds)))
	sample := func(i int) time.Duration {
		if record.IsFlush(page.Records[i].PartitionKey) {
			return record.NoDue
		}
		return since(page.At, page.Records[i].Due)
	}
	m.read.record(page.At, len(page.Records), sample)
	if m.readApart == nil {
		return
	}
	part := func(int) string { return page.Shard }
	if kinds != nil {
		part = func(i int) string { return kinds[i] }
	}
	m.readApart.record(page.At, len(page.Records), part, sample)
}

// JoinOutput sets the due times of a page of the output stream and books it as read by a route.
func (m *Meter) JoinOutput(route string, page *record.Page) { m.RouteReading(route).Join(page) }

// Processed takes records of a shard of the input that the aggregator is done with; see [ledger.Reading.Processed].
func (m *Meter) Processed(shard string, places []int64, at time.Duration) {
	m.inputBacklog.reading.Processed(shard, places, at)
}

// Done takes records of a shard of the output that a route is done with.
func (m *Meter) Done(route, shard string, places []int64, at time.Duration) {
	m.RouteReading(route).Processed(shard, places, at)
}

// Writing takes rows that are handed to the table.
func (m *Meter) Writing(rows []record.Row, _ time.Duration) { m.rows.Writing(rows) }

// Abandoned takes rows that were handed to the table and whose write was not acknowledged.
func (m *Meter) Abandoned(rows []record.Row, at time.Duration) { m.rows.Abandoned(rows, at) }

// Written takes rows whose write to the table was acknowledged.
func (m *Meter) Written(rows []record.Row, at time.Duration) {
	m.counters.written.Add(int64(len(rows)))
	m.rows.Written(rows, at)
}

// Fired takes rows that the aggregator emitted.
func (m *Meter) Fired(rows []record.Fired, at time.Duration) {
	m.counters.fired.Add(int64(len(rows)))
	if len(m.config.Routes) > 0 {
		m.output.waiting.Add(int64(len(rows)), 0)
	}
	m.rows.Fired(rows, at)
	m.outputBacklog.grown()
}

// Queued takes the size of records that carry rows and are about to be queued, or, where it is negative, of those that were not taken.
func (m *Meter) Queued(bytes int64) {
	m.output.waiting.Add(0, bytes)
	m.outputBacklog.grown()
}

// Unfired takes rows that fired and never left the aggregator, because it was killed meanwhile.
func (m *Meter) Unfired(rows []record.Fired, at time.Duration) {
	if len(m.config.Routes) > 0 {
		m.output.waiting.Add(-int64(len(rows)), 0)
	}
	m.rows.Unfired(rows, at)
}

// Late takes records that came to the aggregator when windows of theirs were over. Those that are in no window are counted.
func (m *Meter) Late(late []record.Late) {
	dropped := int64(0)
	for i := range late {
		if late[i].Dropped {
			dropped++
		}
	}
	m.counters.late.Add(dropped)
	m.oracle.Late(late...)
}

// Rewound is told that the aggregator has gone back to behind these sequence numbers of their shards, in those that are unknown to a place that its next records
// show, and to the beginning of those that are not named: what it reports from now on stands, and what it had reported of records behind these places does not.
func (m *Meter) Rewound(to map[string]string, unknown []string) {
	m.inputBacklog.reading.Rewind(to, unknown)
	m.forget(m.oracle.Rewound(to, unknown))
}

// RewoundTo is told that the aggregator has gone back without a state, and makes no row any more of windows that begin by an event time, in milliseconds:
// what it had reported stands for those, and not for the ones that begin later.
func (m *Meter) RewoundTo(incomplete int64) {
	m.inputBacklog.reading.Lose()
	m.forget(m.oracle.RewoundTo(incomplete))
}

func (m *Meter) forget(records int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgotten += int64(records)
}

// Unreadable takes a record that the aggregator could not use, and why. The first ones are kept as samples.
func (m *Meter) Unreadable(id record.ID, data []byte, why error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known != nil {
		id = record.ID{Shard: strings.Clone(id.Shard), Sequence: strings.Clone(id.Sequence)}
		if m.known[id] {
			return
		}
		m.known[id] = true
	}
	m.unreadable++
	if len(m.samples) < result.OffendersKept {
		m.samples = append(m.samples, result.UnreadableRecord{
			Shard: id.Shard, Sequence: id.Sequence, Reason: why.Error(), Sample: sample(data),
		})
	}
}

// sampleBytes bounds how much of a record a sample shows.
const sampleBytes = 256

func sample(data []byte) string { return string(data[:min(len(data), sampleBytes)]) }

// Routed takes rows that a route's function gets.
func (m *Meter) Routed(route string, ids []record.RowID, at time.Duration) {
	m.rows.Routed(route, ids, at)
}

// Missed takes rows that a route's filters did not let through.
func (m *Meter) Missed(route string, ids []record.RowID) {
	m.rows.Missed(route, ids, m.config.Clock.Now())
}

// second ends a second, or what is left of one: its latencies and what happened in it are counted.
func (m *Meter) second(at time.Duration) {
	for _, p := range m.points {
		p.settle()
	}
	m.see(at)
}

// see takes what there is to see at a time, for the run and its phases: at the end of each second, and of each phase.
func (m *Meter) see(at time.Duration) {
	m.sightMu.Lock()
	defer m.sightMu.Unlock()
	now := sight{at: at, totals: m.counters.all(), places: make(map[string]placeSight)}
	now.places[result.InputBacklog] = m.inputBacklog.look(at)
	if len(m.config.Routes) > 0 {
		now.places[result.OutputBacklog] = m.outputBacklog.look(at)
	}
	now.places[result.TableBacklog] = m.rows.lookTable(at)
	for name, place := range now.places {
		m.piled[name].take(&place, at, place.throttled-m.last.places[name].throttled)
	}
	m.last = now
	if len(m.phases.number) > 0 {
		m.lived.see(at, now)
	}
}

// current is what was seen of a place at the last look.
func (m *Meter) current(place string) placeSight {
	m.sightMu.Lock()
	defer m.sightMu.Unlock()
	return m.last.places[place]
}

// snapshot is how far the run is.
func (m *Meter) snapshot(at time.Duration, offeredPerSecond, ackedPerSecond float64) Snapshot {
	c := m.counters.all()
	s := Snapshot{
		OfferedPerSecond: offeredPerSecond, AckedP99: m.input.acked.p99(), WrittenP99: m.rows.written.p99(),
		Seconds: at.Seconds(), Offered: c[0], Sent: c[1], Acked: c[2], Throttled: c[3], Retried: c[4],
		Read: c[5], Late: c[6], Fired: c[7], Written: c[8], AckedPerSecond: ackedPerSecond,
	}
	s.InputBacklog, s.InputBacklogSeconds = m.waits(result.InputBacklog, at)
	s.OutputBacklog, s.OutputBacklogSeconds = m.waits(result.OutputBacklog, at)
	s.TableBacklog, s.TableBacklogSeconds = m.waits(result.TableBacklog, at)
	return s
}

// waits is how much was seen to wait in a place at the last look, and for how many seconds.
func (m *Meter) waits(place string, at time.Duration) (n int64, seconds float64) {
	extent := m.current(place).whole.now
	return extent.Records, extent.Age(at).Seconds()
}
