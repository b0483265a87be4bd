package routing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weir/record"
)

// timed is an output stream whose pages come after a time each.
type timed struct {
	*output
	after time.Duration
}

func (o timed) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	return o.output.Read(ctx, shard, from, record.ReceiverFunc(func(ctx context.Context, page record.Page) error {
		if err := sleep(ctx, o.after); err != nil {
			return err
		}
		return to.Take(ctx, page)
	}))
}

// calls is a function that keeps what it was invoked with: the keys of each batch.
type calls struct {
	mu      sync.Mutex
	batches []string
	at      []time.Time
	// answer, if set, says what becomes of a batch.
	answer func(ctx context.Context, keys []string) (Answer, error)
}

func (c *calls) Invoke(ctx context.Context, batch *Batch) (Answer, error) {
	keys := make([]string, len(batch.Items))
	for i := range batch.Items {
		keys[i] = batch.Items[i].Row.Key
	}
	c.mu.Lock()
	c.batches = append(c.batches, strings.Join(keys, " "))
	c.at = append(c.at, time.Now())
	c.mu.Unlock()
	if c.answer == nil {
		return Answer{}, nil
	}
	return c.answer(ctx, keys)
}

// pagesOf makes a page a group of rows; each row's partition key is its key.
func pagesOf(groups ...string) []record.Page {
	pages, sequence := make([]record.Page, len(groups)), 1
	for i, group := range groups {
		keys := strings.Fields(group)
		var contents []any
		for _, row := range rowsOf("k", keys...) {
			contents = append(contents, row)
		}
		pages[i] = page(sequence, contents...)
		for j := range keys {
			pages[i].Records[j].PartitionKey = keys[j]
		}
		sequence += len(keys)
	}
	return pages
}

func TestABatchWaitsForTheWindowOrUntilItIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(calls)
		m := NewMapping(MappingConfig{
			Function: f, Source: timed{oneShard(pagesOf("a b", "c", "d e f", "g")...), time.Second}, Observer: new(seen), Clock: record.NewClock(time.Now()),
			BatchSize: 4, BatchingWindow: 3 * time.Second,
		})
		start := time.Now()
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if want := []string{"a b c d", "e f g"}; !slices.Equal(f.batches, want) {
			t.Errorf("batches %q, want %q", f.batches, want)
		}
		// The first is full when the third page comes; the second waits for three seconds from its first item's coming on.
		if f.at[0].Sub(start) != 3*time.Second || f.at[1].Sub(start) != 6*time.Second {
			t.Errorf("invoked after %s and %s", f.at[0].Sub(start), f.at[1].Sub(start))
		}
	})
}

func TestTheLastBatchOfAClosedShardDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := pagesOf("a b")
		pages[0].End = true
		source := &output{
			shards: []record.Shard{{ID: "parent", Closed: true}, {ID: "child", Parents: []string{"parent"}}},
			pages:  map[string][]record.Page{"parent": pages, "child": pagesOf("c")},
		}
		f, start := new(calls), time.Now()
		m := NewMapping(MappingConfig{Function: f, Source: source, Observer: new(seen), Clock: record.NewClock(time.Now()), BatchingWindow: 20 * time.Second})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if want := []string{"a b", "c"}; !slices.Equal(f.batches, want) || f.at[0].Sub(start) != 0 || f.at[1].Sub(start) != 20*time.Second {
			t.Errorf("batches %q at %v", f.batches, f.at)
		}
	})
}

func TestABatchHoldsNoMoreThanAnInvocationTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		large := strings.Repeat("x", 2<<20) // 2.7 MiB in base64: two of them fit
		source := oneShard(page(1, large, large, large, large+large+large))
		var sizes []int
		origin := Origin{Region: "us-east-1", Account: "123456789012", Stream: "output"}
		f := function(func(_ context.Context, batch *Batch) (Answer, error) {
			sizes = append(sizes, len(batch.Items))
			if n := len(origin.KinesisEvent(batch)); n > MaxPayload {
				t.Errorf("an event of %d bytes", n)
			}
			return Answer{}, nil
		})
		kept := new(keeper)
		m := NewMapping(MappingConfig{
			Function: f, Source: source, Observer: new(seen), Clock: record.NewClock(time.Now()), Origin: origin,
			Policy: Policy{MaximumRetryAttempts: new(1)}, OnFailure: kept, BatchingWindow: time.Second,
		})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(sizes, []int{2, 1}) {
			t.Errorf("batches of %v", sizes)
		}
		if s := m.Status(); s.Discarded != 1 || s.Invocations.Failed["too_large"] != 2 || len(kept.all) != 1 || kept.all[0].Failure.Kind != TooLarge {
			t.Errorf("%+v, kept %+v", s, kept.all)
		}
	})
}

// keeper keeps what is given up.
type keeper struct {
	mu  sync.Mutex
	all []*Discarded
	err error
}

func (k *keeper) Keep(d *Discarded) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, d)
	return k.err
}

func TestAsManyBatchesAreUnderWayAsTheFactorSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		under, most := 0, 0
		f := &calls{answer: func(ctx context.Context, _ []string) (Answer, error) {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			err := sleep(ctx, time.Second)
			mu.Lock()
			under--
			mu.Unlock()
			return Answer{}, err
		}}
		m := NewMapping(MappingConfig{
			Function: f, Source: oneShard(pagesOf(strings.Join(numbered(200), " "))...), Observer: new(seen), Clock: record.NewClock(time.Now()),
			BatchSize: 5, ParallelizationFactor: 3,
		})
		if err := runMapping(t, m, time.Hour); err != nil {
			t.Fatal(err)
		}
		if s := m.Status(); most != 3 || s.Rows != 200 {
			t.Errorf("up to %d under way, %+v", most, s)
		}
	})
}

// Whatever the sizes, the factor, the delays and the failures: the rows of a partition key are handled in their order, each of them, and the checkpoint is at the
// end. A row may come again after one that came later only where its batch failed.
func TestEachKeyStaysInOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		keys := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), 1, 60).Draw(r, "keys")
		delays := rapid.SliceOfN(rapid.IntRange(0, 30), 1, 7).Draw(r, "delays")
		fails := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 11).Draw(r, "fails")
		cut := rapid.IntRange(1, 9).Draw(r, "page")
		config := MappingConfig{
			BatchSize: rapid.IntRange(1, 7).Draw(r, "batch size"), ParallelizationFactor: rapid.IntRange(1, 4).Draw(r, "factor"),
			BatchingWindow: time.Duration(rapid.IntRange(0, 20).Draw(r, "window")) * time.Millisecond,
			Policy:         Policy{BisectBatchOnFunctionError: rapid.Bool().Draw(r, "bisect"), ReportBatchItemFailures: rapid.Bool().Draw(r, "report")},
		}
		succeeded := map[string][]string{} // sequence numbers by key
		var failure error
		var checkpoint record.Position
		synctest.Test(t, func(t *testing.T) {
			var pages []record.Page
			sequence := 1
			for chunk := range slices.Chunk(keys, cut) {
				p := pagesOf(strings.Join(chunk, " "))[0]
				for i := range p.Records {
					p.Records[i].Sequence = fmt.Sprint(sequence)
					sequence++
				}
				pages = append(pages, p)
			}
			var mu sync.Mutex
			n := 0
			config.Function = function(func(ctx context.Context, batch *Batch) (Answer, error) {
				mu.Lock()
				n++
				delay, fail := delays[n%len(delays)], fails[n%len(fails)]
				if n%5 == 0 { // not for ever
					fail = 0
				}
				mu.Unlock()
				if err := sleep(ctx, time.Duration(delay)*time.Millisecond); err != nil {
					return Answer{}, err
				}
				if fail == 1 {
					return Answer{}, failedf(Errored, "now and then")
				}
				done, answer := batch.Items, Answer{}
				if fail == 2 && config.Policy.ReportBatchItemFailures {
					i := len(done) / 2
					done, answer.Refused = done[:i], []string{done[i].Sequence}
				}
				mu.Lock()
				defer mu.Unlock()
				for i := range done {
					succeeded[done[i].PartitionKey] = append(succeeded[done[i].PartitionKey], done[i].Sequence)
				}
				return answer, nil
			})
			config.Source, config.Observer, config.Clock = oneShard(pages...), new(seen), record.NewClock(time.Now())
			m := NewMapping(config)
			failure = runMapping(t, m, time.Hour)
			checkpoint, _ = m.Checkpoint("s")
		})
		want := map[string][]string{}
		for i, key := range keys {
			want[key] = append(want[key], fmt.Sprint(i+1))
		}
		for key := range want {
			if failure != nil || !slices.Equal(succeeded[key], want[key]) {
				r.Fatalf("%v: key %s was handled as %v, want %v", failure, key, succeeded[key], want[key])
			}
		}
		if checkpoint.Sequence != fmt.Sprint(len(keys)) {
			r.Fatalf("the checkpoint is %+v", checkpoint)
		}
	})
}

func TestAPoisonousRowBlocksItsLaneAndTheStatusSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &calls{answer: func(_ context.Context, keys []string) (Answer, error) {
			if slices.Contains(keys, "bad") {
				return Answer{}, failedf(Errored, "it cannot read that")
			}
			return Answer{}, nil
		}}
		source := &output{shards: []record.Shard{{ID: "s"}, {ID: "t"}}, pages: map[string][]record.Page{
			"s": pagesOf("a", "bad x", "y z"), "t": pagesOf("t1 t2"),
		}}
		m := NewMapping(MappingConfig{Function: f, Source: timed{source, time.Second}, Observer: new(seen), Clock: record.NewClock(time.Now()), BatchSize: 2})
		if err := runMapping(t, m, time.Minute); err == nil || !strings.Contains(err.Error(), "the function failed: 4 records from 2 on: error: it cannot read that") {
			t.Errorf("Run gave %v", err)
		}
		s := m.Status()
		if len(s.Blocked) != 1 {
			t.Fatalf("blocked %+v", s.Blocked)
		}
		b := s.Blocked[0]
		if b.Shard != "s" || b.Sequence != "2" || b.Key != "bad" || b.Since != 2*time.Second || b.Waiting != 4 || b.Attempts < 10 {
			t.Errorf("blocked %+v", b)
		}
		if s.Handled != 3 || s.Hits != 7 {
			t.Errorf("%+v", s)
		}
	})
}

func TestABlockThatPassesIsNoneAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, healed := new(calls), time.Now().Add(10*time.Second)
		f.answer = func(context.Context, []string) (Answer, error) {
			if time.Now().Before(healed) {
				return Answer{}, failedf(Unavailable, "not now")
			}
			return Answer{}, nil
		}
		m := NewMapping(MappingConfig{
			Function: f, Source: oneShard(pagesOf("a b")...), Observer: new(seen), Clock: record.NewClock(time.Now()), Policy: Policy{MaximumRetryAttempts: new(0)},
		})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if s := m.Status(); len(s.Blocked) != 0 || s.Rows != 2 || s.Invocations.Failed["unavailable"] < 5 {
			t.Errorf("%+v", s)
		}
	})
}

func TestBisectingFindsThePoisonousRowAndTheRestIsHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var handled []string
		f := &calls{answer: func(_ context.Context, keys []string) (Answer, error) {
			if slices.Contains(keys, "bad") {
				return Answer{}, failedf(Errored, "it cannot read that")
			}
			handled = append(handled, keys...)
			return Answer{}, nil
		}}
		kept, observer := new(keeper), new(seen)
		m := NewMapping(MappingConfig{
			Function: f, Source: oneShard(pagesOf("a b c d e bad g h")...), Observer: observer, Clock: record.NewClock(time.Now()),
			Policy: Policy{BisectBatchOnFunctionError: true, MaximumRetryAttempts: new(2)}, OnFailure: kept,
		})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(handled, strings.Fields("a b c d e g h")) || !slices.Equal(observer.handled, handled) || !slices.Equal(observer.discarded, []string{"bad"}) {
			t.Errorf("handled %v, told of %v, given up %v", handled, observer.handled, observer.discarded)
		}
		want := []string{"a b c d e bad g h", "a b c d", "e bad g h", "e bad", "e", "bad", "bad", "bad", "g h"}
		if !slices.Equal(f.batches, want) {
			t.Errorf("invoked with %q", f.batches)
		}
		if len(kept.all) != 1 || kept.all[0].Condition != RetryAttemptsExhausted || kept.all[0].Invoked != 6 {
			t.Errorf("kept %+v", kept.all[0])
		}
		if s := m.Status(); s.Split != 3 || s.Handled != 7 || s.Discarded != 1 || s.Hits != 8 {
			t.Errorf("%+v", s)
		}
		if at, _ := m.Checkpoint("s"); at.Sequence != "8" {
			t.Errorf("the checkpoint is %+v", at)
		}
	})
}

func TestWhatIsTooOldIsGivenUpAndUnblocksItsShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := pagesOf("old", "new")
		now := time.Now()
		pages[0].Records[0].Arrived = now.UnixMilli()
		pages[1].Records[0].Arrived = now.Add(time.Hour).UnixMilli()
		f := &calls{answer: func(_ context.Context, keys []string) (Answer, error) {
			if keys[0] == "old" {
				return Answer{}, failedf(Errored, "no")
			}
			return Answer{}, nil
		}}
		kept := new(keeper)
		m := NewMapping(MappingConfig{
			Function: f, Source: oneShard(pages...), Observer: new(seen), Clock: record.NewClock(now), OnFailure: kept, BatchSize: 1,
			Policy: Policy{MaximumRecordAge: time.Minute},
		})
		if err := runMapping(t, m, 2*time.Minute); err != nil {
			t.Fatal(err)
		}
		if f.batches[len(f.batches)-1] != "new" || len(kept.all) != 1 || kept.all[0].Condition != RecordAgeExceeded {
			t.Errorf("%q, kept %+v", f.batches, kept.all)
		}
		if waited := f.at[len(f.at)-1].Sub(now); waited < time.Minute || waited > time.Minute+longestPause {
			t.Errorf("the shard went on after %s", waited)
		}
	})
}

func TestWhatCannotBeKeptIsNotGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("no space left")
		f := &calls{answer: func(context.Context, []string) (Answer, error) { return Answer{}, failedf(Errored, "no") }}
		m := NewMapping(MappingConfig{
			Route: "r", Function: f, Source: oneShard(pagesOf("a")...), Observer: new(seen), Clock: record.NewClock(time.Now()),
			Policy: Policy{MaximumRetryAttempts: new(0)}, OnFailure: &keeper{err: full},
		})
		if err := runMapping(t, m, time.Minute); !errors.Is(err, full) || m.Status().Discarded != 0 {
			t.Errorf("%v, %+v", err, m.Status())
		}
	})
}

// A mapping does not read a shard on while it cannot handle what it has: what waits is in the stream, where its backlog shows.
func TestASlowFunctionHoldsTheReadingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &calls{answer: func(ctx context.Context, _ []string) (Answer, error) { return Answer{}, sleep(ctx, time.Hour) }}
		m := NewMapping(MappingConfig{
			Function: f, Source: oneShard(pagesOf("a b", "c d", "e f", "g h", "i j")...), Observer: new(seen), Clock: record.NewClock(time.Now()), BatchSize: 2,
		})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if s := m.Status(); s.Hits != 4 {
			t.Errorf("%d records were read while the first two were handled", s.Hits)
		}
	})
}
