package sizing_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/aggregator"
	"weir/measure/verdict"
	"weir/record"
	"weir/result"
	"weir/scenarios"
	"weir/sizing"
	"weir/sizing/price"
	"weir/sizing/trace"
)

// world is a pipeline whose capacity is known by brute force: each shard is a bucket that is worked out record by record, and each window subtask a queue.
// It shares nothing with the simulator, and differs from what the scenario says by what nobody knows of a real pipeline: its subtasks are slower or faster.
type world struct {
	scenario *scenarios.Scenario
	slower   float64 // a factor on the scenario's cost of a record
	void     *rand.Rand

	seed       uint64
	keys       int
	skew, hot  float64 // of Zipf's law, and the share of one key beside
	small      int     // bytes of the smallest record; the largest has twice as many
	rate, peak float64 // records a second, and in the first second of three
}

// What a world is held against: the same bounds stand in its scenario's expectations.
const (
	worldAcked   = 400 * time.Millisecond // the 99th percentile
	worldBacklog = 800 * time.Millisecond
	worldLasts   = 6 * time.Second
)

// newWorld makes a world of a seed: skewed, bursty, with a hot key or without, bound by its shards or by its subtasks. Records are large, so that a few
// hundred of them fill a shard.
func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	w := &world{
		slower: 0.75 + 0.6*r.Float64(), void: rand.New(rand.NewPCG(seed, 10)), seed: seed,
		keys: 50 + r.IntN(250), skew: []float64{0, 0, 0.4, 0.7}[r.IntN(4)], hot: []float64{0, 0, 0, 0.1}[r.IntN(4)], small: (6 + r.IntN(12)) << 10, rate: 40 + 60*r.Float64(),
	}
	w.peak = w.rate * []float64{1, 1, 1.5, 2}[r.IntN(4)]
	s := scenarios.Default()
	s.Name, s.Seed = fmt.Sprintf("world-%d", seed), seed
	for _, set := range []string{
		"load.kinds.a={keys: {uniform: {count: 10}}, size: 1KiB}", "load.rate=[{shape: hold, at: 1/s, for: 6s}]", // the world has a load of its own
		fmt.Sprintf("pipeline.input.shards=%d", 1+r.IntN(8)),
		fmt.Sprintf("pipeline.aggregator.parallelism=%d", 1+r.IntN(4)),
		fmt.Sprintf("pipeline.aggregator.cost={wait: %dms}", 2+r.IntN(25)),
		"pipeline.aggregator.window=1s", "pipeline.aggregator.out_of_orderness=100ms",
		fmt.Sprintf("expect=[acked.p99 <= %s, backlog.input.seconds <= %s]", scenarios.Duration(worldAcked), scenarios.Duration(worldBacklog)),
	} {
		if err := s.Set(set); err != nil {
			t.Fatalf("%s: %v", set, err)
		}
	}
	s.Resolve()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	w.scenario = &s
	return w
}

// zeros are what all records hold.
var zeros = make([]byte, 64<<10)

// load makes the world's load at a scale: the same keys and sizes in the same order, and more or fewer of them in the same time.
func (w *world) load(_ context.Context, s *scenarios.Scenario) (*trace.Trace, error) {
	cumulated, names, sum := make([]float64, w.keys), make([]string, w.keys), 0.0
	for i := range cumulated {
		names[i] = fmt.Sprintf("k%03d", i)
		sum += math.Pow(float64(i+1), -w.skew)
		cumulated[i] = sum
	}
	r := rand.New(rand.NewPCG(w.seed, 11))
	recorder := trace.NewRecorder(1)
	for due := time.Duration(0); due < worldLasts; {
		rank, _ := slices.BinarySearch(cumulated, sum*r.Float64())
		if r.Float64() < w.hot {
			rank = 0
		}
		key := names[rank]
		err := recorder.Add([]record.Record{{
			PartitionKey: key, Data: zeros[:w.small+r.IntN(w.small)], Due: due, Event: record.Event{Kind: "a", Key: key, Time: 1_600_000_000_000 + due.Milliseconds()},
		}})
		if err != nil {
			return nil, err
		}
		rate := w.rate
		if due%(3*time.Second) < time.Second {
			rate = w.peak
		}
		due += time.Duration(float64(time.Second) / (rate * float64(*s.Load.Scale)))
	}
	t := recorder.Trace()
	t.For = worldLasts
	return t, nil
}

// run is a run in the world, void once in twenty.
func (w *world) run(_ context.Context, s *scenarios.Scenario, _ string) (result.Result, error) {
	if w.void.IntN(20) == 0 {
		return result.Result{Verdict: verdict.Void, ExitCode: verdict.ExitVoid, Reasons: []string{"void: by chance"}}, nil
	}
	return w.live(s)
}

// live goes through a load, record by record.
func (w *world) live(s *scenarios.Scenario) (result.Result, error) {
	t, err := w.load(context.TODO(), s)
	if err != nil {
		return result.Result{}, err
	}
	cost, err := s.Pipeline.Aggregator.Cost.Charge(s.Seed)
	if err != nil {
		return result.Result{}, err
	}
	each := time.Duration(float64(cost.Draw(0)()) * w.slower)
	n, parallelism := s.Pipeline.Input.Shards, s.Pipeline.Aggregator.Parallelism
	starts := trace.Starts(n)
	shards, free := make([]leak, n), make([]time.Duration, parallelism)
	var waits []time.Duration
	var behind, last, acked time.Duration
	for i := range t.Records {
		r := &t.Records[i]
		at := shards[trace.ShardOf(starts, r.Hash)].take(r.Due, float64(r.Bytes))
		waits = append(waits, at-r.Due)
		acked = max(acked, at)
		key := t.Rows[r.Row]
		subtask, err := aggregator.WindowSubtask(&record.Event{Kind: key.Kind, Key: key.Key}, 0, parallelism)
		if err != nil {
			return result.Result{}, err
		}
		free[subtask] = max(free[subtask], at) + each
		// A record is in the backlog from when it is due until its subtask is done with it.
		behind, last = max(behind, free[subtask]-r.Due), max(last, free[subtask])
	}
	slices.Sort(waits)
	return w.judge(s, t, waits[len(waits)*99/100], behind, acked, last)
}

// overused reports whether a shard or a subtask gets as much over the whole feed as it can do in that time, or more, by the scenario's costs. Such a load does not
// hold, though it may end before that shows.
func (w *world) overused(t testing.TB, s *scenarios.Scenario) bool {
	t.Helper()
	load, err := w.load(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	cost, err := s.Pipeline.Aggregator.Cost.Charge(s.Seed)
	if err != nil {
		t.Fatal(err)
	}
	n, parallelism := s.Pipeline.Input.Shards, s.Pipeline.Aggregator.Parallelism
	shards, subtasks := make([]int, n), make([]time.Duration, parallelism)
	starts := trace.Starts(n)
	for i := range load.Records {
		r := &load.Records[i]
		shards[trace.ShardOf(starts, r.Hash)] += int(r.Bytes)
		key := load.Rows[r.Row]
		subtask, err := aggregator.WindowSubtask(&record.Event{Kind: key.Kind, Key: key.Key}, 0, parallelism)
		if err != nil {
			t.Fatal(err)
		}
		subtasks[subtask] += cost.Draw(0)()
	}
	return float64(slices.Max(shards)) >= worldLasts.Seconds()*(1<<20) || slices.Max(subtasks) >= worldLasts
}

func (w *world) judge(s *scenarios.Scenario, t *trace.Trace, wait, behind, acked, last time.Duration) (result.Result, error) {
	res := result.Result{Verdict: verdict.Pass, Seconds: last.Seconds(), Latency: map[string]result.Latency{}, Backlog: map[string]result.Backlog{}}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	res.Latency["acked"] = result.Latency{Count: int64(len(t.Records)), P99: ms(wait)}
	res.Backlog["input"] = result.Backlog{Waited: result.Waited{MaxSeconds: new(behind.Seconds())}}
	res.DrainedInMS = new(ms(last - t.For))
	n := float64(len(t.Records))
	res.Rate = result.Rate{Offered: new(n / t.For.Minutes()), Achieved: new(n / max(t.For, acked).Minutes())}
	expectations, err := s.Expectations()
	if err != nil {
		return res, err
	}
	res.Expectations = verdict.JudgeAll(expectations, &res)
	for _, e := range res.Expectations {
		if e.Verdict != verdict.Pass {
			res.Verdict, res.Reasons = verdict.Fail, append(res.Reasons, "expectation failed: "+e.Text)
		}
	}
	return res, nil
}

// leak is a shard's limit of bytes, as the time at which it is level again: a second's worth may be taken ahead of it.
type leak struct{ level time.Duration }

// take is when a record is stored that comes at a time, after those before it.
func (l *leak) take(now time.Duration, bytes float64) time.Duration {
	const perSecond = 1 << 20
	l.level = max(l.level, now) + time.Duration(bytes/perSecond*float64(time.Second))
	at := l.level - time.Second
	if at <= now {
		return now
	}
	return max(at, now+refused)
}

// refused is after which time a record is tried again that a shard had no room for, on average.
const refused = 37 * time.Millisecond

// size asks weir size of the world.
func (w *world) size(t testing.TB, find scenarios.Sought) *result.Sizing {
	t.Helper()
	folder, err := result.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found, err := sizing.Size(t.Context(), sizing.Config{
		Scenario: w.scenario, Find: []scenarios.Sought{find}, Run: w.run, Load: w.load, Folder: folder, MaxRuns: sizing.MostRuns,
		Headroom: sizing.Headroom{Utilisation: 0.7, Restart: time.Minute, CatchUp: time.Hour},
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// holds says whether the world holds a configuration.
func (w *world) holds(t testing.TB, set ...string) bool {
	t.Helper()
	s := *w.scenario
	for _, assignment := range set {
		if err := s.Set(assignment); err != nil {
			t.Fatal(err)
		}
	}
	r, err := w.live(&s)
	if err != nil {
		t.Fatal(err)
	}
	return r.Verdict == verdict.Pass && !w.overused(t, &s)
}

// capacity is the most load that the world holds, to three in a thousand.
func (w *world) capacity(t testing.TB) float64 {
	t.Helper()
	low, high := 0.1, 0.5
	for high < 64 && w.holds(t, fmt.Sprintf("load.scale=%g", high)) {
		low, high = high, 1.7*high
	}
	for high/low > 1.003 {
		middle := math.Sqrt(low * high)
		if w.holds(t, fmt.Sprintf("load.scale=%g", middle)) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// shards is the fewest shards that hold the world's load; ok is false where not even many do.
func (w *world) shards(t testing.TB) (n int, ok bool) {
	t.Helper()
	load, err := w.load(t.Context(), w.scenario)
	if err != nil {
		t.Fatal(err)
	}
	// So many cannot be enough: what they take from the start of the load until long after it is less than there is.
	const after = 4
	for n = max(1, int(float64(load.Survey.Bytes)/(1<<20)/(worldLasts.Seconds()+after))); n <= 64; n++ {
		if w.holds(t, fmt.Sprintf("pipeline.input.shards=%d", n)) {
			return n, true
		}
	}
	return 0, false
}

func TestTheCapacityOfWorldsIsFound(t *testing.T) { capacities(t, 20, 90) }

func TestProveCapacities(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("1,000 worlds: make prove runs them")
	}
	capacities(t, 1000, 95)
}

// each has something done with so many seeds, several at a time.
func each(from uint64, n int, do func(seed uint64)) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range uint64(n) {
		group.Go(func() error { do(from + i); return nil })
	}
	_ = group.Wait() // none fails
}

// capacities finds the capacity of so many worlds: within 3 % in at least so many of 100, in 8 runs at most.
func capacities(t *testing.T, worlds int, least int64) {
	var exact, runs atomic.Int64
	each(0, worlds, func(seed uint64) {
		w := newWorld(t, seed)
		truth, found := w.capacity(t), w.size(t, scenarios.SoughtLoad)
		runs.Add(int64(len(found.Trials)))
		if len(found.Trials) > sizing.MostRuns {
			t.Errorf("world %d took %d runs", seed, len(found.Trials))
		}
		if found.Answer == nil {
			t.Logf("world %d has no answer: %v; the truth is %.3g", seed, found.Reasons, truth)
			return
		}
		if off := found.Answer.Load/truth - 1; math.Abs(off) <= 0.03 {
			exact.Add(1)
		} else {
			t.Logf("world %d: %.4g, and the truth is %.4g (%+.1f %%), %s in %d runs: %v", seed, found.Answer.Load, truth, 100*off, found.Answer.Sure, len(found.Trials), found.Answer.Evidence)
		}
	})
	t.Logf("%d of %d capacities within 3 %%, %.1f runs each", exact.Load(), worlds, float64(runs.Load())/float64(worlds))
	if exact.Load()*100 < least*int64(worlds) {
		t.Errorf("%d of %d capacities are within 3 %%", exact.Load(), worlds)
	}
}

func TestTheShardsOfWorldsAreFound(t *testing.T) { shardCounts(t, 8) }

func TestProveShardCounts(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("500 worlds: make prove runs them")
	}
	shardCounts(t, 500)
}

// shardCounts has the shards of so many worlds advised: never too few, and in 99 of 100 at most one too many.
func shardCounts(t *testing.T, worlds int) {
	var good, of atomic.Int64
	each(10_000, worlds, func(seed uint64) {
		w := newWorld(t, seed)
		for _, set := range []string{"pipeline.aggregator.cost={wait: 1us}", "load.scale=3"} { // the shards are to bind
			if err := w.scenario.Set(set); err != nil {
				t.Error(err)
			}
		}
		fewest, ok := w.shards(t)
		if !ok {
			return
		}
		of.Add(1)
		found := w.size(t, scenarios.SoughtShards)
		switch {
		case found.Answer == nil:
			t.Logf("world %d has no answer, and %d shards hold it: %v", seed, fewest, found.Reasons)
			return
		case !w.holds(t, fmt.Sprintf("pipeline.input.shards=%d", found.Answer.Shards)):
			t.Errorf("world %d: %d shards are advised, and do not hold it (%d do)", seed, found.Answer.Shards, fewest)
			return
		}
		if found.Answer.Shards <= fewest+1 {
			good.Add(1)
		} else {
			t.Logf("world %d: %d shards, and %d do: %v", seed, found.Answer.Shards, fewest, found.Answer.Evidence)
		}
	})
	t.Logf("%d of %d shard counts at most one over the fewest", good.Load(), of.Load())
	if good.Load()*100 < 99*of.Load() {
		t.Errorf("%d of %d are at most one over the fewest", good.Load(), of.Load())
	}
}

func TestNoAnswerCostsNoRunsAndNoPrices(t *testing.T) {
	w := newWorld(t, 1)
	w.hot, w.rate, w.peak, w.small = 0.9, 200, 200, 16<<10 // a key with more than a shard takes
	found := w.size(t, scenarios.SoughtShards)
	if found.ExitCode != verdict.ExitFail || found.Answer != nil || len(found.Trials) != 0 {
		t.Errorf("%+v", found)
	}
	if !slices.ContainsFunc(found.Reasons, func(why string) bool {
		return strings.HasPrefix(why, "input, by the hottest key: ") && strings.Contains(why, "key k000")
	}) {
		t.Errorf("the key is not named: %q", found.Reasons)
	}
}

// errBroken is what breaks a run.
var errBroken = errors.New("broken")

func TestASearchThatIsInterruptedGoesOnWhereItWas(t *testing.T) {
	w := newWorld(t, 4)
	whole := w.size(t, scenarios.SoughtLoad)
	path := t.TempDir()
	folder, err := result.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w = newWorld(t, 4) // with its chances as they were
	ran := 0
	config := sizing.Config{
		Scenario: w.scenario, Find: []scenarios.Sought{scenarios.SoughtLoad}, Load: w.load, Folder: folder, MaxRuns: sizing.MostRuns,
		Headroom: sizing.Headroom{Utilisation: 0.7, Restart: time.Minute, CatchUp: time.Hour},
	}
	config.Run = func(ctx context.Context, s *scenarios.Scenario, folder string) (result.Result, error) {
		if ran++; ran == 2 {
			return result.Result{Verdict: verdict.Interrupted}, nil
		}
		return w.run(ctx, s, folder)
	}
	first, err := sizing.Size(t.Context(), config)
	if err != nil || first.ExitCode != verdict.ExitInterrupted || first.Finished || len(first.Trials) != 1 {
		t.Fatalf("%v: %+v", err, first)
	}
	if config.Previous, err = folder.ReadSizing(); err != nil {
		t.Fatal(err)
	}
	second, err := sizing.Size(t.Context(), config)
	if err != nil || !second.Finished {
		t.Fatalf("%v: %+v", err, second)
	}
	if ran != 1+len(whole.Trials) {
		t.Errorf("%d runs were made, and %d are enough", ran, 1+len(whole.Trials))
	}
	if second.Answer.SizingConfig != whole.Answer.SizingConfig || len(second.Trials) != len(whole.Trials) {
		t.Errorf("%+v after %d trials, and without the interruption %+v after %d", second.Answer, len(second.Trials), whole.Answer, len(whole.Trials))
	}
}

func TestARunThatBreaksEndsTheSearchAndKeepsWhatItHas(t *testing.T) {
	w := newWorld(t, 4)
	folder, err := result.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	prices, err := price.Shipped("us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	found, err := sizing.Size(t.Context(), sizing.Config{
		Scenario: w.scenario, Find: []scenarios.Sought{scenarios.SoughtLoad}, Load: w.load, Folder: folder, MaxRuns: 1, Prices: prices,
		Headroom: sizing.Headroom{Utilisation: 1, CatchUp: time.Hour},
		Run: func(context.Context, *scenarios.Scenario, string) (result.Result, error) {
			return result.Result{}, errBroken
		},
	})
	if !errors.Is(err, errBroken) || found == nil || found.ExitCode != verdict.ExitError {
		t.Errorf("%v: %+v", err, found)
	}
	if kept, err := folder.ReadSizing(); err != nil || kept.Finished {
		t.Errorf("%v: %+v", err, kept)
	}
}
