// Package oracle computes the exact rows that a pipeline must make of what was stored, and compares them with the rows in the
// table. It is a second witness: it shares no code with the aggregator and its windows.
//
// With more than one shard the aggregator's watermark is a minimum over shards, so which records come late depends on how the
// reads of the shards interleave. The oracle knows only each shard's own watermark, which is never below that minimum: a record
// that is late by it is a may-drop, and no other record may be dropped.
//
//   - A row without may-drops must match exactly.
//   - Else it must equal the sum without those records that the aggregator reported late, each of which must be a may-drop.
//   - With one shard the two watermarks are the same one, so that each may-drop is a must-drop, reported or not.
//   - A row all of whose records were dropped is not expected.
//
// A shard that came of a reshard is read once those that it came of were read to their ends, and holds the minimum from the moment at which the first
// of them ended. The minimum cannot have passed any of them before: so a record of the new shard is a may-drop by the watermark that its parents ended
// with, the least of them, or by its own. A stream that was resharded is as one with several shards.
package oracle

import (
	"strings"
	"sync"
	"time"

	"weir/record"
)

// Config is what an oracle is made with.
type Config struct {
	// Window is the size of the tumbling windows, at least a millisecond.
	Window time.Duration
	// OutOfOrderness is how far a shard's watermark stays behind its greatest event time.
	OutOfOrderness time.Duration
	// Minus1ms holds the watermark back by one more millisecond, as Flink's DataStream does.
	Minus1ms bool
	// Shards is the number of shards of the input stream. At one, every may-drop is a must-drop.
	Shards int
}

// Oracle collects what was stored. It is safe for concurrent use.
type Oracle struct {
	config Config
	size   int64 // of the window, in milliseconds
	behind int64 // of the watermark, in milliseconds

	mu     sync.Mutex
	single bool // the stream has one shard, and always had
	shards map[string]*greatest
	// parents are those of the shards that came of a reshard.
	parents map[string][]string
	rows    map[record.RowID]*row
	late    map[record.ID]struct{}
}

// greatest is the greatest event time of a shard.
type greatest struct {
	time  int64
	known bool
}

// row is what is expected of one row.
type row struct {
	sure     aggregate
	mayDrops []mayDrop
}

// mayDrop is a record that was late by its own shard's watermark.
type mayDrop struct {
	id    record.ID
	value decimal
	has   bool
}

// New makes an oracle that expects nothing yet.
func New(config Config) *Oracle {
	o := &Oracle{
		config: config, size: max(1, config.Window.Milliseconds()), behind: config.OutOfOrderness.Milliseconds(),
		single: config.Shards == 1, parents: make(map[string][]string),
		shards: make(map[string]*greatest), rows: make(map[record.RowID]*row), late: make(map[record.ID]struct{}),
	}
	if config.Minus1ms {
		o.behind++
	}
	return o
}

// Resharded is told of the stream's shards with their parents, as soon as one is new.
func (o *Oracle) Resharded(shards []record.Shard) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.single = false
	for i := range shards {
		if len(shards[i].Parents) > 0 {
			o.parents[shards[i].ID] = shards[i].Parents
		}
	}
}

// greatest is that of a shard. One that is new begins with the least of its parents', all of whose records were added before.
func (o *Oracle) greatest(shard string) *greatest {
	if g := o.shards[shard]; g != nil {
		return g
	}
	g := &greatest{}
	for i, parent := range o.parents[shard] {
		if p := o.greatest(parent); i == 0 || !p.known || p.time < g.time {
			*g = *p
		}
		if !g.known {
			break
		}
	}
	o.shards[shard] = g
	return g
}

// Add takes stored records of one shard, in the order of their sequence numbers over all calls for that shard. An unreadable
// event adds to no row and leaves the watermark where it is.
func (o *Oracle) Add(shard string, sends []record.Send) {
	o.mu.Lock()
	defer o.mu.Unlock()
	g := o.greatest(shard)
	for i := range sends {
		o.add(g, record.ID{Shard: shard, Sequence: sends[i].Sequence}, &sends[i].Event)
	}
}

func (o *Oracle) add(g *greatest, id record.ID, event *record.Event) {
	if event.Unreadable {
		return
	}
	value, has, ok := readValue(event.Value)
	if !ok {
		return
	}
	start := o.windowStart(event.Time)
	r := o.row(record.RowID{Kind: event.Kind, Key: event.Key, WindowStart: start})
	late := g.known && start+o.size-1 <= g.time-o.behind
	if !g.known || event.Time > g.time {
		g.time, g.known = event.Time, true
	}
	if late {
		r.mayDrops = append(r.mayDrops, mayDrop{id: kept(id), value: value, has: has})
		return
	}
	r.sure.add(value, has)
}

// kept is an id that is kept: the strings of one that was just read share the memory of a whole answer.
func kept(id record.ID) record.ID {
	id.Shard, id.Sequence = strings.Clone(id.Shard), strings.Clone(id.Sequence)
	return id
}

// row finds or makes a row. Its names are copied, so that they do not keep the data of a whole record in memory.
func (o *Oracle) row(id record.RowID) *row {
	r := o.rows[id]
	if r == nil {
		r = &row{}
		id.Kind, id.Key = strings.Clone(id.Kind), strings.Clone(id.Key)
		o.rows[id] = r
	}
	return r
}

// windowStart is the start of the window that holds an event time, also before 1970.
func (o *Oracle) windowStart(ms int64) int64 {
	into := ms % o.size
	if into < 0 {
		into += o.size
	}
	return ms - into
}

// Late takes a record that the aggregator reported as late and dropped; it may come before or after the record's Add.
func (o *Oracle) Late(ids ...record.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		o.late[kept(id)] = struct{}{}
	}
}

// MayDrops is the number of records that were late by the watermark of their own shard: at one shard, those that must be dropped.
func (o *Oracle) MayDrops() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, r := range o.rows {
		n += len(r.mayDrops)
	}
	return n
}
