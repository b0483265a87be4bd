package routing

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
	"weir/routing/filter"
)

// output is an output stream in memory: the pages of each shard.
type output struct {
	shards []record.Shard
	pages  map[string][]record.Page
	err    error // of Read, after the pages
}

func (o *output) Shards(context.Context) ([]record.Shard, error) { return o.shards, nil }

func (o *output) Read(ctx context.Context, shard record.Shard, _ record.Position, to record.Receiver) error {
	for _, page := range o.pages[shard.ID] {
		page.Shard = shard.ID
		if err := to.Take(ctx, page); err != nil {
			return err
		}
		if page.End {
			return nil
		}
	}
	if o.err != nil {
		return o.err
	}
	<-ctx.Done()
	return ctx.Err()
}

// page makes a page of an output stream: the rows' JSON, or the text of what is no row.
func page(first int, contents ...any) record.Page {
	var p record.Page
	for i, content := range contents {
		stored := record.Stored{Sequence: strconv.Itoa(first + i), PartitionKey: "p"}
		switch content := content.(type) {
		case record.Fired:
			stored.Data, _ = json.Marshal(content.Row)
		case string:
			stored.Data = []byte(content)
		}
		p.Records = append(p.Records, stored)
	}
	return p
}

func oneShard(pages ...record.Page) *output {
	return &output{shards: []record.Shard{{ID: "s"}}, pages: map[string][]record.Page{"s": pages}}
}

// seen is an observer that keeps what it was told.
type seen struct {
	mu                                 sync.Mutex
	routed, missed, handled, discarded []string
	at                                 []time.Duration
	done                               map[string][]int64 // places by shard
}

func (s *seen) add(to *[]string, ids []record.RowID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		*to = append(*to, id.Key)
	}
}

func (s *seen) Routed(_ string, ids []record.RowID, at time.Duration) {
	s.add(&s.routed, ids)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, at)
}

func (s *seen) Missed(_ string, ids []record.RowID)                  { s.add(&s.missed, ids) }
func (s *seen) Handled(_ string, rows []record.Row, _ time.Duration) { s.add(&s.handled, idsOf(rows)) }

func (s *seen) Discarded(_ string, rows []record.Row) { s.add(&s.discarded, idsOf(rows)) }

func (s *seen) Done(_, shard string, places []int64, _ time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil {
		s.done = make(map[string][]int64)
	}
	s.done[shard] = append(s.done[shard], places...)
}

func idsOf(rows []record.Row) []record.RowID {
	ids := make([]record.RowID, len(rows))
	for i := range rows {
		ids[i] = rows[i].RowID
	}
	return ids
}

func orders(t testing.TB) *filter.Filter {
	t.Helper()
	f, err := filter.Compile([]map[string]any{{"data": map[string]any{"kind": []any{"order"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// runMapping runs a mapping for a time, inside a bubble.
func runMapping(t *testing.T, m *Mapping, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return m.Run(ctx, record.Position{})
}

func TestMappingRoutesWhatItsFiltersMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		order, refund := rowsOf("order", "o1", "o2", "o3"), rowsOf("refund", "r1")
		flush := page(8, `{"kind":"order"}`)
		flush.Records[0].PartitionKey = record.FlushKey("run")
		source := oneShard(page(1, order[0], refund[0], "not JSON", order[1]), record.Page{}, page(5, `{"kind":"order"}`, order[2]), flush)
		handler, observer := new(table), new(seen)
		m := NewMapping(MappingConfig{
			Route: "orders", Filter: orders(t), Function: writes(handler), Source: source, Observer: observer, Clock: record.NewClock(time.Now()),
		})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := handler.keys(); !slices.Equal(got, []string{"o1", "o2", "o3"}) || !slices.Equal(observer.routed, got) {
			t.Errorf("handled %v, routed %v", got, observer.routed)
		}
		if !slices.Equal(observer.missed, []string{"r1"}) {
			t.Errorf("missed %v", observer.missed)
		}
		want := MappingStatus{
			Hits: 4, Handled: 4, Rows: 3, Foreign: 1, Misses: 2, NotJSON: 1, Invocations: InvocationCounts{Failed: map[string]int64{}},
		}
		got := m.Status()
		got.Invocations.Made = 0 // how many pages share one depends on which is first
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if at, ok := m.Checkpoint("s"); !ok || at != (record.Position{Kind: record.AfterSequence, Sequence: "8"}) {
			t.Errorf("checkpoint %+v, %v", at, ok)
		}
	})
}

func TestMappingHandsOverBatchesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var contents []any
		for _, row := range rowsOf("k", numbered(250)...) {
			contents = append(contents, row)
		}
		handler := new(table)
		m := NewMapping(MappingConfig{Function: writes(handler), Source: oneShard(page(1, contents...)), Observer: new(seen), Clock: record.NewClock(time.Now())})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := handler.keys(); !slices.Equal(got, numbered(250)) {
			t.Errorf("handled %v", got)
		}
		if len(handler.calls) != 3 || len(handler.calls[0]) != 100 || len(handler.calls[2]) != 50 {
			t.Errorf("%d calls", len(handler.calls))
		}
	})
}

func TestFailingBatchHoldsUpItsShardOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := rowsOf("k", "a1", "a2"), rowsOf("k", "b1", "b2")
		source := &output{shards: []record.Shard{{ID: "a"}, {ID: "b"}}, pages: map[string][]record.Page{
			"a": {page(1, a[0]), page(2, a[1])}, "b": {page(1, b[0]), page(2, b[1])},
		}}
		healed := time.Now().Add(10 * time.Second)
		handler := new(table)
		failing := tableFunc(func(ctx context.Context, rows []record.Row) error {
			if rows[0].Key == "a1" && time.Now().Before(healed) {
				return errors.New("not now")
			}
			return handler.Handle(ctx, rows)
		})
		observer := new(seen)
		m := NewMapping(MappingConfig{Function: writes(failing), Source: source, Observer: observer, Clock: record.NewClock(time.Now())})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := handler.keys(); !slices.Equal(got, []string{"b1", "b2", "a1", "a2"}) {
			t.Errorf("handled %v", got)
		}
		slices.Sort(observer.routed)
		if !slices.Equal(observer.routed, []string{"a1", "a2", "b1", "b2"}) {
			t.Errorf("routed %v: a batch that is tried again is routed once", observer.routed)
		}
		// Pauses from 50 ms on that double to at most 5 s: about seven in ten seconds, neither a storm nor a stop.
		if n := m.Status().Invocations.Failed["error"]; n < 6 || n > 11 {
			t.Errorf("%d failures in 10 s", n)
		}
	})
}

func TestMappingThatEndsWhileItsHandlerFailsSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("the table is gone")
		handler := tableFunc(func(context.Context, []record.Row) error { return broken })
		row := rowsOf("k", "a")[0]
		m := NewMapping(MappingConfig{Route: "r", Function: writes(handler), Source: oneShard(page(1, row)), Observer: new(seen), Clock: record.NewClock(time.Now())})
		err := runMapping(t, m, time.Minute)
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "route r: shard s: the function failed: 1 records from 1 on: ") {
			t.Errorf("Run gave %v", err)
		}
		if _, ok := m.Checkpoint("s"); ok {
			t.Error("the checkpoint passed what was not handled")
		}
	})
}

func TestMappingReadsChildrenAfterTheirParents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := rowsOf("k", "parent", "child")
		last := page(1, rows[0])
		last.End = true
		source := &output{
			shards: []record.Shard{{ID: "child", Parents: []string{"parent", "trimmed"}}, {ID: "parent", Closed: true}},
			pages:  map[string][]record.Page{"parent": {last}, "child": {page(1, rows[1])}},
		}
		handler := &table{before: func(_ context.Context, n int) error { time.Sleep(time.Duration(1-n) * time.Second); return nil }}
		m := NewMapping(MappingConfig{Function: writes(handler), Source: source, Observer: new(seen), Clock: record.NewClock(time.Now())})
		if err := runMapping(t, m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := handler.keys(); !slices.Equal(got, []string{"parent", "child"}) {
			t.Errorf("handled %v", got)
		}
	})
}

func TestMappingNamesWhyItCannotRead(t *testing.T) {
	gone := errors.New("no such stream")
	ended := page(1)
	ended.End = true
	for _, c := range []struct {
		name   string
		source *output
		want   string
	}{
		{"the stream is gone", &output{shards: []record.Shard{{ID: "s"}}, err: gone}, "route r: shard s: no such stream"},
		{"a stream without shards", &output{}, "route r: the output stream has no shards"},
		{"a reshard", oneShard(ended), "route r: shard s was closed while it was read, and the stream told of no shard"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMapping(MappingConfig{Route: "r", Function: writes(new(table)), Source: c.source, Observer: new(seen), Clock: record.NewClock(time.Now())})
			if err := m.Run(t.Context(), record.Position{}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestEachPlaceOfAShardIsDoneOnceWhateverBecomesOfItsRecord(t *testing.T) {
	for name, c := range map[string]struct {
		function Function
		policy   Policy
		factor   int
		left     []int64 // the places of what is not done when it ends
	}{
		"handled":  {function: writes(new(table)), factor: 1},
		"in lanes": {function: writes(new(table)), factor: 4},
		"given up": {function: failsOn("o2"), policy: Policy{MaximumRetryAttempts: new(1), BisectBatchOnFunctionError: true}, factor: 1},
		"fails":    {function: failsOn("o2"), factor: 1, left: []int64{0, 3, 5, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				order, refund := rowsOf("order", "o1", "o2", "o3"), rowsOf("refund", "r1")
				p := page(1, order[0], refund[0], "not JSON", order[1], "x", `{"kind":"order"}`)
				p.Records[4].PartitionKey = record.FlushKey("run")
				p.Records[5].PartitionKey = "another"
				source := &output{shards: []record.Shard{{ID: "a"}, {ID: "b"}}, pages: map[string][]record.Page{"a": {p, {}, page(7, order[2])}, "b": {p, page(7, order[2])}}}
				observer := new(seen)
				m := NewMapping(MappingConfig{
					Route: "orders", Filter: orders(t), Function: c.function, Source: source, Observer: observer, Clock: record.NewClock(time.Now()), Policy: c.policy,
					ParallelizationFactor: c.factor, BatchSize: 10, BatchingWindow: time.Second,
				})
				if err := runMapping(t, m, time.Minute); (err != nil) != (c.left != nil) {
					t.Fatal(err)
				}
				for shard, places := range observer.done {
					slices.Sort(places)
					want := slices.DeleteFunc([]int64{0, 1, 2, 3, 4, 5, 6}, func(place int64) bool { return slices.Contains(c.left, place) })
					if !slices.Equal(places, want) {
						t.Errorf("of shard %s the places %v are done, and %v should be", shard, places, want)
					}
				}
				if len(observer.done) != 2 {
					t.Errorf("done of %d shards", len(observer.done))
				}
			})
		})
	}
}

// failsOn is a function that fails on batches with a row of that key.
func failsOn(key string) Function {
	return writes(tableFunc(func(_ context.Context, rows []record.Row) error {
		for i := range rows {
			if rows[i].Key == key {
				return errors.New("not that one")
			}
		}
		return nil
	}))
}
