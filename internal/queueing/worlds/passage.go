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

// AWS's limits, as "Quotas and limits" of Kinesis and the Developer Guide of DynamoDB state them.
var (
	shardRecords = queueing.Allowance{PerSecond: 1000, Saves: 1, Has: 1}
	shardBytes   = queueing.Allowance{PerSecond: 1 << 20, Saves: 1, Has: 1}
)

func ofShard(item *queueing.Item) []float64 { return []float64{1, float64(item.Bytes)} }

// arrival is a record of the load.
type arrival struct {
	due                     time.Duration
	partitionKey, kind, key string
	bytes                   int64
}

// Slack is how much later than at once a thing may happen in a run: by the network, which the model does not have, and by polls, whose moments it does not know.
type Slack struct{ Write, Poll, OutputPoll time.Duration }

// Passage is a load on its way through a pipeline: the whole of each backlog, and the parts that lie in front of what holds it up.
type Passage struct {
	// Input and its parts: "writer: handed over, and not known to be stored"; "stream" and "engine": stored, and not processed.
	Input, Writer, Engine *queueing.Backlog
	// Output and its parts are nil in a direct pipeline, and Table in a routed one, whose functions hand over what they have in one invocation.
	Output, OutputWriter, Function, Table *queueing.Backlog
	// Unflushed is the backlog of the output, or of the table in a direct pipeline, without the rows that the end of the run fires.
	Unflushed *queueing.Backlog
}

// through has a load go through the pipeline of a scenario, whose clock on the wall says epoch when the feed starts.
func through(s *scenarios.Scenario, load []arrival, epoch time.Time, late Slack) *Passage {
	p := &Passage{}
	rows := fired(s, load, p.input(s, load, late), epoch)
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
		queueing.Pass(own, []queueing.Allowance{shardRecords, shardBytes}, ofShard)
	}
	var whole, behind []*queueing.Item
	for i, item := range stored {
		taken := *item
		taken.Comes = item.Leaves + late.Poll
		processed[i].Item = &taken
		whole, bySubtask[processed[i].subtask] = append(whole, &taken), append(bySubtask[processed[i].subtask], &taken)
	}
	for _, own := range bySubtask {
		slices.SortStableFunc(own, func(a, b *queueing.Item) int { return cmp.Compare(a.Comes, b.Comes) })
		queueing.Server(own, 1, cost(s))
	}
	for i, item := range whole {
		at := *item
		at.Enters = stored[i].Leaves
		behind = append(behind, &at)
	}
	p.Input, p.Writer, p.Engine = queueing.NewBacklog(whole), queueing.NewBacklog(stored), queueing.NewBacklog(behind)
	return processed
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
// row goes when the watermark is at its window's end and what its subtask had before is processed. What is left is fired at the end of the run.
func fired(s *scenarios.Scenario, load []arrival, at []engine, epoch time.Time) []row {
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
		trigger, ok := t.of(w + delay)
		for _, key := range slices.SortedFunc(maps.Keys(windows[w]), func(x, y span) int { return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.key, y.key)) }) {
			item := &queueing.Item{Flushed: true, Due: end, Enters: end, Bytes: bytesOf(&key, w-size)}
			if ok {
				enters := max(at[trigger].Comes, t.before(windows[w][key], at[trigger].Comes))
				item = &queueing.Item{Due: at[trigger].Due, Enters: enters, Bytes: item.Bytes}
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
	for _, own := range t.bySubtask {
		slices.SortStableFunc(own, func(a, b *queueing.Item) int { return cmp.Compare(a.Comes, b.Comes) })
	}
	return t
}

// of is the last to come of the shards' first records with that event time; a shard that has none such holds the watermark back.
func (t *triggers) of(event int64) (trigger int, ok bool) {
	trigger = -1
	for _, own := range t.byShard {
		n, _ := slices.BinarySearchFunc(own, event, func(i int, event int64) int { return cmp.Compare(t.event(i), event) })
		if n == len(own) {
			return -1, false
		}
		if i := own[n]; trigger < 0 || t.at[i].Comes > t.at[trigger].Comes {
			trigger = i
		}
	}
	return trigger, trigger >= 0
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
	whole := itemsOf(rows)
	for _, item := range whole {
		item.Comes = item.Enters
	}
	written(s, whole)
	p.Table, p.Unflushed = queueing.NewBacklog(whole), queueing.NewBacklog(unflushed(whole))
}

// routed brings rows to the shards of the output, to the function of the route [Slow], and to the table. Every other route is done with a row sooner.
func (p *Passage) routed(s *scenarios.Scenario, rows []row, late Slack) {
	byShard := make([][]*queueing.Item, s.Pipeline.Output.Shards)
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.Enters, b.Enters) })
	for _, r := range rows {
		r.Comes = r.Enters + late.Write
		shard := shardOf(r.kind+"|"+r.key, len(byShard))
		byShard[shard] = append(byShard[shard], r.Item)
	}
	batch, takes, writes := function(s)
	var stored, behind, whole []*queueing.Item
	for _, own := range byShard {
		queueing.Pass(own, []queueing.Allowance{shardRecords, shardBytes}, ofShard)
		for _, item := range own {
			up := *item
			stored = append(stored, &up)
			item.Comes = item.Leaves + late.OutputPoll
		}
		queueing.Server(own, batch, takes)
		whole = append(whole, own...)
	}
	if writes {
		for _, item := range whole {
			item.Comes = item.Leaves
		}
		written(s, whole)
	}
	for i, item := range whole {
		at := *item
		at.Enters = stored[i].Leaves
		behind = append(behind, &at)
	}
	p.Output, p.OutputWriter, p.Function = queueing.NewBacklog(whole), queueing.NewBacklog(stored), queueing.NewBacklog(behind)
	p.Unflushed = queueing.NewBacklog(unflushed(whole))
}

// function is that of the route [Slow].
func function(s *scenarios.Scenario) (batch int, takes time.Duration, writes bool) {
	route := s.Pipeline.Routes[Slow]
	if route.Handler == nil {
		return 1, 0, true
	}
	if slow := route.Handler.Slow; slow != nil {
		takes = time.Duration(*slow.Fixed)
	}
	return route.BatchSize, takes, route.Handler.To == scenarios.ToTable
}

// written has rows acknowledged by the table, in the order in which they come. A row of less than 1 KB costs one unit.
func written(s *scenarios.Scenario, rows []*queueing.Item) {
	slices.SortStableFunc(rows, func(a, b *queueing.Item) int { return cmp.Compare(a.Comes, b.Comes) })
	capacity := s.Pipeline.Table.WriteCapacity
	if capacity == 0 {
		capacity = 4000
	}
	queueing.Pass(rows, []queueing.Allowance{{PerSecond: float64(capacity), Saves: 300, Has: 1}}, func(*queueing.Item) []float64 { return []float64{1} })
}

func itemsOf(rows []row) []*queueing.Item {
	items := make([]*queueing.Item, len(rows))
	for i := range rows {
		items[i] = rows[i].Item
	}
	return items
}

func unflushed(rows []*queueing.Item) []*queueing.Item {
	return slices.DeleteFunc(slices.Clone(rows), func(item *queueing.Item) bool { return item.Flushed })
}
