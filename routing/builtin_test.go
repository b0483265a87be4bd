package routing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func itemsOfRows(keys ...string) []Item {
	items := itemsOf(1, len(keys))
	for i, row := range rowsOf("k", keys...) {
		items[i].Row = row.Row
	}
	return items
}

func TestABuiltinFunctionTakesItsTimeAndTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to, times, n := new(table), []time.Duration{time.Second, 4 * time.Second}, 0
		f := NewBuiltin(BuiltinConfig{Table: to, Timeout: 3 * time.Second, Slow: func() time.Duration { n++; return times[n-1] }})
		start := time.Now()
		if _, err := f.Invoke(t.Context(), &Batch{Items: itemsOfRows("a")}); err != nil || time.Since(start) != time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		start = time.Now()
		_, err := f.Invoke(t.Context(), &Batch{Items: itemsOfRows("b")})
		if asFailure(err) == nil || asFailure(err).Kind != TimedOut || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		if !slices.Equal(to.keys(), []string{"a"}) {
			t.Errorf("written %v", to.keys())
		}
	})
}

func TestABuiltinFunctionFailsAtItsRateAndAsItsSeedSays(t *testing.T) {
	fails := func(seed uint64) (failed []int) {
		f := NewBuiltin(BuiltinConfig{Fail: 0.2, Seed: seed})
		for i := range 1000 {
			if _, err := f.Invoke(t.Context(), &Batch{Items: itemsOfRows("a")}); asFailure(err) != nil {
				failed = append(failed, i)
			}
		}
		return failed
	}
	if first := fails(1); len(first) < 150 || len(first) > 250 || !slices.Equal(first, fails(1)) || slices.Equal(first, fails(2)) {
		t.Errorf("%d of 1000 invocations failed", len(first))
	}
}

func TestAPoisonousRowFailsEachBatchThatItIsIn(t *testing.T) {
	to := new(table)
	f := NewBuiltin(BuiltinConfig{Table: to, Poison: 0.1, Seed: 7})
	keys := numbered(200)
	var poisonous []string
	for _, key := range keys {
		if _, err := f.Invoke(t.Context(), &Batch{Items: itemsOfRows(key)}); err != nil {
			poisonous = append(poisonous, key)
		}
	}
	if len(poisonous) < 10 || len(poisonous) > 30 || len(to.keys()) != 200-len(poisonous) {
		t.Fatalf("%d of 200 rows are poisonous", len(poisonous))
	}
	if _, err := f.Invoke(t.Context(), &Batch{Items: itemsOfRows(keys...)}); err == nil || !strings.Contains(err.Error(), "k "+poisonous[0]+" fail it") {
		t.Errorf("%v", err)
	}
	f.config.Report = true
	to.calls = nil
	answer, err := f.Invoke(t.Context(), &Batch{Items: itemsOfRows(keys...)})
	before := slices.Index(keys, poisonous[0])
	if err != nil || len(answer.Refused) != 1 || answer.Refused[0] != itemsOf(1, 200)[before].Sequence || len(to.keys()) != before {
		t.Errorf("%v: refused %v, written %v", err, answer.Refused, to.keys())
	}
}

func TestWithoutATableRowsAreDropped(t *testing.T) {
	if _, err := NewBuiltin(BuiltinConfig{}).Invoke(t.Context(), &Batch{Items: itemsOfRows("a")}); err != nil {
		t.Error(err)
	}
}

func TestATableThatRefusesIsNoFailureThatTheScenarioAskedFor(t *testing.T) {
	gone := errors.New("the table is gone")
	f := NewBuiltin(BuiltinConfig{Timeout: time.Minute, Table: &table{before: func(context.Context, int) error { return gone }}})
	if _, err := f.Invoke(t.Context(), &Batch{Items: itemsOfRows("a")}); !errors.Is(err, gone) || asFailure(err) != nil {
		t.Error(err)
	}
}
