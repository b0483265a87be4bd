package worlds

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"weir/scenarios"
)

// Sized is a world that asks for so many shards, subtasks, shards of the output or write units.
type Sized struct {
	*World
	Find scenarios.Sought
	// Oldest is the bound on the age of what waits in the backlog that grows.
	Oldest time.Duration
}

// NewSized makes the world of a seed. It asks for one to five times what one of a thing does, with keys that fall where they fall; every third one has bursts, and
// more for some seconds than it has over the feed.
func NewSized(seed uint64) (*Sized, error) {
	r := rand.New(rand.NewPCG(seed, 20))
	w := &Sized{World: &World{Seed: seed}}
	s := scenarios.Default()
	w.Scenario = &s
	w.Oldest = time.Duration(2+r.IntN(7)) * time.Second
	asks := 1.1 + 3.5*r.Float64()
	var perSecond float64
	var hold time.Duration
	switch seed % 4 {
	case 0:
		perSecond, hold = w.shards(r, asks)
	case 1:
		perSecond, hold = w.subtasks(r, asks)
	case 2:
		perSecond, hold = w.outputShards(r, asks)
	case 3:
		perSecond, hold = w.units(r)
	}
	s.Name, s.Seed = fmt.Sprintf("size-%s-%d", w.Find, seed), seed
	w.set("drain_limit=1m")
	w.set("pipeline.aggregator.out_of_orderness=%dms", 100+50*r.IntN(4))
	w.set("pipeline.aggregator.poll=250ms")
	w.set("expect=[backlog.%s.seconds <= %s]", w.Where, w.Oldest)
	w.Hold[1] = hold
	phase := fmt.Sprintf("{shape: hold, at: %d/h, for: %s}", int64(perSecond*3600), hold)
	if w.Where == "input" && r.IntN(3) == 0 {
		phase = fmt.Sprintf("{shape: burst, at: %d/h, peak: %d/h, every: 20s, lasting: %ds, for: %s}", int64(perSecond*2700), int64(perSecond*3600*(1.2+r.Float64())), 3+r.IntN(5), hold)
	}
	w.set("load.rate=[%s]", phase)
	for _, set := range w.sets {
		if err := s.Set(set); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", s.Name, set, err)
		}
	}
	s.Resolve()
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return w, w.read()
}

// draws are keys of a load.
func draws(r *rand.Rand, least, most int) string {
	n := least + r.IntN(most-least)
	return pick(r, fmt.Sprintf("{uniform: {count: %d}}", n), fmt.Sprintf("{sequential: {count: %d}}", n), fmt.Sprintf("{zipf: {count: %d, exponent: 0.3}}", n))
}

func (w *Sized) shards(r *rand.Rand, asks float64) (perSecond float64, hold time.Duration) {
	w.Find, w.Where = scenarios.SoughtShards, "input"
	bytes := pick(r, 32<<10, 64<<10)
	w.set("load.kinds.a={keys: %s, size: %dB}", draws(r, 60, 300), bytes)
	w.set("pipeline.aggregator.window=5s")
	return asks * (1 << 20) / float64(bytes), time.Minute
}

func (w *Sized) subtasks(r *rand.Rand, asks float64) (perSecond float64, hold time.Duration) {
	w.Find, w.Where = scenarios.SoughtParallelism, "input"
	cost := time.Duration(20+r.IntN(60)) * time.Millisecond
	w.set("load.kinds.a={keys: %s}", draws(r, 60, 300))
	w.set("pipeline.aggregator.cost={wait: %s}", cost)
	w.set("pipeline.aggregator.window=%ds", pick(r, 1, 5))
	w.set("pipeline.input.shards=%d", 1+r.IntN(3))
	return asks / cost.Seconds(), pick(r, time.Minute, fiveMinutes)
}

func (w *Sized) outputShards(r *rand.Rand, asks float64) (perSecond float64, hold time.Duration) {
	w.Find, w.Where = scenarios.SoughtOutput, "output"
	rows := int(1000 * min(asks, 3.6)) // the table takes 4,000 of them
	w.set("load.kinds.a={keys: {sequential: {count: %d}}}", rows)
	w.set("pipeline.aggregator.window=2s") // a longer one would fire less than it does for good for too much of the feed
	w.set("pipeline.aggregator.slide=1s")
	w.set("pipeline.shape=routed")
	w.set("pipeline.output.poll=500ms")
	w.set("pipeline.routes.%s={batch_size: 1000}", Slow)
	return float64(rows) / 1.8, 30 * time.Second
}

func (w *Sized) units(r *rand.Rand) (perSecond float64, hold time.Duration) {
	w.Find, w.Where = scenarios.SoughtTable, "table"
	w.set("load.kinds.a={keys: {sequential: {count: 20000}}}")
	w.set("pipeline.aggregator.window=%ds", pick(r, 1, 2, 5))
	w.set("pipeline.table.write_capacity=50")
	return float64(10+r.IntN(20)) + 0.5, fiveMinutes // between two numbers
}

const fiveMinutes = 5 * time.Minute

// Set is the scenario with another number of what is sought.
func (w *Sized) Set(n int) (*scenarios.Scenario, error) {
	s := *w.Scenario
	field := map[scenarios.Sought]string{
		scenarios.SoughtShards: "pipeline.input.shards", scenarios.SoughtParallelism: "pipeline.aggregator.parallelism",
		scenarios.SoughtOutput: "pipeline.output.shards", scenarios.SoughtTable: "pipeline.table.write_capacity",
	}[w.Find]
	return &s, s.Set(fmt.Sprintf("%s=%d", field, n))
}

// use is the most that is asked of any one part over the feed, as a share of what it does in that time: "demand over capacity". Rows are asked for by the records
// that fire them.
func (w *Sized) use(s *scenarios.Scenario, p *Passage) float64 {
	lasts, most := w.Hold[1].Seconds(), 0.0
	shards, subtasks := make(map[int][2]float64), make(map[int]float64)
	for i := range w.load {
		a := &w.load[i]
		n := shardOf(a.partitionKey, s.Pipeline.Input.Shards)
		shards[n] = [2]float64{shards[n][0] + 1, shards[n][1] + float64(a.bytes)}
		subtasks[subtaskOf(a.kind, a.key, s.Pipeline.Aggregator.Parallelism)] += cost(s).Seconds()
	}
	for _, asked := range shards {
		most = max(most, asked[0]/1000/lasts, asked[1]/(1<<20)/lasts)
	}
	for _, asked := range subtasks {
		most = max(most, asked/lasts)
	}
	due := func(items Items) (n float64) {
		for _, item := range items {
			if !item.Flushed {
				n++
			}
		}
		return n
	}
	if p.Table != nil {
		capacity := 4000.0
		if c := s.Pipeline.Table.WriteCapacity; c > 0 {
			capacity = float64(c)
		}
		return max(most, due(p.Table)/capacity/lasts)
	}
	for _, rows := range p.outputShards {
		most = max(most, due(rows)/1000/lasts)
	}
	return most
}

// holds reports whether a number holds: "at or over 100 % use of any part over a hold or over the whole feed never holds; over 100 % for some seconds holds if it
// drains in the time that is allowed". It is not sure
// where that hangs on the moments of polls, on where windows begin, on a row more or less, or on what is within that share of what is allowed.
func (w *Sized) holds(n int, within float64) (holds, sure bool, err error) {
	s, err := w.Set(n)
	if err != nil {
		return false, false, err
	}
	var yes, no int
	poll := Slack{Write: 50 * time.Millisecond, Poll: time.Duration(s.Pipeline.Aggregator.Poll)}
	if s.Pipeline.Output != nil {
		poll.OutputPoll = time.Duration(s.Pipeline.Output.Poll)
	}
	for place := range 2 {
		epoch := time.Unix(1_600_000_000, 0).Add(time.Duration(place) * time.Duration(s.Pipeline.Aggregator.Window) / 2)
		for _, late := range []Slack{{}, poll} {
			p := w.Passage(s, epoch, late)
			use := w.use(s, p)
			oldest, ends := w.Growing(p).oldest(), w.Growing(p).Last()-w.Hold[1]
			for _, give := range []float64{1 - within, 1 + within} {
				if use*(1+math.Copysign(w.rounding(), give-1)) < 1 && oldest.Seconds()*give <= w.Oldest.Seconds() && ends.Seconds()*give <= time.Duration(s.DrainLimit).Seconds() {
					yes++
				} else {
					no++
				}
			}
		}
	}
	return no == 0, yes == 0 || no == 0, nil
}

// rounding is how well it is known what is asked for: a window more or less is a hundredth of it, or a thirtieth where the feed is short.
func (w *Sized) rounding() float64 {
	if w.Find == scenarios.SoughtOutput {
		return 0.04
	}
	return 0.015
}

// oldest is the greatest age, which each comes to as it leaves.
func (items Items) oldest() time.Duration {
	oldest := time.Duration(0)
	for _, item := range items {
		if !item.Flushed {
			oldest = max(oldest, item.Leaves-item.Due)
		}
	}
	return oldest
}

// Last is when the last of them leaves.
func (items Items) Last() time.Duration {
	last := time.Duration(0)
	for _, item := range items {
		last = max(last, item.Leaves)
	}
	return last
}

// Least is the least number that holds, by trying one after the other. It is not sure where one that is tried comes within that share of what is allowed.
func (w *Sized) Least(within float64) (n int, sure bool, err error) {
	least, most := 1, 16
	if w.Find == scenarios.SoughtTable { // each record makes a row, and nine tenths of what they cost are too little
		least = int(0.9 * float64(len(w.load)) / w.Hold[1].Seconds())
		most = 3 * least
	}
	for n = least; n <= most; n++ {
		holds, sure, err := w.holds(n, within)
		if err != nil || !sure || holds {
			return n, sure, err
		}
	}
	return n, false, nil
}
