package backlog

import (
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
