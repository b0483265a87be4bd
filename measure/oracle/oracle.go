// Package oracle computes the exact rows that a pipeline must make of what was stored, and compares them with the rows in the
// table. It is a second witness: it shares no code with the aggregator and its windows.
//
// A watermark is a minimum over shards, so which records come late depends on how the reads of the shards interleave. The oracle knows
// how far a watermark can have been when a record was read: a record that is late by that is a may-drop of the windows that were over by then, and no
// other record may be dropped, from no other window.
//
//   - A row without may-drops must match exactly.
//   - Else it must equal the sum without those records that the aggregator reported late, each of which must be a may-drop of that window.
//   - With one shard whose every record counts there is only one watermark, so that each may-drop is a must-drop, reported or not.
//   - A row all of whose records were dropped is not expected.
//
// How far a watermark can have been hangs on its variant. Where each shard has its own, it is the shard's: the minimum is never above it. A shard
// that came of a reshard is read once those that it came of were read to their ends, and holds the minimum from the moment at which the first
// of them ended; the minimum cannot have passed any of them before, so a record of the new shard is a may-drop by the watermark that its parents ended
// with, the least of them, or by its own. Where other shards' records count as well, for they share a watermark or an idle shard holds none back, it
// is the one that the newest record of the whole stream makes. A stream that was resharded is as one with several shards.
package oracle

import (
	"math"
	"strings"
	"sync"
	"time"

	"weir/record"
)

// Config is what an oracle is made with.
type Config struct {
	// Window is the size of the windows, at least a millisecond; Slide the time between their starts, of which it is a whole number, 0 for the
	// size.
	Window, Slide time.Duration
	// AllowedLateness is how far the watermark may be past a window's end for a record to be counted in it.
	AllowedLateness time.Duration
	// Mean, where it is set, is the number of decimals of the rows' means.
	Mean *int
	// OutOfOrderness is how far a shard's watermark stays behind its greatest event time.
	OutOfOrderness time.Duration
	// Minus1ms holds the watermark back by one more millisecond, as Flink's DataStream does.
	Minus1ms bool
	// Shards is the number of shards of the input stream. At one, every may-drop is a must-drop.
	Shards int
	// Across says that a record may come late by records of other shards, too.
	Across bool
	// Periodic says that a watermark may lag behind the records that make it: at one shard, too, a may-drop is no must-drop.
	Periodic bool
}

// Oracle collects what was stored. It is safe for concurrent use.
type Oracle struct {
	config Config
	// All in milliseconds: the window's size and slide, and how long after its end, by the greatest event time, it is over.
	size, slide, after int64

	mu     sync.Mutex
	single bool // the stream has one shard, and always had
	shards map[string]*greatest
	// parents are those of the shards that came of a reshard.
	parents map[string][]string
	panes   panes
	// rewound says that the aggregator went back, stateless that it did so without a state and makes no row of windows that begin by incomplete.
	rewound, stateless bool
	incomplete         int64
	late               map[record.ID]int64 // the end of the last window that a record was reported to be too late for
}

// greatest is the greatest event time of a shard, and the end of the last window that is over by it.
type greatest struct {
	time, over int64
	known      bool
}

// asTheStream says that a window is over when the newest record of the whole stream says so.
const asTheStream = math.MaxInt64

// New makes an oracle that expects nothing yet.
func New(config Config) *Oracle {
	o := &Oracle{
		config: config, size: max(1, config.Window.Milliseconds()), slide: config.Slide.Milliseconds(),
		after:  (config.OutOfOrderness + config.AllowedLateness).Milliseconds(),
		single: config.Shards == 1 && !config.Periodic, parents: make(map[string][]string),
		shards: make(map[string]*greatest), panes: newPanes(), late: make(map[record.ID]int64),
	}
	if o.slide <= 0 {
		o.slide = o.size
	}
	if config.Minus1ms {
		o.after++
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
	start := o.paneStart(event.Time)
	p := o.panes.at(event.Kind, event.Key, start)
	over, late := g.over, g.known
	if !late || event.Time > g.time {
		o.advance(g, event.Time)
	}
	switch {
	case o.config.Across && !o.single:
		p.mayDrops = append(p.mayDrops, mayDrop{id: kept(id), over: asTheStream, value: value, has: has})
	case late && start+o.slide <= over:
		p.mayDrops = append(p.mayDrops, mayDrop{id: kept(id), over: over, value: value, has: has})
	default:
		p.sure.add(value, has)
	}
}

// advance raises a greatest event time.
func (o *Oracle) advance(g *greatest, time int64) {
	by := time - o.after + 1
	if !g.known || by-g.over >= o.slide {
		g.over = o.paneStart(by)
	}
	g.time, g.known = time, true
}

// kept is an id that is kept: the strings of one that was just read share the memory of a whole answer.
func kept(id record.ID) record.ID {
	id.Shard, id.Sequence = strings.Clone(id.Shard), strings.Clone(id.Sequence)
	return id
}

// paneStart is the start of the pane that holds a time, also before 1970. Windows end where panes start.
func (o *Oracle) paneStart(ms int64) int64 {
	into := ms % o.slide
	if into < 0 {
		into += o.slide
	}
	return ms - into
}

// Late takes records that the aggregator reported as late; the report may come before or after the record's Add.
func (o *Oracle) Late(late ...record.Late) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range late {
		o.late[kept(late[i].ID)] = late[i].Over
	}
}

// Exact says that which records have to be dropped is known, and not only which may be.
func (o *Oracle) Exact() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.single
}

// MayDrops is the number of records that may be missing from a window: at one shard, those that must be.
func (o *Oracle) MayDrops() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, p := range o.panes.all() {
		n += len(p.mayDrops)
	}
	return n
}
