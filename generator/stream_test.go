package generator

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

// busy is a load with a bit of everything.
func busy() Config {
	c := typical()
	c.Phases = []Phase{{Shape: Poisson, For: time.Second, At: 700}, {Shape: Ramp, For: time.Second, From: 1000, To: 0}}
	c.Duplicates, c.Unreadable = 0.2, 0.2
	c.Kinds[0].Delay, c.Kinds[0].DelayShare = Distribution{Exponential: &ExponentialForm{1e9}}, 0.5
	c.Kinds[1].Size = Distribution{LogNormal: &LogNormalForm{300, 2000}}
	c.Kinds = append(c.Kinds, Kind{
		Name: "click", Weight: 20, Keys: Keys{HotShard: &HotShard{Count: 50, Shard: 3, Share: 0.5}},
		Template: `{"kind":"click","event_time":{{.EventTimeMillis}},"key":"{{.Key}}","by":{{json (fake "name")}},"n":{{int 1 6}}}`,
	}, Kind{
		Name: "visit", Weight: 20, Keys: Keys{List: []string{"a|b", `c\d`, "e\"f"}},
		Samples: []Sample{{"one", []byte(`{"page":1}`)}, {"two", []byte(` {"page":{"n":2},"key":{"old":1},"value":3.5} `)}},
	})
	return c
}

// all are a load's records, taken in calls that ask up to the times.
func all(t testing.TB, s *Stream, times ...time.Duration) []record.Record {
	t.Helper()
	var kept []record.Record
	var batch record.Batch
	for _, until := range append(times, math.MaxInt64) {
		for {
			batch.Reset()
			err := s.Fill(&batch, until)
			if err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			kept = append(kept, batch.Records...)
			if len(batch.Records) == 0 {
				break
			}
			// Whatever the batch's memory held before must not show.
			for i := range batch.Records {
				batch.Records[i] = record.Record{
					PartitionKey: "stale", ExplicitHashKey: "stale", Data: []byte("stale"), Due: -1,
					Event: record.Event{Kind: "stale", Key: "stale", Time: -1, Value: "stale", Unreadable: true},
				}
			}
		}
	}
	return kept
}

// difference is the first one between two loads.
func difference(want, got []record.Record) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d records, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(want[i], got[i]) {
			return fmt.Sprintf("record %d:\n%s", i, cmp.Diff(want[i], got[i]))
		}
	}
	return ""
}

var epoch = time.Date(2026, 11, 23, 12, 0, 0, 123_456_789, time.UTC)

func TestRecordsDoNotDependOnHowTheyAreAskedFor(t *testing.T) {
	g := mustNew(t, busy())
	want := all(t, g.Stream(epoch))
	if int64(len(want)) != g.Records() {
		t.Fatalf("%d records, and Records says %d", len(want), g.Records())
	}
	rapid.Check(t, func(r *rapid.T) {
		times := rapid.SliceOfN(rapid.Int64Range(0, int64(2*time.Second)), 0, 30).Draw(r, "times")
		slices.Sort(times)
		asked := make([]time.Duration, len(times))
		for i := range times {
			asked[i] = time.Duration(times[i])
		}
		got := all(t, g.Stream(epoch), asked...)
		if d := difference(want, got); d != "" {
			r.Fatalf("(-at once +in slices) %s", d)
		}
	})
}

// A worker of a fleet takes every n-th record.
func TestARecordNeedsNoneBeforeIt(t *testing.T) {
	g := mustNew(t, busy())
	want := all(t, g.Stream(epoch))
	rapid.Check(t, func(r *rapid.T) {
		s := g.Stream(epoch)
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(want)-1), 1, 20).Draw(r, "records") {
			var got record.Record
			if err := s.write(int64(i), s.cursor.due(int64(i)), &got); err != nil {
				r.Fatal(err)
			}
			if d := cmp.Diff(want[i], got); d != "" {
				r.Fatalf("record %d (-in order +alone):\n%s", i, d)
			}
		}
	})
}

func TestFillIsBoundedAndEndsOnce(t *testing.T) {
	c := typical()
	c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 2*fillRecords + 1}}
	s := mustNew(t, c).Stream(epoch)
	for _, want := range []struct {
		until   time.Duration
		records int
		err     error
		next    bool
	}{
		{0, 0, nil, true},
		{1, 1, nil, true},
		{time.Minute, fillRecords, nil, true},
		{time.Minute, fillRecords, nil, false},
		{time.Minute, 0, io.EOF, false},
		{time.Minute, 0, io.EOF, false},
	} {
		var batch record.Batch
		err := s.Fill(&batch, want.until)
		if len(batch.Records) != want.records || !errors.Is(err, want.err) {
			t.Errorf("up to %v: %d records and %v, want %d and %v", want.until, len(batch.Records), err, want.records, want.err)
		}
		if _, ok := s.Next(); ok != want.next {
			t.Errorf("up to %v: a next one: %v", want.until, ok)
		}
	}
}

func TestAnotherSeedIsAnotherLoad(t *testing.T) {
	c := typical()
	a := mustNew(t, c).Stream(epoch)
	c.Seed++
	b := mustNew(t, c).Stream(epoch)
	same := 0
	const n = 1000
	for i := range int64(n) {
		var x, y record.Record
		if a.write(i, 0, &x) != nil || b.write(i, 0, &y) != nil {
			t.Fatal("not written")
		}
		if x.Event.Key == y.Event.Key {
			same++
		}
	}
	if same > n/50 {
		t.Errorf("%d of %d keys are the same", same, n)
	}
}

// What is drawn for one thing must not change what is drawn for another.
func TestOneFeatureLeavesTheOthersAlone(t *testing.T) {
	plain := typical()
	plain.Phases = []Phase{{Shape: Hold, For: time.Second, At: 500}}
	for name, change := range map[string]func(c *Config){
		"size":       func(c *Config) { c.Kinds[0].Size = Distribution{Normal: &NormalForm{400, 50}} },
		"value":      func(c *Config) { c.Kinds[0].Value = Distribution{Exponential: &ExponentialForm{20}} },
		"delay":      func(c *Config) { c.Kinds[0].Delay, c.Kinds[0].DelayShare = Distribution{Fixed: new(1e9)}, 0.5 },
		"duplicates": func(c *Config) { c.Duplicates = 0.3 },
		"unreadable": func(c *Config) { c.Unreadable = 0.3 },
	} {
		t.Run(name, func(t *testing.T) {
			c := plain
			c.Kinds = slices.Clone(plain.Kinds)
			change(&c)
			before, after := all(t, mustNew(t, plain).Stream(epoch)), all(t, mustNew(t, c).Stream(epoch))
			for i := range before {
				copied := i > 0 && &after[i].Data[0] == &after[i-1].Data[0]
				if !copied && (before[i].PartitionKey != after[i].PartitionKey || before[i].Due != after[i].Due) {
					t.Fatalf("record %d: %q due at %v became %q due at %v", i, before[i].PartitionKey, before[i].Due, after[i].PartitionKey, after[i].Due)
				}
			}
		})
	}
}

func TestEventTimeIsTheDueTimeLessADelay(t *testing.T) {
	c := typical()
	c.Kinds = c.Kinds[:1]
	c.Kinds[0].Delay, c.Kinds[0].DelayShare = Distribution{Uniform: &Range{1e9, 2e9}}, 0.25
	c.Phases = []Phase{{Shape: Hold, For: 10 * time.Second, At: 1000}}
	delayed := 0
	for i, r := range all(t, mustNew(t, c).Stream(epoch)) {
		onTime := epoch.Add(r.Due).UnixMilli()
		if r.Event.Time == onTime {
			continue
		}
		delayed++
		if behind := onTime - r.Event.Time; behind < 1000 || behind > 2001 {
			t.Fatalf("record %d is %d ms behind", i, behind)
		}
	}
	if delayed < 2300 || delayed > 2700 {
		t.Errorf("%d of 10,000 are delayed, want a quarter", delayed)
	}
}

func TestDuplicatesRepeatTheRecordBefore(t *testing.T) {
	c := typical()
	c.Duplicates = 0.3
	c.Phases = []Phase{{Shape: Hold, For: 10 * time.Second, At: 1000}}
	records := all(t, mustNew(t, c).Stream(epoch))
	repeated := 0
	for i := 1; i < len(records); i++ {
		a, b := records[i-1], records[i]
		if string(a.Data) != string(b.Data) {
			continue
		}
		repeated++
		if b.Due <= a.Due {
			t.Fatalf("record %d is due at %v, its original at %v", i, b.Due, a.Due)
		}
		if b.Due = a.Due; !reflect.DeepEqual(a, b) {
			t.Fatalf("record %d:\n%s", i, cmp.Diff(a, b))
		}
	}
	if repeated < 2800 || repeated > 3200 {
		t.Errorf("%d of 10,000 are repeated, want 3 in 10", repeated)
	}
}

func TestStreamsOfOneGeneratorAreIndependent(t *testing.T) {
	g := mustNew(t, busy())
	want := all(t, g.Stream(epoch))
	done := make(chan string)
	for range 4 {
		go func() { done <- difference(want, all(t, g.Stream(epoch))) }()
	}
	for range 4 {
		if d := <-done; d != "" {
			t.Error(d)
		}
	}
}

func TestAnEpochThatRFC3339CannotWriteIsAnError(t *testing.T) {
	g := mustNew(t, typical())
	for _, year := range []int{999, 8001, 292277026596} {
		var batch record.Batch
		if err := g.Stream(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)).Fill(&batch, 1); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("the year %d: %v", year, err)
		}
	}
}

func TestSteadyStateAllocatesNothingARecord(t *testing.T) {
	s := mustNew(t, typical()).Stream(epoch)
	var batch record.Batch
	until := time.Duration(0)
	ask := func() {
		batch.Reset()
		until += 10 * time.Millisecond
		if err := s.Fill(&batch, until); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	if n := testing.AllocsPerRun(100, ask); n > 2 {
		t.Errorf("%v allocations for %d records", n, len(batch.Records))
	}
}

func ExampleGenerator() {
	g, err := New(Config{
		Seed: 7, Run: "example", Fields: record.DefaultFields(),
		Phases: []Phase{{Name: "up", Shape: Ramp, For: 2 * time.Second, From: 0, To: 2}},
		Kinds: []Kind{{
			Name: "order", Weight: 1, Keys: Keys{Zipf: &ZipfKeys{Count: 200, Exponent: 1}},
			Size: Distribution{Fixed: new(140.0)}, Value: Distribution{Uniform: &Range{1, 10}}, Decimals: 2,
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var batch record.Batch
	if err := g.Stream(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)).Fill(&batch, g.Duration()); err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range batch.Records {
		fmt.Printf("%v %s %s\n", r.Due, r.PartitionKey, r.Data)
	}
	// Output:
	// 0s k002 {"id":"example-0","kind":"order","event_time":"2026-11-23T12:00:00.000Z","value":3.57,"key":"k002","pad":"The wall across the stream is lo"}
	// 1.414213562s k030 {"id":"example-1","kind":"order","event_time":"2026-11-23T12:00:01.414Z","value":8.22,"key":"k030","pad":"The wall across the stream is lo"}
}
