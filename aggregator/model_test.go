package aggregator

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

// model is the aggregator as a page of a textbook has it: one record after the other, each window by itself, nothing in parallel, the watermark computed anew
// each time. It knows its records as numbers, not as bytes.
type model struct {
	size, slide, lag, lateness int64
	perSubtask                 bool
	newest                     map[string]int64 // of each shard, the greatest event time; absent before the first record
	shards                     int              // that hold the watermark
	rows                       map[record.RowID]*modelRow
	fired                      []record.Fired
	late                       []string
	read                       int
}

type modelRow struct {
	record.Fired
	values []int64
	done   bool // it has fired
}

func newModel(config *Config, shards int) *model {
	return &model{
		size: config.Window.Milliseconds(), slide: config.Slide.Milliseconds(), lag: lagOf(config), lateness: config.AllowedLateness.Milliseconds(),
		perSubtask: config.Watermark.PerSubtask, newest: make(map[string]int64), shards: shards, rows: make(map[record.RowID]*modelRow),
	}
}

// watermark is the least of the shards', or the greatest if they share one.
func (m *model) watermark() int64 {
	times := slices.Collect(maps.Values(m.newest))
	switch {
	case len(times) == 0 || !m.perSubtask && len(times) < m.shards:
		return math.MinInt64
	case m.perSubtask:
		return slices.Max(times) - m.lag
	}
	return slices.Min(times) - m.lag
}

func (m *model) take(shard string, r *modelRecord) {
	if !r.flush {
		m.read++
	}
	if r.unreadable {
		return
	}
	if !r.flush {
		m.count(r)
	}
	if newest, ok := m.newest[shard]; !ok || r.ts > newest {
		m.newest[shard] = r.ts
	}
	for id, row := range m.rows {
		if !row.done && row.WindowEnd-1 <= m.watermark() {
			m.fire(row, r)
		}
		if row.WindowEnd-1+m.lateness <= m.watermark() {
			delete(m.rows, id)
		}
	}
}

// count adds a record to each of its windows that is not over, and fires again those that have fired.
func (m *model) count(r *modelRecord) {
	counted := false
	last := int64(math.Floor(float64(r.ts)/float64(m.slide))) * m.slide
	for start := last - m.size + m.slide; start <= last; start += m.slide {
		end := start + m.size
		if end-1+m.lateness <= m.watermark() {
			continue
		}
		counted = true
		row := m.row(record.RowID{Kind: r.kind, Key: r.key, WindowStart: start}, end)
		row.Count++
		row.Newest = max(row.Newest, r.Due)
		if r.hasValue {
			row.values = append(row.values, r.value)
		}
		if end-1 <= m.watermark() {
			m.fire(row, r)
		}
	}
	if !counted {
		m.late = append(m.late, r.Sequence)
	}
}

func (m *model) row(id record.RowID, end int64) *modelRow {
	row := m.rows[id]
	if row == nil {
		row = &modelRow{Fired: record.Fired{Row: record.Row{RowID: id, WindowEnd: end}, Newest: record.NoDue}}
		m.rows[id] = row
	}
	return row
}

func (m *model) fire(row *modelRow, by *modelRecord) {
	row.done, row.Trigger, row.Flushed = true, by.Due, by.flush
	if len(row.values) > 0 {
		sum := int64(0)
		for _, v := range row.values {
			sum += v
		}
		row.Sum = strconv.FormatInt(sum, 10)
		row.Min = strconv.FormatInt(slices.Min(row.values), 10)
		row.Max = strconv.FormatInt(slices.Max(row.values), 10)
		row.Mean = meanText(sum, int64(len(row.values)))
	}
	m.fired = append(m.fired, row.Fired)
}

// meanText is sum / n to one decimal, a half away from zero.
func meanText(sum, n int64) string {
	tenths := math.Floor(math.Abs(float64(sum))*10/float64(n) + 0.5)
	return strconv.FormatFloat(math.Copysign(tenths, float64(sum))/10+0, 'f', -1, 64)
}

// modelRecord is a stored record and what it says.
type modelRecord struct {
	record.Stored
	kind, key         string
	ts, value         int64
	hasValue          bool
	flush, unreadable bool
}

func drawRecord(t *rapid.T, number int) modelRecord {
	r := modelRecord{
		kind: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "kind"),
		key:  rapid.SampledFrom([]string{"x", "y", "z", "x|y"}).Draw(t, "key"),
		ts:   rapid.Int64Range(-60, 60).Draw(t, "ts"),
	}
	value := ""
	if r.hasValue = rapid.Bool().Draw(t, "has a value"); r.hasValue {
		r.value = rapid.Int64Range(-9, 9).Draw(t, "value")
		value = strconv.FormatInt(r.value, 10)
	}
	switch rapid.IntRange(0, 19).Draw(t, "sort") {
	case 0:
		r.flush = true
	case 1:
		r.unreadable = true
	}
	data := eventOf(r.kind, r.key, r.ts, value)
	r.Stored = stored(number, data)
	if r.flush {
		r.PartitionKey = record.FlushKey("run")
	}
	if r.unreadable {
		r.Data = r.Data[1:]
	}
	r.key = record.JoinKey([]string{r.key})
	if rapid.IntRange(0, 4).Draw(t, "no due time") == 0 {
		r.Due = record.NoDue
	}
	return r
}

// drawn is a stream with its records, in the order of the pages.
type drawn struct {
	memory
	records map[string]*modelRecord // by sequence number
	order   []*modelRecord
	shard   map[string]string // of a sequence number
}

func drawStream(t *rapid.T, shards []record.Shard) *drawn {
	d := &drawn{memory: memory{shards: shards}, records: make(map[string]*modelRecord), shard: make(map[string]string)}
	for range rapid.IntRange(0, 12).Draw(t, "pages") {
		page := record.Page{Shard: rapid.SampledFrom(shards).Draw(t, "shard").ID}
		for range rapid.IntRange(0, 6).Draw(t, "records") {
			r := drawRecord(t, len(d.order))
			d.order = append(d.order, &r)
			d.records[r.Sequence], d.shard[r.Sequence] = &r, page.Shard
			page.Records = append(page.Records, r.Stored)
		}
		d.pages = append(d.pages, page)
	}
	return d
}

func drawConfig(t *rapid.T) Config {
	c := Config{
		Parallelism:          rapid.IntRange(1, 4).Draw(t, "parallelism"),
		Slide:                time.Duration(rapid.IntRange(1, 20).Draw(t, "slide")) * time.Millisecond,
		OutOfOrderness:       time.Duration(rapid.IntRange(0, 10).Draw(t, "out of orderness")) * time.Millisecond,
		AllowedLateness:      time.Duration(rapid.SampledFrom([]int{0, 0, 3, 25}).Draw(t, "lateness")) * time.Millisecond,
		Watermark:            Watermark{Minus1ms: rapid.Bool().Draw(t, "minus 1 ms"), PerSubtask: rapid.Bool().Draw(t, "per subtask")},
		ElementQueueCapacity: rapid.IntRange(1, 3).Draw(t, "queue"),
		Mean:                 new(1),
	}
	c.Window = c.Slide * time.Duration(rapid.SampledFrom([]int{1, 1, 2, 5}).Draw(t, "slides"))
	return c
}

func lagOf(config *Config) int64 {
	if config.Watermark.Minus1ms {
		return config.OutOfOrderness.Milliseconds() + 1
	}
	return config.OutOfOrderness.Milliseconds()
}

// With one source subtask everything is exact, however many shards, window subtasks and pages there are: rows, their triggers
// and newest contributors, and the late records.
func TestOneSourceSubtaskIsTheModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := drawConfig(r)
		// All shards in the first part of the hash range, so that they fall to one source subtask.
		n := rapid.IntRange(1, 4).Draw(r, "shards")
		stream := drawStream(r, shardsOf(n * config.Parallelism)[:n])
		m := newModel(&config, n)
		for _, stored := range stream.order {
			m.take(stream.shard[stored.Sequence], stored)
		}
		got := aggregate(t, config, &stream.memory)
		if got.err != nil {
			r.Fatal(got.err)
		}
		sortRows(got.rows)
		sortRows(m.fired)
		if diff := gocmp.Diff(m.fired, got.rows); diff != "" {
			r.Fatalf("rows: %s", diff)
		}
		slices.Sort(m.late)
		if diff := gocmp.Diff(m.late, sequences(got.late)); diff != "" {
			r.Fatalf("late: %s", diff)
		}
		s := got.status
		if int(s.Read) != m.read || s.Counted+s.Late+s.Unreadable != s.Read {
			r.Fatalf("status %+v, model read %d", s, m.read)
		}
	})
}

// With several source subtasks the outcome depends on who comes first, within bounds: nothing is lost, a record misses only windows that its own shard's
// watermark may have been past, or with one for all shards of a subtask, that of the newest record of all; and rows and what they missed are together all
// readable records.
func TestSeveralSourceSubtasksKeepTheBounds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := drawConfig(r)
		if rapid.Bool().Draw(r, "periodic") {
			config.Watermark.Every = time.Duration(rapid.IntRange(1, 300).Draw(r, "every")) * time.Millisecond
		}
		stream := drawStream(r, shardsOf(rapid.IntRange(1, 6).Draw(r, "shards")))
		for i, shard := range stream.shards {
			stream.pages = append(stream.pages, record.Page{Shard: shard.ID, Records: []record.Stored{flush(1000 + i)}})
		}
		got := aggregateFor(t, time.Second, config, &stream.memory)
		if got.err != nil {
			r.Fatal(got.err)
		}
		most := mostOver(stream, &config)
		over := make(map[string]int64)
		for _, late := range got.missed {
			bound, may := most[late.Sequence]
			if _, twice := over[late.Sequence]; twice || !may || late.Over > bound || late.Shard != stream.shard[late.Sequence] {
				r.Fatalf("%+v is late, and may be to %d", late, bound)
			}
			over[late.Sequence] = late.Over
		}
		if diff := gocmp.Diff(countRows(stream, &config, over), lastCounts(r, got.rows)); diff != "" {
			r.Fatal(diff)
		}
		if s := got.status; s.Counted+s.Late+s.Unreadable != s.Read || s.Watermark < 1e12 {
			r.Fatalf("%+v", s)
		}
	})
}

// mostOver is, of each record that may be late, the end of the last window that can have been over.
func mostOver(stream *drawn, config *Config) map[string]int64 {
	over, greatest := make(map[string]int64), make(map[string]int64)
	slide := config.Slide.Milliseconds()
	newest := int64(math.MinInt64)
	for _, r := range stream.order {
		if !r.unreadable {
			newest = max(newest, r.ts)
		}
	}
	for _, r := range stream.order {
		if r.unreadable {
			continue
		}
		shard := stream.shard[r.Sequence]
		ts, seen := greatest[shard]
		if config.Watermark.PerSubtask {
			ts, seen = newest, true
		}
		if seen {
			over[r.Sequence] = int64(math.Floor(float64(ts-lagOf(config)-config.AllowedLateness.Milliseconds()+1)/float64(slide))) * slide
		}
		if was, ok := greatest[shard]; !ok || r.ts > was {
			greatest[shard] = r.ts
		}
	}
	return over
}

// countRows counts the records of each row, but for those that missed it.
func countRows(stream *drawn, config *Config, over map[string]int64) map[string]int64 {
	counts := make(map[string]int64)
	size, slide := config.Window.Milliseconds(), config.Slide.Milliseconds()
	for _, r := range stream.order {
		if r.flush || r.unreadable {
			continue
		}
		last := int64(math.Floor(float64(r.ts)/float64(slide)))*slide + size
		for end := last - size + slide; end <= last; end += slide {
			if missed, late := over[r.Sequence]; !late || end > missed {
				counts[fmt.Sprintf("%s %s %d", r.kind, r.key, end)]++
			}
		}
	}
	return counts
}

// lastCounts are the counts of the rows as they fired last; each time, there are more.
func lastCounts(r *rapid.T, rows []record.Fired) map[string]int64 {
	counts := make(map[string]int64)
	for i := range rows {
		id := fmt.Sprintf("%s %s %d", rows[i].Kind, rows[i].Key, rows[i].WindowEnd)
		if rows[i].Count <= counts[id] {
			r.Fatalf("row %s fired with %d after %d", id, rows[i].Count, counts[id])
		}
		counts[id] = rows[i].Count
	}
	return counts
}

func sortRows(rows []record.Fired) {
	slices.SortFunc(rows, func(a, b record.Fired) int {
		return cmp.Or(cmp.Compare(a.WindowStart, b.WindowStart), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Count, b.Count))
	})
}

func sequences(ids []record.ID) []string {
	var all []string
	for _, id := range ids {
		all = append(all, id.Sequence)
	}
	slices.Sort(all)
	return all
}
