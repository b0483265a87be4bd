package routing

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weir/record"
)

// numbered are n keys.
func numbered(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	return keys
}

// runDirect runs d in a bubble's goroutine; stop ends its taking and waits for Run's end.
func runDirect(t *testing.T, d *Direct) (stop func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx, t.Context()) }()
	return func() error {
		cancel()
		return <-ended
	}
}

func TestDirectHandlesAllRowsInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := new(table)
		d := NewDirect(DirectConfig{Function: writes(handler)})
		stop := runDirect(t, d)
		if err := d.Emit(t.Context(), rowsOf("k", numbered(110)...)); err != nil {
			t.Fatal(err)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		got := handler.keys()
		want := numbered(110)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("handled %v", got)
		}
		for _, rows := range handler.calls {
			if len(rows) > 25 {
				t.Errorf("a call of %d rows", len(rows))
			}
		}
		if len(handler.calls) != 5 {
			t.Errorf("%d calls for 110 rows", len(handler.calls))
		}
	})
}

func TestDirectLingersForRowsThatFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := new(table)
		d := NewDirect(DirectConfig{Function: writes(handler), Linger: 5 * time.Millisecond})
		stop := runDirect(t, d)
		start := time.Now()
		for _, key := range []string{"a", "b", "c"} {
			if err := d.Emit(t.Context(), rowsOf("k", key)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if len(handler.calls) != 1 || len(handler.calls[0]) != 3 || handler.at[0].Sub(start) != 5*time.Millisecond {
			t.Errorf("calls %v after %v, want one of three rows, 5 ms after the first", handler.calls, handler.at)
		}
	})
}

func TestDirectBlocksWhereItsQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &table{before: func(context.Context, int) error { time.Sleep(time.Second); return nil }}
		d := NewDirect(DirectConfig{Function: writes(handler), Batch: 2, InFlight: 1, Queue: 4})
		stop := runDirect(t, d)
		start := time.Now()
		if err := d.Emit(t.Context(), rowsOf("k", numbered(10)...)); err != nil {
			t.Fatal(err)
		}
		// Two rows are under way and four wait: the last four found room when two calls had ended.
		if waited := time.Since(start); waited != 2*time.Second || d.Queued() != 4 {
			t.Errorf("blocked for %s, %d queued", waited, d.Queued())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		err := d.Emit(ctx, rowsOf("k", "late", "later"))
		if untaken, ok := errors.AsType[*Untaken](err); !ok || untaken.Rows != 2 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an Emit whose context ended gave %v", err)
		}
		if err := stop(); err != nil || len(handler.keys()) != 10 {
			t.Errorf("%v, handled %v", err, handler.keys())
		}
	})
}

func TestDirectEndsWithTheHandlersError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("the table is gone")
		handler := &table{before: func(_ context.Context, n int) error {
			time.Sleep(time.Second)
			return broken
		}}
		d := NewDirect(DirectConfig{Function: writes(handler), Batch: 2, InFlight: 1, Queue: 4})
		ended := make(chan error, 1)
		go func() { ended <- d.Run(t.Context(), t.Context()) }()
		emitted := d.Emit(t.Context(), rowsOf("k", numbered(10)...))
		if !errors.Is(emitted, broken) {
			t.Errorf("the blocked Emit gave %v", emitted)
		}
		err := <-ended
		if !errors.Is(err, broken) || err.Error() != "routing: 6 rows were not handled: the table is gone" {
			t.Errorf("Run gave %v", err)
		}
		if err := d.Emit(t.Context(), rowsOf("k", "x")); !errors.Is(err, broken) {
			t.Errorf("a later Emit gave %v", err)
		}
	})
}

func TestDirectNamesWhatTheDrainLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &table{before: func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }}
		d := NewDirect(DirectConfig{Function: writes(handler), Batch: 2, InFlight: 1})
		if err := d.Emit(t.Context(), rowsOf("k", numbered(5)...)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		drain, quit := context.WithTimeout(t.Context(), time.Minute)
		defer quit()
		if err := d.Run(ctx, drain); err == nil || err.Error() != "routing: 5 rows were not handled: context deadline exceeded" {
			t.Errorf("Run gave %v", err)
		}
	})
}

// Whatever the sizes and delays: each row that Emit took is handled once, also those that are queued when the taking ends.
func TestDirectLosesNoRow(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := DirectConfig{
			Batch: rapid.IntRange(1, 5).Draw(r, "batch"), InFlight: rapid.IntRange(1, 3).Draw(r, "in flight"),
			Queue: rapid.IntRange(1, 8).Draw(r, "queue"), Linger: time.Duration(rapid.IntRange(1, 9).Draw(r, "linger")),
		}
		delays := rapid.SliceOfN(rapid.IntRange(0, 10), 1, 5).Draw(r, "delays")
		emits := rapid.SliceOf(rapid.IntRange(0, 12)).Draw(r, "emits")
		var want, got []string
		var failure error
		synctest.Test(t, func(t *testing.T) {
			handler := &table{before: func(_ context.Context, n int) error {
				time.Sleep(time.Duration(delays[n%len(delays)]))
				return nil
			}}
			config.Function = writes(handler)
			d := NewDirect(config)
			stop := runDirect(t, d)
			for i, n := range emits {
				keys := numbered(n)
				for j := range keys {
					keys[j] = strconv.Itoa(i) + "/" + keys[j]
				}
				want = append(want, keys...)
				failure = errors.Join(failure, d.Emit(t.Context(), rowsOf("k", keys...)))
			}
			failure = errors.Join(failure, stop())
			got = handler.keys()
		})
		slices.Sort(want)
		slices.Sort(got)
		if failure != nil || !slices.Equal(got, want) {
			r.Fatalf("%v: handled %v, want %v", failure, got, want)
		}
	})
}

// A row that fires again while what fired first is being handled is handled after it, whatever else waits.
func TestDirectKeepsTheFiringsOfARowInOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := DirectConfig{
			Batch: rapid.IntRange(1, 4).Draw(r, "batch"), InFlight: rapid.IntRange(1, 4).Draw(r, "in flight"), Queue: rapid.IntRange(1, 8).Draw(r, "queue"),
		}
		delays := rapid.SliceOfN(rapid.IntRange(0, 10), 1, 5).Draw(r, "delays")
		keys := rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})).Draw(r, "keys")
		last := make(map[string]int64)
		total := 0
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			config.Function = writes(handling(func(rows []record.Row) {
				mu.Lock()
				total += len(rows)
				delay := delays[total%len(delays)]
				mu.Unlock()
				time.Sleep(time.Duration(delay))
				mu.Lock()
				defer mu.Unlock()
				for i := range rows {
					if rows[i].Count <= last[rows[i].Key] {
						r.Errorf("%s is handled with %d after %d", rows[i].Key, rows[i].Count, last[rows[i].Key])
					}
					last[rows[i].Key] = rows[i].Count
				}
			}))
			d := NewDirect(config)
			stop := runDirect(t, d)
			for i, key := range keys {
				rows := rowsOf("k", key)
				rows[0].Count = int64(i + 1)
				if err := d.Emit(t.Context(), rows); err != nil {
					r.Error(err)
				}
			}
			if err := stop(); err != nil {
				r.Error(err)
			}
		})
		if total != len(keys) {
			r.Errorf("%d of %d rows were handled", total, len(keys))
		}
	})
}

// handling is a handler that is a function.
type handling func(rows []record.Row)

func (h handling) Handle(_ context.Context, rows []record.Row) error {
	h(rows)
	return nil
}
