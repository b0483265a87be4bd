package backlog

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/record"
)

func TestMaximaAreExactBetweenTwoLooks(t *testing.T) {
	var l Level
	l.Add(5, 500)
	l.Add(-5, -500)
	l.Add(2, 200)
	l.Aged(3 * time.Second)
	if got, want := l.Recent(), (Most{5, 500, 3 * time.Second}); got != want {
		t.Errorf("recent is %+v, want %+v", got, want)
	}
	if got, want := l.Recent(), (Most{Records: 2, Bytes: 200}); got != want {
		t.Errorf("the second look sees %+v, want what waits now, %+v", got, want)
	}
	l.Add(1, 1)
	if got, want := l.Most(), (Most{5, 500, 3 * time.Second}); got != want {
		t.Errorf("most is %+v, want %+v", got, want)
	}
}

func TestTheSumOfTwoPlacesIsAsOldAsTheOlder(t *testing.T) {
	one, other := Extent{1, 10, 4 * time.Second}, Extent{2, 20, 3 * time.Second}
	for _, test := range []struct{ a, b, want Extent }{
		{one, other, Extent{3, 30, 3 * time.Second}},
		{other, one, Extent{3, 30, 3 * time.Second}},
		{one, None, one},
		{None, one, one},
		{None, None, None},
		{Extent{1, 1, record.NoDue}, one, Extent{2, 11, 4 * time.Second}},
	} {
		if got := test.a.Plus(test.b); got != test.want {
			t.Errorf("%+v plus %+v is %+v, want %+v", test.a, test.b, got, test.want)
		}
	}
	if got := one.Age(10 * time.Second); got != 6*time.Second {
		t.Errorf("the age is %s", got)
	}
	if got := None.Age(10 * time.Second); got != 0 {
		t.Errorf("the age of nothing is %s", got)
	}
}

// A due time that leaves and comes back is kept twice in the order for a while, which may not show.
func TestTheOldestIsTheLeastDueTimeThatWaits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var ages Ages
	var waiting []time.Duration
	for range 20_000 {
		if due := time.Duration(r.IntN(50)); r.IntN(2) == 0 {
			ages.Add(due, 1)
			waiting = append(waiting, due)
		} else if len(waiting) > 0 {
			i := r.IntN(len(waiting))
			ages.Remove(waiting[i])
			waiting = slices.Delete(waiting, i, i+1)
		}
		want := time.Duration(record.NoDue)
		if len(waiting) > 0 {
			want = slices.Min(waiting)
		}
		if got := ages.Oldest(); got != want {
			t.Fatalf("the oldest is due at %d, want %d", got, want)
		}
	}
	if len(ages.order) > 60 {
		t.Errorf("%d due times are kept of 50", len(ages.order))
	}
	ages.Add(record.NoDue, 1)
	ages.Remove(record.NoDue)
}
