package simulator

import (
	"slices"
	"time"

	"weir/limits"
)

// How a direct pipeline's handler is called; see weir/routing.
const (
	directBatch    = 25
	directLinger   = 5 * time.Millisecond
	directInFlight = 4
	directQueue    = 10_000
)

// direct hands rows to the table, several calls at once.
type direct struct {
	world   *world
	rows    []int32
	oldest  time.Duration
	working int
	waiting []blocked
	look    time.Duration
}

// blocked are rows that found no room.
type blocked struct {
	rows []int32
	then func()
}

func (d *direct) put(rows []int32, then func()) {
	d.world.open += len(rows)
	if len(d.waiting) > 0 {
		d.waiting = append(d.waiting, blocked{rows, then})
		return
	}
	d.add(rows, then)
}

func (d *direct) add(rows []int32, then func()) {
	n := min(len(rows), directQueue-len(d.rows))
	if n > 0 && len(d.rows) == 0 {
		d.oldest = d.world.clock.now
	}
	d.rows = append(d.rows, rows[:n]...)
	if n < len(rows) {
		d.waiting = append([]blocked{{rows[n:], then}}, d.waiting...)
		d.work()
		return
	}
	d.work()
	then()
}

// work hands over what is worth a call.
func (d *direct) work() {
	now := d.world.clock.now
	for d.working < directInFlight && len(d.rows) > 0 {
		if len(d.rows) < directBatch && now < d.oldest+directLinger {
			if at := d.oldest + directLinger; d.look != at {
				d.look = at
				d.world.clock.at(at, d.work)
			}
			return
		}
		n := min(directBatch, len(d.rows))
		rows := slices.Clone(d.rows[:n])
		d.rows = d.rows[n:]
		d.oldest = now
		d.working++
		d.world.table.put(rows, 0, func() {
			d.working--
			d.work()
		})
		d.room()
	}
}

// room lets in what waits.
func (d *direct) room() {
	if len(d.waiting) == 0 || len(d.rows) >= directQueue {
		return
	}
	next := d.waiting[0]
	d.waiting = d.waiting[1:]
	d.world.clock.at(d.world.clock.now, func() { d.add(next.rows, next.then) })
}

// table is the table: its write units, and what a new one begins with.
type table struct {
	world *world
	units *limits.Bucket
	most  float64
	sizes []float64 // write units of an item, by row key
	bytes []int32   // the same, in bytes
	// throttled counts the items that it left unprocessed.
	throttled int64
}

// What a table's client does by default; see weir/table.
const (
	firstTablePause   = 25 * time.Millisecond
	longestTablePause = 2 * time.Second
	tableInFlight     = 4
)

// itemOverhead is the names and the fixed values of an item, in bytes.
const itemOverhead = 140

func newTable(w *world) *table {
	n := len(w.trace.Rows)
	t := &table{world: w, sizes: make([]float64, n), bytes: make([]int32, n)}
	rate := float64(w.scenario.Pipeline.Table.WriteCapacity)
	t.most = rate * limits.SavedCapacitySeconds
	if rate == 0 {
		rate = limits.OnDemandWritesPerSecond
		t.most = rate
	}
	t.units = limits.NewBucket(rate, t.most)
	t.units.Spend(0, t.most-rate) // a new table has a second's worth
	for i := range t.sizes {
		key := &w.trace.Rows[i]
		t.sizes[i], t.bytes[i] = ItemUnits(len(key.Kind), len(key.Key)), int32(itemBytes(len(key.Kind), len(key.Key)))
	}
	return t
}

// ItemUnits are the write units of a row's item: one for each KiB, or part of one.
func ItemUnits(kind, key int) float64 {
	const kib = 1024
	return float64((itemBytes(kind, key) + kib - 1) / kib)
}

func itemBytes(kind, key int) int { return itemOverhead + 2*(kind+key) }

// put writes up to 25 rows, and again those that the table leaves unprocessed.
func (t *table) put(rows []int32, attempt int, then func()) {
	m := &t.world.machine
	t.world.clock.after(m.Table+time.Duration(len(rows))*m.TableItem+draw(t.world.draws.Table), func() {
		left := t.take(rows)
		if len(left) == 0 {
			then()
			return
		}
		longest := min(longestTablePause, firstTablePause<<min(attempt, 10))
		pause := longest/2 + time.Duration(t.world.random.Int64N(int64(longest/2)))
		t.world.clock.after(pause, func() { t.put(left, attempt+1, then) })
	})
}

// take writes the rows for which there are units.
func (t *table) take(rows []int32) (left []int32) {
	now := t.world.clock.now
	written := rows[:0:0]
	for _, id := range rows {
		units := t.sizes[t.world.rows[id].key]
		if t.units.Level(now) < min(units, t.most) {
			left = append(left, id)
			t.throttled++
			continue
		}
		t.units.Spend(now, units)
		written = append(written, id)
	}
	t.world.open -= len(written)
	t.world.measures.written(written)
	return left
}

// handle writes any number of rows, several calls at once, and goes on when all are written.
func (t *table) handle(rows []int32, then func()) {
	var calls [][]int32
	for chunk := range slices.Chunk(rows, limits.BatchWriteItems) {
		calls = append(calls, chunk)
	}
	next, open := 0, len(calls)
	var work func()
	work = func() {
		if next == len(calls) {
			return
		}
		call := calls[next]
		next++
		t.put(call, 0, func() {
			if open--; open == 0 {
				then()
				return
			}
			work()
		})
	}
	for range min(tableInFlight, len(calls)) {
		work()
	}
}
