package generator

import (
	"errors"
	"io"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/record"
)

// A load that is extended while it is handed out is the one of a configuration that says so from the start: no due time hangs on when it was decided.
func TestAnExtendedLoadIsThatOfALongerHold(t *testing.T) {
	tb := t
	rapid.Check(t, func(t *rapid.T) {
		c := typical()
		seconds := func(name string) time.Duration {
			return time.Duration(rapid.IntRange(1, 5).Draw(t, name)) * time.Second
		}
		rate := func(name string) float64 { return rapid.Float64Range(0.3, 60).Draw(t, name) }
		c.Phases = []Phase{
			{Shape: Ramp, For: seconds("ramp"), From: 1, To: rate("to")},
			{Shape: Hold, For: seconds("hold"), At: rate("at")},
			{Shape: Poisson, For: seconds("poisson"), At: 20},
			{Shape: Hold, For: seconds("last"), At: rate("last at")},
		}
		longer := c
		longer.Phases = append([]Phase(nil), c.Phases...)
		at := []time.Duration{0, c.Phases[0].For, 0, c.Phases[0].For + c.Phases[1].For + c.Phases[2].For} // the starts
		var decided []time.Duration
		for _, k := range []int{1, 3} {
			more := seconds("more")
			longer.Phases[k].For += more
			c.Phases[k].Limit = longer.Phases[k].For + time.Second
			decided = append(decided, at[k]+time.Duration(rapid.Int64Range(0, int64(c.Phases[k].For)).Draw(t, "decided")))
		}
		decided[1] += longer.Phases[1].For - c.Phases[1].For
		s := mustNew(tb, c).Stream(epoch)
		var got []record.Record
		take := func(until time.Duration) {
			for {
				var batch record.Batch
				err := s.Fill(&batch, until)
				got = append(got, batch.Records...)
				if err != nil && !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				if err != nil || len(batch.Records) == 0 {
					return
				}
			}
		}
		told := 0
		for i, k := range []int{1, 3} {
			take(decided[i])
			if !s.Extend(k, longer.Phases[k].For, func() { told++ }) {
				t.Fatalf("phase %d is not extended at %s", k, decided[i])
			}
			if s.Extend(k, longer.Phases[k].For+2*time.Second, func() { told++ }) {
				t.Fatalf("phase %d is extended past its limit", k)
			}
		}
		take(time.Hour)
		if d := difference(all(tb, mustNew(tb, longer).Stream(epoch)), got); d != "" {
			t.Fatal(d)
		}
		if told != 2 || s.Extend(3, c.Phases[3].Limit, func() {}) {
			t.Fatalf("told %d times, or extended after the end", told)
		}
	})
}

func TestAHoldIsNotExtendedOnceTheLoadIsPastIt(t *testing.T) {
	c := typical()
	c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 10, Limit: 3 * time.Second}, {Shape: Hold, For: time.Second, At: 10}}
	g := mustNew(t, c)
	s := g.Stream(epoch)
	var batch record.Batch
	if err := s.Fill(&batch, time.Second+1); err != nil || len(batch.Records) != 11 {
		t.Fatalf("%d records, %v", len(batch.Records), err)
	}
	if s.Extend(0, 2*time.Second, func() { t.Error("told") }) {
		t.Error("extended")
	}
	if n := len(all(t, s)); n != 9 {
		t.Errorf("%d more records", n)
	}
	if g.Duration() != 2*time.Second || g.Records() != 20 {
		t.Error("the generator has changed")
	}
}

// Where a last phase may become longer, the load is over at its end, and not at its last record.
func TestALoadThatMayBecomeLongerIsOverAtItsEnd(t *testing.T) {
	c := typical()
	c.Phases = []Phase{{Shape: Hold, For: 10 * time.Second, At: 0.2, Limit: 20 * time.Second}}
	s := mustNew(t, c).Stream(epoch)
	var batch record.Batch
	if err := s.Fill(&batch, 10*time.Second); err != nil || len(batch.Records) != 2 {
		t.Fatalf("%d records, %v", len(batch.Records), err)
	}
	if due, ok := s.Next(); due != 10*time.Second || !ok {
		t.Errorf("the next is due at %s, %t", due, ok)
	}
	if err := s.Fill(&batch, 10*time.Second+1); !errors.Is(err, io.EOF) || len(batch.Records) != 2 {
		t.Errorf("%d records, %v", len(batch.Records), err)
	}
}

func TestOnlyAHoldHasALimit(t *testing.T) {
	for _, phase := range []Phase{
		{Shape: Poisson, For: time.Second, At: 1, Limit: time.Minute},
		{Shape: Hold, For: time.Second, At: 1, Limit: time.Millisecond},
		{Shape: Hold, For: time.Second, At: 1e6, Limit: maxDuration},
		{Shape: Hold, For: time.Second, At: 1, Limit: -1},
	} {
		c := typical()
		c.Phases = []Phase{phase}
		if _, err := New(c); err == nil {
			t.Errorf("%+v is taken", phase)
		}
	}
}
