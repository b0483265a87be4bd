package simulator

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/limits"
	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/trace"
)

// made is a scenario with its load.
func made(t testing.TB, set ...string) (*scenarios.Scenario, *trace.Trace) {
	t.Helper()
	s := scenarios.Default()
	for _, assignment := range append([]string{
		"name=made", "load.kinds.a={keys: {uniform: {count: 200}}, size: 200B}", "pipeline.aggregator.window=1s", "pipeline.aggregator.out_of_orderness=200ms",
		"pipeline.aggregator.parallelism=1", "drain_limit=2m", "expect=[drained_in <= 2m]",
	}, set...) {
		if err := s.Set(assignment); err != nil {
			t.Fatalf("%s: %v", assignment, err)
		}
	}
	s.Resolve()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	load, err := trace.Of(&s)
	if err != nil {
		t.Fatal(err)
	}
	return &s, load
}

func simulated(t testing.TB, m Machine, set ...string) *Outcome {
	t.Helper()
	s, load := made(t, set...)
	outcome, err := Run(load, s, m, 0)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

// 500 records/s come for 20 s, and 250/s are done: 5,000 wait at the end, the oldest for 10 s, and the last is done 20 s after it was due. Of the whole, the
// aggregator has read ahead what its fetches hold.
func TestARecordWaitsUntilItsCostIsPaid(t *testing.T) {
	r := &simulated(t, Machine{}, "load.rate=[{shape: hold, at: 500/s, for: 20s}]", "pipeline.input.shards=2", "pipeline.aggregator.cost={wait: 4ms}",
		"pipeline.aggregator.source_shard_get_records_max_record_count=100").Result
	all, feed := r.Backlog[result.InputBacklog], r.Phases[0].Backlog[result.InputBacklog]
	if !near(float64(all.MaxRecords), 5000, 150) || !near(*all.MaxSeconds, 20, 0.5) {
		t.Errorf("%d records and %.2f s over the run, want about 5000 and 20", all.MaxRecords, *all.MaxSeconds)
	}
	if !near(float64(feed.MaxRecords), 5000, 150) || !near(*feed.MaxSeconds, 10, 0.5) {
		t.Errorf("%d records and %.2f s at the end of the feed, want about 5000 and 10", feed.MaxRecords, *feed.MaxSeconds)
	}
	if bytes := float64(*all.MaxBytes) / float64(all.MaxRecords); !near(bytes, 204, 2) {
		t.Errorf("%.1f bytes a record", bytes)
	}
	stream, engine := all.Parts[result.StreamPart], all.Parts[result.EnginePart]
	if stream.MaxRecords < 4000 || engine.MaxRecords > 900 {
		t.Errorf("%d in the stream, %d in the aggregator: it reads too far ahead", stream.MaxRecords, engine.MaxRecords)
	}
	if age := *all.IteratorAge; age < 10 || age > *stream.MaxSeconds {
		t.Errorf("the iterator's age is %.2f s, and what is read was due %.2f s before", age, *stream.MaxSeconds)
	}
	if parts := all.Parts[result.HarnessPart]; parts.MaxBytes != nil {
		t.Errorf("what is not made yet has %d bytes", *parts.MaxBytes)
	}
}

// 1,050 records/s into one shard, which takes 1,000: 50 more wait in the writer each second.
func TestWhatAShardDoesNotTakeWaitsInTheWriter(t *testing.T) {
	r := &simulated(t, Idle, "load.rate=[{shape: hold, at: 1050/s, for: 310s}]", "pipeline.input.shards=1").Result
	b := r.Backlog[result.InputBacklog]
	writer := b.Parts[result.WriterPart]
	if !near(float64(writer.MaxRecords), 310*50-1000, 700) {
		t.Errorf("%d records in the writer, want about 14,500", writer.MaxRecords)
	}
	if b.Trend != verdict.Fail || b.Grows != result.WriterPart || !near(*writer.TrendPercent, 4.8, 0.1) {
		t.Errorf("%s: %.2f %% of %q", b.Trend, *b.TrendPercent, b.Grows)
	}
	if words := verdict.Growing(result.InputBacklog, &b); !strings.Contains(words, "grows by 4.7 % of the load: its shards take 1000 records/s") {
		t.Errorf("%q", words)
	}
	if stream := b.Parts[result.StreamPart]; stream.Trend != verdict.Pass {
		t.Errorf("the stream's part: %s", stream.Trend)
	}
}

// At each event, the parts of each backlog are as many as its whole, and as many as there are.
func TestThePartsAddUpToTheWhole(t *testing.T) {
	for name, set := range map[string][]string{
		"direct": {"load.rate=[{shape: hold, at: 2k/s, for: 3s}]", "pipeline.input.shards=1", "pipeline.input.retries=5", "pipeline.aggregator.cost={wait: 700us}"},
		"routed": {
			"load.rate=[{shape: hold, at: 3k/s, for: 3s}]", "pipeline.shape=routed", "pipeline.input.shards=4", "load.kinds.b={keys: {uniform: {count: 3000}}, size: 200B}",
			"pipeline.routes={all: {}, some: {filters: [{data: {kind: [b]}}]}}", "pipeline.table.write_capacity=500", "pipeline.output.shards=1", "pipeline.output.poll=300ms",
		},
		"saturated": {"load.rate=[{shape: hold, at: 9k/s, for: 3s}]", "pipeline.input.shards=1", "pipeline.input.queue=64KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			s, load := made(t, set...)
			w, err := newWorld(load, s, Idle)
			if err != nil {
				t.Fatal(err)
			}
			w.begin()
			events := 0
			w.clock.run(func() bool {
				for place, c := range w.measures.crowds() {
					c.check(t, place, events%100 == 0)
				}
				for _, m := range w.mappings {
					m.backlog.check(t, m.name, events%100 == 0)
				}
				events++
				return w.over || t.Failed()
			})
			r := w.outcome().Result
			if w.feeder.undrained || r.Rows.Unproven != 0 || w.open != 0 {
				t.Errorf("it did not drain: %d writes are open, %d rows unproven", w.open, r.Rows.Unproven)
			}
			for place, b := range r.Backlog {
				if b.MaxRecords == 0 || b.MaxSeconds == nil {
					t.Errorf("%s: %+v", place, b)
				}
			}
			if left := w.measures.input.whole.Records(); left != 0 {
				t.Errorf("%d records are left of a run that drained", left)
			}
			if o := r.Backlog[result.OutputBacklog]; name == "routed" && (len(o.Routes) != 2 || o.Routes["all"].MaxRecords < o.Routes["some"].Parts[result.FunctionPart].MaxRecords) {
				t.Errorf("the routes: %+v", o.Routes)
			}
		})
	}
}

// check holds that the parts are as many as the whole, and counts them.
func (c *crowd) check(t *testing.T, place string, count bool) {
	t.Helper()
	var records, bytes int64
	for i := range c.parts {
		records, bytes = records+c.parts[i].Records(), bytes+c.parts[i].Bytes()
	}
	if len(c.parts) > 0 && (records != c.whole.Records() || bytes != c.whole.Bytes()) {
		t.Fatalf("%s: the whole has %d records and %d bytes, and its parts %d and %d", place, c.whole.Records(), c.whole.Bytes(), records, bytes)
	}
	if !count {
		return
	}
	there := make(map[stage]int64)
	for _, in := range c.in {
		there[in]++
	}
	for i := range c.parts {
		if i == 0 && place == result.InputBacklog {
			continue // what is not due yet is there, too
		}
		if there[stage(i)] != c.parts[i].Records() {
			t.Fatalf("%s: part %d is said to have %d, and has %d", place, i, c.parts[i].Records(), there[stage(i)])
		}
	}
	if len(c.parts) == 0 && there[inTable] != c.whole.Records() {
		t.Fatalf("%s: %d are said to be there, and %d are", place, c.whole.Records(), there[inTable])
	}
}

// However many shards a source subtask has, it holds so many fetches in its queue, one that is processed and one that is fetched; its window subtasks hold
// what came of five more each.
func TestReadAheadIsBounded(t *testing.T) {
	for _, c := range []struct{ shards, queue, count int }{{1, 2, 100}, {8, 2, 100}, {8, 1, 50}, {8, 5, 50}} {
		s, load := made(t, "load.rate=[{shape: hold, at: 2k/s, for: 5s}]", "pipeline.aggregator.cost={wait: 5ms}", "pipeline.aggregator.poll=200ms")
		a := &s.Pipeline.Aggregator
		s.Pipeline.Input.Shards, a.SourceReaderElementQueueCapacity, a.SourceShardGetRecordsMaxRecordCount = c.shards, c.queue, c.count
		outcome, err := Run(load, s, Machine{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		most := int64((c.queue + besideQueue + queueBatches + 1) * c.count)
		b := outcome.Result.Backlog[result.InputBacklog]
		if engine := b.Parts[result.EnginePart].MaxRecords; engine > most || engine < most-int64(2*c.count) {
			t.Errorf("%+v: %d records were read and not processed, of at most %d", c, engine, most)
		}
	}
}

// Of three others that each read what is written, a shard has a fourth of its bytes left for the pipeline.
func TestOtherReadersTakeOfAShardsReads(t *testing.T) {
	set := []string{"load.kinds.a={keys: {uniform: {count: 50}}, size: 10KiB}", "load.rate=[{shape: hold, at: 70/s, for: 60s}]", "pipeline.input.shards=1"}
	alone := simulated(t, Idle, set...)
	among := simulated(t, Idle, append(set, "pipeline.input.other_readers=3")...)
	if b := alone.Result.Backlog[result.InputBacklog]; *b.MaxSeconds > 0.5 {
		t.Errorf("alone, it is %.2f s behind", *b.MaxSeconds)
	}
	if b := among.Result.Backlog[result.InputBacklog]; *b.MaxSeconds < 5 || b.Parts[result.StreamPart].MaxRecords < 200 {
		t.Errorf("among four readers of 700 KiB/s each, it is %.2f s behind", *b.MaxSeconds)
	}
	if p := find(among.Use, InputReadBytes); !near(p.Feed, 4*70*10241.0/limits.ShardReadBytesPerSecond, 0.01) || !p.Overused() {
		t.Errorf("the bytes read are used %.3f", p.Feed)
	}
	if p := find(simulated(t, Idle, append(set, "pipeline.input.other_readers=5")...).Use, InputReads); !p.Overused() {
		t.Errorf("five others leave %.3f of the reads", 1-p.Feed)
	}
}

func find(parts []Part, kind Kind) *Part {
	for i := range parts {
		if parts[i].Kind == kind {
			return &parts[i]
		}
	}
	return &Part{}
}

// A use is what is due over what can be done, so that it may be over 100 %, and it is the same however much was done.
func TestUseIsDemandOverCapacity(t *testing.T) {
	routed := []string{"pipeline.shape=routed", "pipeline.routes={all: {}}", "load.kinds.a={keys: {uniform: {count: 3000}}, size: 200B}"}
	for _, c := range []struct {
		name string
		kind Kind
		want float64
		set  []string
	}{
		{"a shard's records", InputRecords, 1.5, []string{"load.rate=[{shape: hold, at: 1500/s, for: 20s}]", "pipeline.input.shards=1"}},
		{"a shard's bytes", InputBytes, 2 * 100.0 / 102.4 * 1.0002, []string{
			"load.rate=[{shape: hold, at: 200/s, for: 20s}]", "load.kinds.a={keys: {uniform: {count: 200}}, size: 10KiB}", "pipeline.input.shards=1",
		}},
		{"a window subtask", Window, 2, []string{"load.rate=[{shape: hold, at: 500/s, for: 20s}]", "pipeline.aggregator.cost={wait: 4ms}"}},
		{"the table", TableUnits, 2, []string{"load.rate=[{shape: hold, at: 2k/s, for: 20s}]", "pipeline.table.write_capacity=100"}},
		{"a key", KeyRecords, 1.2, []string{
			"load.rate=[{shape: hold, at: 1200/s, for: 20s}]", "load.kinds.a={keys: {uniform: {count: 1}}, size: 200B}", "pipeline.input.shards=4",
		}},
		{"the writer in strict order", WriterLane, 500 * 0.021, []string{
			"load.rate=[{shape: hold, at: 500/s, for: 5s}]", "pipeline.input.shards=1", "pipeline.input.order=strict", "latency.put=20ms", "drain_limit=10s",
		}},
		// Of ten windows, the last one fires after the feed, and is not counted: nine seconds have 3,200 keys each, but for some that have no record.
		{"a shard of the output", OutputRecords, 2.59, slices.Concat(routed, []string{"load.rate=[{shape: hold, at: 6k/s, for: 10s}]", "pipeline.output.shards=1"})},
		{"a function", Function, 25.9, slices.Concat(routed, []string{
			"load.rate=[{shape: hold, at: 6k/s, for: 10s}]", "pipeline.output.shards=1", "latency.table=100ms", "pipeline.routes.all.batch_size=10", "drain_limit=10s",
		})},
	} {
		p := find(simulated(t, Machine{Put: time.Millisecond}, slices.Concat(c.set, []string{"pipeline.input.queue=64MiB"})...).Use, c.kind)
		if !near(p.Feed/c.want, 1, 0.02) || !near(p.Hold/c.want, 1, 0.02) || p.Over == 0 || !p.Overused() {
			t.Errorf("%s: %.3f over the feed, %.3f over the hold, %d seconds over 1; want %.3f", c.name, p.Feed, p.Hold, p.Over, c.want)
		}
	}
}

// The windows that close after the feed are partial, so that neither their rows nor their time counts, and the same holds for a first one that began before it.
func TestRowsAreAskedOverTheTimeThatTheirWindowsCover(t *testing.T) {
	for _, c := range []struct {
		window, begins time.Duration
	}{{10 * time.Second, 0}, {20 * time.Second, 0}, {10 * time.Second, 5 * time.Second}, {20 * time.Second, 19 * time.Second}} {
		s, load := made(t, "load.rate=[{shape: hold, at: 100/s, for: 70s}]", "load.kinds.a={keys: {uniform: {count: 1M}}, size: 100B}",
			"pipeline.table.write_capacity=1000", "pipeline.aggregator.window="+c.window.String())
		outcome, err := Run(load, s, Idle, c.begins)
		if err != nil {
			t.Fatal(err)
		}
		// Nearly each record has a key of its own, so that each second has a hundred rows of one unit.
		if p := find(outcome.Use, TableUnits); !near(p.Feed, 0.1, 0.001) || !near(p.Hold, 0.1, 0.001) {
			t.Errorf("windows of %s that begin %s before the feed: %.4f over the feed, %.4f over the hold, want 0.1", c.window, c.begins, p.Feed, p.Hold)
		}
	}
}

// An invocation waits for the slowest of its calls. Of four at once, each of an exponential latency of 100 ms, that is the slowest after 1 + 1/2 + 1/3 + 1/4
// times as long.
func TestAFunctionWaitsForTheSlowestOfItsCalls(t *testing.T) {
	for _, c := range []struct {
		batch   int
		latency string
		seconds float64
	}{{100, "{exponential: {mean: 100ms}}", 0.2083}, {25, "{exponential: {mean: 100ms}}", 0.1}, {125, "100ms", 0.2}, {100, "100ms", 0.1}} {
		use := simulated(t, Machine{}, "pipeline.shape=routed", "pipeline.routes={all: {batch_size: "+strconv.Itoa(c.batch)+"}}", "pipeline.output.shards=1", "latency.table="+c.latency,
			"load.rate=[{shape: hold, at: 500/s, for: 5s}]").Use
		if took := float64(c.batch) / find(use, Function).PerSecond; !near(took/c.seconds, 1, 0.05) {
			t.Errorf("batches of %d at %s take %.4f s, want %.4f", c.batch, c.latency, took, c.seconds)
		}
	}
}

// Where the sink pushes back, a record is processed before its rows are handed on: it does not wait for the sink as they do.
func TestARecordIsProcessedBeforeItsRowsAreHandedOn(t *testing.T) {
	for _, cost := range [][]string{nil, {"pipeline.aggregator.cost={wait: 50us}"}} {
		s, load := made(t, append(cost, "load.rate=[{shape: hold, at: 3k/s, for: 8s}]", "load.kinds.a={keys: {uniform: {count: 20000}}, size: 100B}", "pipeline.input.shards=4",
			"pipeline.table.write_capacity=500")...)
		w, err := newWorld(load, s, Machine{})
		if err != nil {
			t.Fatal(err)
		}
		w.begin()
		handing := 0
		w.clock.run(func() bool {
			if to := w.engine.windows[0]; len(w.direct.waiting) > 0 && to.working {
				handing++
				for _, e := range to.now.batch.events[:to.now.at] {
					if w.measures.input.in[e.id] != gone {
						t.Fatalf("%v: at %s, rows wait for the sink, and a record that made them is not processed", cost, w.clock.now)
					}
				}
			}
			return w.over
		})
		if handing == 0 {
			t.Errorf("%v: no row ever waited for the sink", cost)
		}
	}
}

// A shard refuses a record by one of its limits, and the part that is this limit shows it.
func TestARefusalIsShownByTheLimitThatRefused(t *testing.T) {
	for _, c := range []struct {
		size, rate string
		by, inVain Kind
	}{{"100B", "1300/s", InputRecords, InputBytes}, {"10KiB", "130/s", InputBytes, InputRecords}} {
		use := simulated(t, Idle, "load.rate=[{shape: hold, at: "+c.rate+", for: 5s}]", "load.kinds.a={keys: {uniform: {count: 200}}, size: "+c.size+"}", "pipeline.input.shards=1").Use
		if by, inVain := find(use, c.by), find(use, c.inVain); by.Throttled == 0 || inVain.Throttled != 0 || by.Spared() || !inVain.Spared() {
			t.Errorf("records of %s: %s refused %d, %s %d", c.size, c.by, by.Throttled, c.inVain, inVain.Throttled)
		}
	}
}

// Where one call after another does not come to five a second, their time is the limit.
func TestACallThatTakesLongIsTheLimit(t *testing.T) {
	set := []string{"load.rate=[{shape: hold, at: 100/s, for: 10s}]", "pipeline.input.shards=1", "pipeline.aggregator.source_shard_get_records_max_record_count=100"}
	slow := simulated(t, Idle, append(set, "latency.get=2s")...).Use
	if p := find(slow, InputReadTime); !near(p.Feed, 2, 0.01) || !near(p.PerSecond, 50, 0.1) || !near(p.CallTime.Seconds(), 2, 0.01) || find(slow, InputReads).Kind != "" {
		t.Errorf("%+v", p)
	}
	quick := simulated(t, Idle, append(set, "latency.get=20ms")...).Use
	if p := find(quick, InputReads); !near(p.Feed, 0.2, 0.01) || p.CallTime != 0 || find(quick, InputReadTime).Kind != "" {
		t.Errorf("%+v", p)
	}
}

// The part makes up in the seconds below 100 % for those above it.
func TestABurstIsMadeUpFor(t *testing.T) {
	p := find(simulated(t, Idle, "load.rate=[{shape: hold, at: 200/s, for: 4s}, {shape: burst, at: 200/s, peak: 1600/s, every: 10s, lasting: 2s, for: 10s}]", "pipeline.input.shards=1").Use, InputRecords)
	// 2 × 600 are left over, and 800 more can be done each second: 1.5 s.
	if p.Over != 2 || !near(p.Drained.Seconds(), 1.5, 0.1) || p.Overused() || !near(p.Peak, 1.6, 0.01) {
		t.Errorf("%+v", p.Load)
	}
}
