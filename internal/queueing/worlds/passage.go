package worlds

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/internal/queueing"
	"weir/scenarios"
)

// arrival is a record of the load.
type arrival struct {
	due                     time.Duration
	partitionKey, kind, key string
	bytes                   int64
}

// Slack is how much later than at once a thing may happen in a run: by the network, which the model does not have, and by polls, whose moments it does not know.
type Slack struct{ Write, Poll, OutputPoll time.Duration }

// Items are what goes through a place, in the order of the load or of the rows.
type Items []*queueing.Item

// Backlog is what waits of them.
func (items Items) Backlog() *queueing.Backlog { return queueing.NewBacklog(items) }

// Without leaves out some of them.
func (items Items) Without(these func(*queueing.Item) bool) Items {
	return slices.DeleteFunc(slices.Clone(items), these)
}

// Ever is after all that happens.
const Ever = 1000 * time.Hour

// Between are the least and the most that waits of items of which it is known when they enter and leave at the earliest and at the latest.
func Between(early, late Items) (least, most *queueing.Backlog) {
	var few, many Items
	for i := range early {
		e, l := *early[i], *late[i]
		e.Enters, e.Leaves, e.Due = early[i].Enters, late[i].Leaves, min(early[i].Due, late[i].Due)
		l.Enters, l.Leaves, l.Due = late[i].Enters, max(late[i].Enters, early[i].Leaves), max(early[i].Due, late[i].Due)
		few, many = append(few, &l), append(many, &e)
	}
	return few.Backlog(), many.Backlog()
}

// Passage is a load on its way through a pipeline: the whole of each backlog, and its parts in front of the first limit and behind it.
type Passage struct {
	// Input is the whole, Writer the part "handed over, and not known to be stored", and Engine what is stored and not processed: the parts stream and engine.
	Input, Writer, Engine Items
	// Output and its parts are nil in a direct pipeline: Writer is fired and not stored, Function is stored and not done with.
	Output, OutputWriter, Function Items
	// Table is nil in a routed pipeline, whose functions hand over what they have in one invocation.
	Table Items

	outputShards []Items
}

// through has a load go through the pipeline of a scenario, whose clock on the wall says epoch when the feed starts.
func through(s *scenarios.Scenario, load []arrival, epoch time.Time, late Slack) *Passage {
	p := &Passage{}
	rows := fired(s, load, p.input(s, load, late), epoch, late.Poll > 0)
	if s.Pipeline.Shape == scenarios.Direct {
		p.direct(s, rows)
	} else {
		p.routed(s, rows, late)
	}
	return p
}

// engine is a record at its window subtask.
type engine struct {
	*queueing.Item
	shard, subtask int
}

// input brings a load to the shards, and from there to the window subtasks.
func (p *Passage) input(s *scenarios.Scenario, load []arrival, late Slack) (processed []engine) {
	var stored []*queueing.Item
	shards, parallelism := s.Pipeline.Input.Shards, s.Pipeline.Aggregator.Parallelism
	byShard, bySubtask := make([][]*queueing.Item, shards), make([][]*queueing.Item, parallelism)
	for i := range load {
		r := &load[i]
		item := &queueing.Item{Due: r.due, Enters: r.due, Comes: r.due + late.Write, Bytes: r.bytes}
		shard := shardOf(r.partitionKey, shards)
		stored, byShard[shard] = append(stored, item), append(byShard[shard], item)
		processed = append(processed, engine{shard: shard, subtask: subtaskOf(r.kind, r.key, parallelism)})
	}
	for _, own := range byShard {
		queueing.Pass(own)
	}
	var whole, behind Items
	for i, item := range stored {
		taken := *item
		taken.Comes = item.Leaves + late.Poll
		processed[i].Item = &taken
		whole, bySubtask[processed[i].subtask] = append(whole, &taken), append(bySubtask[processed[i].subtask], &taken)
	}
	for _, own := range bySubtask {
		queueing.Server(inTurn(own), 1, queueing.For(cost(s)))
	}
	for i, item := range whole {
		at := *item
		at.Enters = stored[i].Leaves
		behind = append(behind, &at)
	}
	p.Input, p.Writer, p.Engine = whole, stored, behind
	return processed
}

// Read splits what is stored of the input at its reading, for a pipeline of one shard and one subtask: "a source subtask holds at most capacity + 2 fetches that are
// read and not processed; what it has processed goes to the window subtasks, each of which holds at most its parts of five more". largest is how many records a fetch
// has at most.
func (p *Passage) Read(s *scenarios.Scenario) (stream, engine Items, largest int64) {
	a := &s.Pipeline.Aggregator
	var stored Items
	for i, item := range p.Engine {
		at := *item
		at.Comes = p.Writer[i].Leaves
		stored = append(stored, &at)
	}
	read, most := queueing.Fetch(stored, a.SourceShardGetRecordsMaxRecordCount, a.SourceReaderElementQueueCapacity+2+5, time.Duration(a.Poll))
	for i, item := range stored {
		up, down := *item, *item
		at := min(read[i], item.Leaves)
		up.Leaves, down.Enters = at, at
		stream, engine = append(stream, &up), append(engine, &down)
	}
	return stream, engine, int64(most)
}

// cost is what a record costs in its window subtask; worlds have it fixed.
func cost(s *scenarios.Scenario) time.Duration {
	if c := s.Pipeline.Aggregator.Cost; c != nil && c.Wait != nil {
		return time.Duration(*c.Wait.Fixed)
	}
	return 0
}

// row is what a window subtask fires.
type row struct {
	*queueing.Item
	kind, key string
}

// span is a window of a key.
type span struct {
	end       int64
	kind, key string
}

// fired are the rows of a load. "The watermark is the greatest event time less the out-of-orderness. Each shard has one, and the least of them counts", and a
// row goes when the watermark comes to its window's end less one millisecond, and what its subtask had before is processed. What is left is fired at the end of the run.
func fired(s *scenarios.Scenario, load []arrival, at []engine, epoch time.Time, oldest bool) []row {
	a := &s.Pipeline.Aggregator
	size, slide, delay := time.Duration(a.Window).Milliseconds(), a.SlideOrWindow().Milliseconds(), time.Duration(a.OutOfOrderness).Milliseconds()
	event := func(i int) int64 { return epoch.Add(load[i].due).UnixMilli() }
	windows := make(map[int64]map[span]int) // by their ends; the number is of the subtask
	end := time.Duration(0)
	for i := range load {
		for first := (event(i)/slide + 1) * slide; first <= event(i)/slide*slide+size; first += slide {
			if windows[first] == nil {
				windows[first] = make(map[span]int)
			}
			windows[first][span{first, load[i].kind, load[i].key}] = at[i].subtask
		}
		end = max(end, at[i].Leaves)
	}
	t := newTriggers(s, at, event)
	var rows []row
	for _, w := range slices.Sorted(maps.Keys(windows)) {
		trigger, due, ok := t.of(w + delay - 1)
		if !oldest && ok {
			due = at[trigger].Due
		}
		for _, key := range slices.SortedFunc(maps.Keys(windows[w]), func(x, y span) int { return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.key, y.key)) }) {
			item := &queueing.Item{Flushed: true, Due: end, Enters: end, Bytes: bytesOf(&key, w-size)}
			if ok {
				enters := max(at[trigger].Comes, t.before(windows[w][key], at[trigger].Comes))
				item = &queueing.Item{Due: due, Enters: enters, Bytes: item.Bytes}
			}
			rows = append(rows, row{item, key.kind, key.key})
		}
	}
	return rows
}

// triggers finds the record that takes the watermark past the end of a window.
type triggers struct {
	at        []engine
	event     func(i int) int64
	byShard   [][]int // the records that raise the shard's watermark
	bySubtask [][]*queueing.Item
}

func newTriggers(s *scenarios.Scenario, at []engine, event func(int) int64) *triggers {
	t := &triggers{at: at, event: event, byShard: make([][]int, s.Pipeline.Input.Shards), bySubtask: make([][]*queueing.Item, s.Pipeline.Aggregator.Parallelism)}
	for i := range at {
		t.byShard[at[i].shard] = append(t.byShard[at[i].shard], i)
		t.bySubtask[at[i].subtask] = append(t.bySubtask[at[i].subtask], at[i].Item)
	}
	for i, own := range t.bySubtask {
		t.bySubtask[i] = inTurn(own)
	}
	return t
}

// of is the last to come of the shards' first records with that event time; a shard that has none such holds the watermark back. Which comes last hangs on polls,
// so that the row may be due when the oldest of them was.
func (t *triggers) of(event int64) (trigger int, oldest time.Duration, ok bool) {
	trigger = -1
	for _, own := range t.byShard {
		n, _ := slices.BinarySearchFunc(own, event, func(i int, event int64) int { return cmp.Compare(t.event(i), event) })
		if n == len(own) {
			return -1, 0, false
		}
		i := own[n]
		if trigger < 0 || t.at[i].Due < oldest {
			oldest = t.at[i].Due
		}
		if trigger < 0 || t.at[i].Comes > t.at[trigger].Comes {
			trigger = i
		}
	}
	return trigger, oldest, trigger >= 0
}

// before is when a subtask is done with what came to it until then.
func (t *triggers) before(subtask int, comes time.Duration) time.Duration {
	own := t.bySubtask[subtask]
	n, _ := slices.BinarySearchFunc(own, comes+1, func(item *queueing.Item, comes time.Duration) int { return cmp.Compare(item.Comes, comes) })
	if n == 0 {
		return 0
	}
	return own[n-1].Leaves
}

// bytesOf is how large a row is on the output stream: its JSON and its partition key, kind|key.
func bytesOf(key *span, start int64) int64 {
	window := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano) }
	text, _ := json.Marshal(struct {
		Kind        string   `json:"kind"`
		Key         []string `json:"key"`
		WindowStart string   `json:"window_start"`
		WindowEnd   string   `json:"window_end"`
		Count       int64    `json:"count"`
	}{key.kind, strings.Split(key.key, "|"), window(start), window(key.end), 1}) // text alone: it cannot fail
	return int64(len(text) + min(256, len(key.kind)+1+len(key.key)))
}

// direct brings rows to the table.
func (p *Passage) direct(s *scenarios.Scenario, rows []row) {
	for _, r := range rows {
		r.Comes = r.Enters
		p.Table = append(p.Table, r.Item)
	}
	units := table(s)
	for _, item := range inTurn(p.Table) {
		item.Leaves = units.Take(item.Comes, 1)
	}
}

// routed brings rows to the shards of the output, to the function of the route [Slow], and to the table. Every other route is done with a row sooner.
func (p *Passage) routed(s *scenarios.Scenario, rows []row, late Slack) {
	byShard := make([][]*queueing.Item, s.Pipeline.Output.Shards)
	for _, r := range rows {
		up := *r.Item
		up.Comes = up.Enters + late.Write
		shard := shardOf(r.kind+"|"+r.key, len(byShard))
		p.OutputWriter, byShard[shard] = append(p.OutputWriter, &up), append(byShard[shard], &up)
	}
	for i, own := range byShard {
		own = inTurn(own)
		byShard[i] = nil
		queueing.Pass(own)
	}
	for i, r := range rows {
		down := r.Item
		down.Comes = p.OutputWriter[i].Leaves + late.OutputPoll
		shard := shardOf(r.kind+"|"+r.key, len(byShard))
		p.Output, byShard[shard] = append(p.Output, down), append(byShard[shard], down)
	}
	batch, takes := function(s)
	for _, own := range byShard {
		queueing.Server(inTurn(own), batch, takes)
		p.outputShards = append(p.outputShards, own)
	}
	for i, item := range p.Output {
		at := *item
		at.Enters = p.OutputWriter[i].Leaves
		p.Function = append(p.Function, &at)
	}
}

// inTurn are items in the order in which they come.
func inTurn(items []*queueing.Item) []*queueing.Item {
	return slices.SortedStableFunc(slices.Values(items), func(a, b *queueing.Item) int { return cmp.Compare(a.Comes, b.Comes) })
}

// function is that of the route [Slow]: it takes its time, or that of the table: "until its invocation succeeded".
func function(s *scenarios.Scenario) (batch int, takes func(time.Duration, []*queueing.Item) time.Duration) {
	route := s.Pipeline.Routes[Slow]
	if units := table(s); route.Handler == nil && s.Pipeline.Table.WriteCapacity > 0 {
		return route.BatchSize, func(begins time.Duration, batch []*queueing.Item) time.Duration {
			return units.Take(begins, float64(len(batch)))
		}
	}
	if h := route.Handler; h != nil && h.Slow != nil {
		return route.BatchSize, queueing.For(time.Duration(*h.Slow.Fixed))
	}
	return route.BatchSize, queueing.For(0)
}

// table is what the table takes. "4,000 writes a second" on demand. A row of less than 1 KB costs one unit.
func table(s *scenarios.Scenario) *queueing.Allowance {
	if capacity := s.Pipeline.Table.WriteCapacity; capacity > 0 {
		return queueing.NewAllowance(float64(capacity), 300, 1)
	}
	return queueing.NewAllowance(4000, 1, 1)
}
