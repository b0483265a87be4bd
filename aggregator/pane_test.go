package aggregator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/record"
)

// A pane is a map from (kind, key) to an accumulator, whatever the keys are and however many.
func TestAPaneIsAMapFromKeysToAccumulators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPane(0)
		type group struct{ kind, key string }
		want := make(map[group]int64)
		keys := rapid.IntRange(1, 3*blockCells).Draw(t, "keys")
		length := rapid.SampledFrom([]int{0, 5, 300}).Draw(t, "length")
		for i, n := range rapid.SliceOfN(rapid.IntRange(0, keys-1), 0, 4*keys).Draw(t, "records") {
			g := group{strings.Repeat("k", n%3), fmt.Sprint(n/3) + strings.Repeat("x", length)}
			e := event{Event: record.Event{Kind: g.kind, Key: g.key, Value: "1"}, due: time.Duration(i), hash: hashOf(g.kind, g.key)}
			c, err := p.add(&e)
			if err != nil || c.kind != g.kind || c.key != g.key || c.newest != e.due {
				t.Fatalf("%v: %+v for %v", err, c, g)
			}
			want[g]++
		}
		got := 0
		for c := range p.all() {
			var row record.Row
			c.Fill(&row)
			if row.Count != want[group{c.kind, c.key}] {
				t.Fatalf("%s/%s has %d records, want %d", c.kind, c.key, row.Count, want[group{c.kind, c.key}])
			}
			got++
		}
		if got != len(want) || p.cells != got {
			t.Fatalf("%d cells, said to be %d, want %d", got, p.cells, len(want))
		}
		var before *cell
		for _, c := range p.sorted() {
			if before != nil && (before.kind > c.kind || before.kind == c.kind && before.key >= c.key) {
				t.Fatalf("%s/%s is out of order", c.kind, c.key)
			}
			before = c
		}
	})
}

// What a subtask's state gives, put into a new one, fires the same rows.
func TestStateThatIsPutIntoAnotherSubtaskFiresTheSameRows(t *testing.T) {
	a := New(Config{Parallelism: 1, Window: 3 * time.Second, Slide: time.Second})
	a.config.Source, a.config.Sink, a.config.Observer = one(nil, 1), new(kept), new(kept)
	if err := a.check(); err != nil {
		t.Fatal(err)
	}
	was, is := newWindowSubtask(a, 0, nil), newWindowSubtask(a, 1, nil)
	b := &batch{shard: "s"}
	for i := range 1000 {
		e := record.Event{Kind: "k", Key: fmt.Sprint(i % 7), Time: int64(i * 5), Value: fmt.Sprint(i)}
		b.events = append(b.events, event{Event: e, due: time.Duration(i), hash: hashOf(e.Kind, e.Key)})
	}
	if err := was.count(b, b.events); err != nil {
		t.Fatal(err)
	}
	for start, c := range was.cells() {
		if err := is.put(start, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range []*windowSubtask{was, is} {
		if err := w.take(0, &mark{watermark: 20_000}); err != nil {
			t.Fatal(err)
		}
	}
	if len(was.fired) != 7*7 || fmt.Sprint(was.fired) != fmt.Sprint(is.fired) {
		t.Errorf("%v, and of the state: %v", was.fired, is.fired)
	}
	if len(was.open)+len(is.open) > 0 {
		t.Errorf("%d and %d panes are left", len(was.open), len(is.open))
	}
}
