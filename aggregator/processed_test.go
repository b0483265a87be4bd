package aggregator

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weir/record"
)

// checkProcessed fails unless each place of a shard was told of once, none was left out, and Status counts as many records.
func (a *aggregated) checkProcessed(t *testing.T) {
	t.Helper()
	told := int64(0)
	for shard, places := range a.processed {
		told += int64(len(places))
		slices.Sort(places)
		for i, place := range places {
			if int64(i) != place {
				t.Errorf("shard %s: place %d is missing, or %d was told twice", shard, i, place)
				break
			}
		}
	}
	s := &a.status
	if done := s.Counted + s.Late + s.Unreadable + s.Suppressed; done > told || done != s.Read {
		t.Errorf("%d records were told to be processed; of %d that were read Status has %d done", told, s.Read, done)
	}
}

// everySort is a page of records of every sort: counted, late, suppressed, unreadable, flush.
func everySort() []record.Stored {
	return []record.Stored{
		stored(0, eventOf("k", "a", 9000, "1")), stored(1, eventOf("k", "b", 9500, "1")), stored(2, "no JSON"), stored(3, eventOf("k", "a", 20_000, "1")),
		stored(4, eventOf("k", "b", 1000, "1")), stored(5, eventOf("k", "a", 12_000, "1")), stored(6, eventOf("k", "b", 21_000, "1")), flush(7),
	}
}

func TestEachRecordIsProcessedOnceWhateverBecomesOfIt(t *testing.T) {
	for _, parallelism := range []int{1, 3} {
		for _, size := range []int{1, 3, 8} {
			for _, drift := range []time.Duration{0, time.Hour} {
				t.Run(fmt.Sprintf("%d subtasks, pages of %d, drift %s", parallelism, size, drift), func(t *testing.T) {
					config := seconds(parallelism)
					config.Incomplete, config.Watermark.MaxDrift = new(int64(5000)), drift
					config.Cost = &Cost{Draw: func(int) func() time.Duration { return func() time.Duration { return 300 * time.Microsecond } }}
					got := aggregate(t, config, one(everySort(), size))
					if got.err != nil {
						t.Fatal(got.err)
					}
					if s := &got.status; s.Counted == 0 || s.Late != 1 || s.Suppressed != 1 || s.Unreadable != 1 || len(got.processed["shard-0"]) != 8 {
						t.Errorf("status %+v, processed %v", s, got.processed)
					}
				})
			}
		}
	}
}

// A page of a thousand records at 4 ms each counts record by record, as each is paid for. Status agrees at each moment. A record that is not paid for when the
// aggregator is killed is never reported.
func TestARecordIsProcessedWhenItsCostIsPaid(t *testing.T) {
	const each = 4 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		var records []record.Stored
		for n := range 1000 {
			records = append(records, stored(n, eventOf("k", "a", int64(n), "1")))
		}
		told := new(kept)
		config := seconds(1)
		config.Source, config.Sink, config.Observer = one(records, 1000), told, told
		config.Fields, config.Clock = record.DefaultFields(), record.NewClock(time.Now())
		config.Cost = &Cost{Draw: func(int) func() time.Duration { return func() time.Duration { return each } }}
		a := New(config)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- a.Run(ctx, record.Position{}) }()
		for n := range 100 {
			synctest.Wait()
			if got := len(told.done("shard-0")); got != n || a.Status().Counted != int64(n) {
				t.Fatalf("after %s %d records are processed, and Status counts %d", time.Duration(n)*each, got, a.Status().Counted)
			}
			time.Sleep(each)
		}
		time.Sleep(each / 2)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := told.done("shard-0"); len(got) != 100 || a.Status().Counted != 100 {
			t.Errorf("%d records were processed when it was killed, and Status counts %d", len(got), a.Status().Counted)
		}
	})
}

// Costs below a millisecond are paid together, and those of the last records before a silence are not waited for.
func TestRecordsThatAreOwedLessThanAPaymentAreProcessedAtTheEndOfTheirBatch(t *testing.T) {
	config := seconds(1)
	config.Cost = &Cost{Draw: func(int) func() time.Duration { return func() time.Duration { return 300 * time.Microsecond } }}
	var records []record.Stored
	for n := range 10 {
		records = append(records, stored(n, eventOf("k", "a", int64(n), "1")))
	}
	got := aggregateFor(t, time.Second, config, one(records, 10))
	if got.err != nil || got.status.Counted != 10 || len(got.processed["shard-0"]) != 10 {
		t.Errorf("%d are counted, processed %v: %v", got.status.Counted, got.processed, got.err)
	}
}
