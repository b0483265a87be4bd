package aggregator

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

// model is the aggregator as a page of a textbook has it: one record after the other, nothing in parallel, the minimum computed
// anew each time. It knows its records as numbers, not as bytes.
type model struct {
	size, lag  int64
	watermarks map[string]int64
	rows       map[record.RowID]*modelRow
	fired      []record.Fired
	late       []string
	read       int
}

type modelRow struct {
	record.Fired
	values []int64
}

func (m *model) watermark() int64 {
	least := int64(math.MaxInt64)
	for _, w := range m.watermarks {
		least = min(least, w)
	}
	return least
}

func (m *model) take(shard string, r *modelRecord) {
	if r.unreadable {
		m.read++
		return
	}
	if !r.flush {
		m.read++
		m.count(r)
	}
	m.watermarks[shard] = max(m.watermarks[shard], r.ts-m.lag)
	for id, row := range m.rows {
		if row.WindowEnd-1 <= m.watermark() {
			m.fire(id, row, r)
		}
	}
}

func (m *model) count(r *modelRecord) {
	start := int64(math.Floor(float64(r.ts)/float64(m.size))) * m.size
	if start+m.size-1 <= m.watermark() {
		m.late = append(m.late, r.Sequence)
		return
	}
	id := record.RowID{Kind: r.kind, Key: r.key, WindowStart: start}
	row := m.rows[id]
	if row == nil {
		row = &modelRow{Fired: record.Fired{Row: record.Row{RowID: id, WindowEnd: start + m.size}, Newest: r.Due}}
		m.rows[id] = row
	}
	row.Count++
	row.Newest = max(row.Newest, r.Due)
	if r.hasValue {
		row.values = append(row.values, r.value)
	}
}

func (m *model) fire(id record.RowID, row *modelRow, by *modelRecord) {
	row.Trigger, row.Flushed = by.Due, by.flush
	if len(row.values) > 0 {
		sum := int64(0)
		for _, v := range row.values {
			sum += v
		}
		row.Sum = strconv.FormatInt(sum, 10)
		row.Min = strconv.FormatInt(slices.Min(row.values), 10)
		row.Max = strconv.FormatInt(slices.Max(row.values), 10)
	}
	m.fired = append(m.fired, row.Fired)
	delete(m.rows, id)
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
	return Config{
		Parallelism:    rapid.IntRange(1, 4).Draw(t, "parallelism"),
		Window:         time.Duration(rapid.IntRange(1, 20).Draw(t, "window")) * time.Millisecond,
		OutOfOrderness: time.Duration(rapid.IntRange(0, 10).Draw(t, "out of orderness")) * time.Millisecond,
		Minus1ms:       rapid.Bool().Draw(t, "minus 1 ms"),
		QueuePages:     rapid.IntRange(1, 3).Draw(t, "queue"),
	}
}

func lagOf(config *Config) int64 {
	if config.Minus1ms {
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
		m := &model{
			size: config.Window.Milliseconds(), lag: lagOf(&config),
			watermarks: make(map[string]int64), rows: make(map[record.RowID]*modelRow),
		}
		for _, shard := range stream.shards {
			m.watermarks[shard.ID] = math.MinInt64
		}
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
		if int(s.Read) != m.read || s.Counted+s.Late+s.Unreadable != s.Read || s.Watermark != m.watermark() {
			r.Fatalf("status %+v, model read %d, watermark %d", s, m.read, m.watermark())
		}
	})
}

// With several source subtasks the outcome depends on who comes first, within bounds: nothing is lost, no row fires twice, a
// late record is late by its own shard's watermark, and rows and late records together are all readable records.
func TestSeveralSourceSubtasksKeepTheBounds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := drawConfig(r)
		stream := drawStream(r, shardsOf(rapid.IntRange(1, 6).Draw(r, "shards")))
		for i, shard := range stream.shards {
			stream.pages = append(stream.pages, record.Page{Shard: shard.ID, Records: []record.Stored{flush(1000 + i)}})
		}
		got := aggregate(t, config, &stream.memory)
		if got.err != nil {
			r.Fatal(got.err)
		}
		mayDrop := ownLate(stream, &config)
		late := make(map[string]bool)
		for _, id := range got.late {
			if late[id.Sequence] || !mayDrop[id.Sequence] || id.Shard != stream.shard[id.Sequence] {
				r.Fatalf("%v is late, which its own shard does not say", id)
			}
			late[id.Sequence] = true
		}
		if diff := gocmp.Diff(countRows(stream, &config, late), countsOf(r, got.rows)); diff != "" {
			r.Fatal(diff)
		}
		if s := got.status; s.Counted+s.Late+s.Unreadable != s.Read || s.Watermark < 1e12 {
			r.Fatalf("%+v", s)
		}
	})
}

// ownLate are the records that are late by the watermark of their own shard.
func ownLate(stream *drawn, config *Config) map[string]bool {
	late, greatest := make(map[string]bool), make(map[string]int64)
	for _, r := range stream.order {
		shard := stream.shard[r.Sequence]
		ts, seen := greatest[shard]
		if r.unreadable {
			continue
		}
		end := windowEnd(r.ts, config.Window.Milliseconds())
		late[r.Sequence] = !r.flush && seen && end-1 <= ts-lagOf(config)
		if !seen || r.ts > ts {
			greatest[shard] = r.ts
		}
	}
	return late
}

func windowEnd(ts, size int64) int64 {
	return int64(math.Floor(float64(ts)/float64(size)))*size + size
}

// countRows counts the records of each row, but for the late ones.
func countRows(stream *drawn, config *Config, late map[string]bool) map[string]int64 {
	counts := make(map[string]int64)
	for _, r := range stream.order {
		if !r.flush && !r.unreadable && !late[r.Sequence] {
			end := windowEnd(r.ts, config.Window.Milliseconds())
			counts[fmt.Sprintf("%s %s %d", r.kind, r.key, end)]++
		}
	}
	return counts
}

func countsOf(r *rapid.T, rows []record.Fired) map[string]int64 {
	counts := make(map[string]int64)
	for i := range rows {
		id := fmt.Sprintf("%s %s %d", rows[i].Kind, rows[i].Key, rows[i].WindowEnd)
		if counts[id] != 0 {
			r.Fatalf("row %s fired twice", id)
		}
		counts[id] = rows[i].Count
	}
	return counts
}

func sortRows(rows []record.Fired) {
	slices.SortFunc(rows, func(a, b record.Fired) int {
		return cmp.Or(cmp.Compare(a.WindowStart, b.WindowStart), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
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
