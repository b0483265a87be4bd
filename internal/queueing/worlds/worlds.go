// Package worlds makes pipelines of known truth: each has one limit, and a load that is so many times what the limit lets through.
package worlds

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"weir/generator"
	"weir/record"
	"weir/scenarios"
)

// Limit is what holds a world's load up.
type Limit string

// The limits.
const (
	Shard    Limit = "shard"    // of the input: 1,000 records and 1 MiB a second
	Engine   Limit = "engine"   // the window subtasks, by the cost of a record
	Output   Limit = "output"   // a shard of the output stream
	Function Limit = "function" // a route's, by how long an invocation takes
	Table    Limit = "table"    // its write capacity
)

// Slow is the name of the route that takes its time, where one does.
const Slow = "slow"

// Loads are in times the limit.
var Loads = []float64{0.9, 0.98, 1.02, 1.05, 1.5}

// shares are how often each limit comes: those that cost a run much are rarer.
var shares = []Limit{
	Engine, Function, Table, Shard, Engine, Function, Table, Output, Engine, Function, Table, Engine, Shard, Function, Engine, Table, Engine, Function, Engine, Function,
}

// World is a pipeline and its load.
type World struct {
	Seed     uint64
	Limit    Limit
	Load     float64 // in times the limit
	Scenario *scenarios.Scenario
	// Where is the backlog that grows where the load is over the limit: input, output or table.
	Where string
	// Batch is how many records or rows pass the limit together.
	Batch int64
	// Every is the time from one record to the next, in the hold.
	Every time.Duration
	// Takes is how long the limit takes for a batch.
	Takes time.Duration
	// Rows is how many rows fire together, at most.
	Rows int64
	// Pause is the longest that a call of the table that was refused is not made again. What the table has saved up by then lets the rest through at once.
	Pause time.Duration
	// Blocks says that so much waits in front of the limit that there is no room for more, and what comes before it waits, too. The model has room for all.
	Blocks bool
	// InTurn says that what waits is taken in the order in which it was due. Where several shards are read in turn, one may be behind the others, and its records
	// are older than those of the one queue that the model has.
	InTurn bool
	// Hold is when the hold begins and ends, in time since the start of the feed.
	Hold [2]time.Duration

	leadIn time.Duration
	sets   []string
	load   []arrival
}

// New makes the world of a seed, whose hold takes that long.
func New(seed uint64, hold time.Duration) (*World, error) {
	r := rand.New(rand.NewPCG(seed, 18))
	w := &World{InTurn: true, Seed: seed, Load: Loads[seed%uint64(len(Loads))], Limit: shares[seed/uint64(len(Loads))%uint64(len(shares))]}
	return w, w.make(r, hold)
}

// Of makes a world of a seed with that limit and load.
func Of(seed uint64, limit Limit, load float64, hold time.Duration) (*World, error) {
	w := &World{InTurn: true, Seed: seed, Load: load, Limit: limit}
	return w, w.make(rand.New(rand.NewPCG(seed, 19)), hold)
}

func (w *World) make(r *rand.Rand, hold time.Duration) error {
	s := scenarios.Default()
	w.Scenario = &s
	s.Name, s.Seed = fmt.Sprintf("%s-%g-%d", w.Limit, w.Load, w.Seed), w.Seed
	w.set("drain_limit=30m")
	w.set("pipeline.input.queue=1GiB")
	w.set("pipeline.aggregator.out_of_orderness=%dms", 100+50*r.IntN(8))
	w.set("pipeline.aggregator.poll=%dms", []int{250, 500, 1000}[r.IntN(3)])
	var perSecond float64
	switch w.Limit {
	case Shard:
		perSecond = w.shard(r)
	case Engine:
		perSecond = w.engine(r)
	case Output:
		perSecond = w.output(r, hold)
	case Function:
		perSecond = w.function(r)
	case Table:
		perSecond = w.table(r)
	}
	w.Every = time.Duration(float64(time.Second) / perSecond)
	w.schedule(r, perSecond, hold)
	for _, set := range w.sets {
		if err := s.Set(set); err != nil {
			return fmt.Errorf("%s: %s: %w", s.Name, set, err)
		}
	}
	s.Resolve()
	if err := s.Validate(); err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	return w.read()
}

func (w *World) set(format string, args ...any) {
	w.sets = append(w.sets, fmt.Sprintf(format, args...))
}

// pick is one of these.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// schedule has the load hold its rate, with a ramp to it or not, and one behind it or not. A rate is in whole records an hour.
func (w *World) schedule(r *rand.Rand, perSecond float64, hold time.Duration) {
	hour := math.Round(perSecond * 3600)
	rate := func(share float64) string { return fmt.Sprintf("%d/h", int64(math.Round(hour*share))) }
	var phases []string
	switch {
	case w.leadIn > 0:
		phases = append(phases, fmt.Sprintf("{shape: hold, name: warmup, at: %s, for: %s}", rate(2/w.Load), w.leadIn))
		w.Hold[0] = w.leadIn
	case r.IntN(3) == 0:
		phases = append(phases, fmt.Sprintf("{shape: ramp, name: warmup, from: %s, to: %s, for: 10s}", rate(0.5), rate(1)))
		w.Hold[0] = 10 * time.Second
	}
	w.Hold[1] = w.Hold[0] + hold
	phases = append(phases, fmt.Sprintf("{shape: hold, at: %s, for: %s}", rate(1), hold))
	if r.IntN(3) == 0 {
		phases = append(phases, fmt.Sprintf("{shape: ramp, name: after, from: %s, to: %s, for: 20s}", rate(0.5), rate(0.25)))
	}
	w.set("load.rate=[%s]", strings.Join(phases, ", "))
}

// shard is a world whose records are large or many. It returns how many come a second.
func (w *World) shard(r *rand.Rand) float64 {
	shards := 1
	if r.IntN(5) == 0 {
		shards = 2
	}
	w.Where = "input"
	w.set("pipeline.input.shards=%d", shards)
	w.set("pipeline.aggregator.window=%ds", pick(r, 5, 10))
	w.set("pipeline.aggregator.parallelism=%d", 1+r.IntN(2))
	w.shape(r, 1)
	keys := evenly(r, shards)
	if r.IntN(3) == 0 {
		w.set("load.kinds.a={keys: {sequential: {count: %d}}, size: 200B}", keys)
		w.Batch, w.Takes = 500, 500*time.Millisecond // of a call
		return w.Load * 1000 * float64(shards)
	}
	// Larger ones leave the shard no room to save up while one waits for its next try.
	bytes := pick(r, 64<<10, 128<<10, 256<<10)
	w.set("load.kinds.a={keys: {sequential: {count: %d}}, size: %dB}", keys, bytes-len(name(0, keys)))
	w.Batch, w.Takes = 1, time.Duration(bytes)*time.Second/(1<<20)
	return w.Load * (1 << 20) / float64(bytes) * float64(shards)
}

// engine is a world whose records cost much.
func (w *World) engine(r *rand.Rand) float64 {
	parallelism := 1 + r.IntN(3)
	w.Where, w.Batch = "input", int64(parallelism)
	shards := 1 // of several, one may be behind with what one of several subtasks has to do, which waits meanwhile
	if parallelism == 1 {
		shards += r.IntN(3)
	}
	w.set("pipeline.input.shards=%d", shards)
	w.set("pipeline.aggregator.window=%ds", pick(r, 1, 2, 5, 10))
	w.InTurn = shards == 1
	if w.InTurn && parallelism == 1 && r.IntN(2) == 0 {
		w.set("pipeline.aggregator.source_shard_get_records_max_record_count=%d", 5+r.IntN(20))
	}
	w.set("pipeline.aggregator.parallelism=%d", parallelism)
	w.shape(r, 1)
	keys := parallelism * (2 + r.IntN(8))
	kind := even(keys, parallelism, func(kind, key string) int { return subtaskOf(kind, key, parallelism) })
	w.set("load.kinds.%s={keys: {sequential: {count: %d}}, size: 200B}", kind, keys)
	w.Rows = int64(keys)
	if !w.InTurn {
		w.Rows *= 20 // a fetch of the shard that is behind may end several windows
	}
	cost := time.Duration(float64(parallelism)*(100+200*r.Float64())) * time.Millisecond
	w.set("pipeline.aggregator.cost={wait: %s}", cost)
	w.Takes = cost
	return w.Load * float64(parallelism) / cost.Seconds()
}

// longKey is nearly as long as a key of the table may be. A < takes six bytes in a row's JSON.
const longKey = 1900

// output is a world whose windows slide, so that few records make many rows, or large ones.
func (w *World) output(r *rand.Rand, hold time.Duration) float64 {
	w.Where = "output"
	parallelism := 1 + r.IntN(2)
	w.set("pipeline.aggregator.parallelism=%d", parallelism)
	w.set("pipeline.input.shards=1")
	w.set("pipeline.aggregator.slide=1s")
	w.set("pipeline.shape=routed")
	w.set("pipeline.output.shards=1")
	w.set("pipeline.output.poll=%dms", pick(r, 250, 500, 1000))
	w.set("pipeline.routes.%s={batch_size: 5000, handler: {to: drop}}", Slow)
	// For what waits of many large rows in five minutes, the writer has no room at all.
	if lasts := w.Load > 1.2 && hold > time.Minute; r.IntN(2) == 0 || lasts {
		rows := int(math.Round(w.Load * 1000))
		w.set("load.kinds.a={keys: {sequential: {count: %d}}, size: 200B}", rows)
		w.set("pipeline.aggregator.window=20s")
		w.Batch, w.Takes, w.Blocks = 500, 500*time.Millisecond, lasts
		return float64(rows) / 18
	}
	rows := int(math.Round(w.Load * 90))
	each := w.Load * (1 << 20) / float64(rows)
	// What a row has beside its padding is found by trying.
	pad := longKey
	for pad > 1 && float64(bytesOf(&span{end: 1000, kind: "a", key: name(0, rows) + "|" + strings.Repeat("<", pad)}, 0)) > each {
		pad--
	}
	w.set(`load.kinds.a={keys: {sequential: {count: %d}}, template: '{"kind":"a","key":{{json .Key}},"event_time":"{{.EventTime}}","pad":"%s"}'}`, rows, strings.Repeat("<", pad))
	w.set("fields.key=[key, pad]")
	w.set("fields.partition_key=[key]")
	w.set("pipeline.aggregator.window=5s")
	w.Batch, w.Takes = int64(rows), time.Second // what fires together
	return float64(rows) / 4.5
}

// rowsAWindow is how many rows a limit of a rate lets through in a window.
const rowsAWindow = 100

// function is a world whose route takes its time.
func (w *World) function(r *rand.Rand) float64 {
	w.Where = "output"
	shards, window := 1+r.IntN(2), pick(r, 5, 10)
	w.set("pipeline.aggregator.window=%ds", window)
	w.set("pipeline.aggregator.parallelism=%d", 1+r.IntN(2))
	w.set("pipeline.input.shards=%d", 1+r.IntN(2))
	w.set("pipeline.shape=routed")
	w.set("pipeline.output.shards=%d", shards)
	rows := int(math.Round(w.Load * float64(rowsAWindow*shards)))
	kind := even(rows, shards, func(kind, key string) int { return shardOf(kind+"|"+key, shards) })
	w.set("load.kinds.%s={keys: {sequential: {count: %d}}, size: 200B}", kind, rows)
	batch := pick(r, 1, 2, 5)
	w.Batch = int64(batch * shards)
	slow := time.Duration(batch*window) * time.Second / rowsAWindow
	w.Takes = slow
	w.set("pipeline.routes.%s={batch_size: %d, handler: {slow: %s, to: drop}}", Slow, batch, slow)
	poll := pick(r, 250, 500, 1000)
	if r.IntN(3) == 0 {
		w.set("pipeline.routes.quick={batch_size: 500, handler: {to: drop}}")
		poll = max(poll, 500) // two readers have five reads a second
	}
	w.set("pipeline.output.poll=%dms", poll)
	return float64(rows*pick(r, 1, 1, 2)) / float64(window)
}

// table is a world whose table has little capacity. Each record makes a row. What the table has saved up by the time that the first window ends would hide a
// load over its limit for longer than a hold, so that such a load begins with twice as much, until that is used up.
func (w *World) table(r *rand.Rand) float64 {
	window, capacity := pick(r, 1, 2, 5), pick(r, 10, 15, 20)
	w.set("pipeline.aggregator.window=%ds", window)
	w.set("pipeline.aggregator.parallelism=%d", 1+r.IntN(2))
	w.set("pipeline.input.shards=%d", 1+r.IntN(2))
	w.set("load.kinds.a={keys: {sequential: {count: 5000}}, size: 200B}")
	w.set("pipeline.table.write_capacity=%d", capacity)
	if w.Load > 1 {
		w.leadIn = time.Duration(window+3) * time.Second
	}
	w.Where, w.Batch = "table", 25
	w.InTurn = false // what a call leaves unprocessed waits for its own next try
	if r.IntN(3) == 0 {
		w.Where, w.Batch, w.InTurn = "output", 10, true
		w.set("pipeline.shape=routed")
		w.set("pipeline.output.shards=1")
		w.set("pipeline.output.poll=%dms", pick(r, 250, 500, 1000))
		w.set("pipeline.routes.%s={batch_size: 10}", Slow)
	}
	w.Takes = time.Duration(w.Batch) * time.Second / time.Duration(capacity)
	w.Pause, w.Rows = 2*time.Second, int64(2*window*capacity)
	return w.Load * float64(capacity)
}

// shape makes a world direct or routed, by a route that is no limit.
func (w *World) shape(r *rand.Rand, shards int) {
	if r.IntN(2) == 0 {
		return
	}
	w.set("pipeline.shape=routed")
	w.set("pipeline.output.shards=%d", shards)
	w.set("pipeline.output.poll=%dms", pick(r, 250, 500, 1000))
	w.set("pipeline.routes.%s={batch_size: 100, handler: {to: drop}}", Slow)
}

// name is that of a sequential key, of so many, by its number from 0.
func name(i, of int) string { return fmt.Sprintf("k%0*d", len(fmt.Sprint(of)), i+1) }

// even is a kind of so many sequential keys that fall evenly to so many places.
func even(keys, places int, place func(kind, key string) int) (kind string) {
	for i := 0; ; i++ {
		kind, counts := fmt.Sprintf("a%d", i), make([]int, places)
		for k := range keys {
			counts[place(kind, name(k, keys))]++
		}
		if slices.Max(counts)*places == keys {
			return kind
		}
	}
}

// evenly is how many keys fall evenly to so many shards, by their names alone.
func evenly(r *rand.Rand, shards int) (keys int) {
	for keys = shards * (2 + r.IntN(8)); ; keys += shards {
		counts := make([]int, shards)
		for k := range keys {
			counts[shardOf(name(k, keys), shards)]++
		}
		if slices.Max(counts)*shards == keys {
			return keys
		}
	}
}

// read reads the load that the scenario makes: what is sent is given, and nothing that is proved.
func (w *World) read() error {
	config, err := w.Scenario.Generator("run")
	if err != nil {
		return err
	}
	g, err := generator.New(config)
	if err != nil {
		return err
	}
	stream := g.Stream(time.Unix(0, 0))
	for {
		var batch record.Batch
		err := stream.Fill(&batch, math.MaxInt64)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range batch.Records {
			r := &batch.Records[i]
			w.load = append(w.load, arrival{due: r.Due, partitionKey: r.PartitionKey, kind: r.Event.Kind, key: r.Event.Key, bytes: int64(r.Size())})
		}
	}
}

// Growing is the backlog of a passage that grows where the load is over the limit.
func (w *World) Growing(p *Passage) Items {
	switch w.Where {
	case "output":
		return p.Output
	case "table":
		return p.Table
	}
	return p.Input
}

// Passage is the world's load on its way through its pipeline, or through that of another scenario.
func (w *World) Passage(s *scenarios.Scenario, epoch time.Time, late Slack) *Passage {
	return through(s, w.load, epoch, late)
}
