package queueing

import (
	"math"
	"slices"
	"testing"
	"time"

	"weir/measure/verdict"
)

// steady is a load of so many records a second for some seconds, that comes to its limit when it is due.
func steady(perSecond, seconds int) []*Item {
	items := make([]*Item, perSecond*seconds)
	for i := range items {
		due := time.Duration(i) * time.Second / time.Duration(perSecond)
		items[i] = &Item{Due: due, Enters: due, Comes: due, Bytes: 200}
	}
	return items
}

// served is a load through so many servers in turn.
func served(items []*Item, servers int, takes time.Duration) *Backlog {
	for _, own := range dealt(items, servers) {
		Server(own, 1, For(takes))
	}
	return NewBacklog(items)
}

// sharded is a load through so many shards in turn, each of which takes 1,000 records a second and saves up a second's worth.
func sharded(items []*Item, shards int) *Backlog {
	for _, own := range dealt(items, shards) {
		Pass(own)
	}
	return NewBacklog(items)
}

func dealt(items []*Item, n int) [][]*Item {
	hands := make([][]*Item, n)
	for i, item := range items {
		hands[i%n] = append(hands[i%n], item)
	}
	return hands
}

// growth is the trend of a backlog over a hold that begins at 0.
func growth(t *testing.T, b *Backlog, seconds int, perSecond float64) verdict.Growth {
	t.Helper()
	times := make([]time.Duration, seconds)
	for i := range times {
		times[i] = time.Duration(i+1) * time.Second
	}
	trend := verdict.NewTrend(time.Second)
	for i, e := range b.At(times...) {
		trend.Add(times[i], e.Records)
	}
	g, ok := trend.Growth(time.Duration(seconds)*time.Second, perSecond)
	if !ok {
		t.Fatal("no trend")
	}
	return g
}

// The first row of the table: 500/s into one subtask that does 250/s, for 20 s.
func TestHalfOfALoadWaitsAndTheDrainTakesAsLongAsTheFeed(t *testing.T) {
	b := served(steady(500, 20), 1, 4*time.Millisecond)
	if got, want := b.At(20 * time.Second)[0], (Extent{Records: 5000, Bytes: 1_000_000, Age: 10 * time.Second}); got != want {
		t.Errorf("at the end of the feed %+v, want %+v", got, want)
	}
	feed, run := b.Most(0, 20*time.Second), b.Most(0, time.Hour)
	if feed.Age.Round(10*time.Millisecond) != 10*time.Second || feed.Records != 5001 || run.Records != feed.Records { // the last record of all comes before another is done
		t.Errorf("at most %+v while fed, %+v with the drain", feed, run)
	}
	if off := run.Age - 20*time.Second; off < 0 || off > 2*time.Millisecond {
		t.Errorf("the oldest was due %s ago at most, want 20 s and at most one record's time", run.Age)
	}
	if e := b.At(41 * time.Second)[0]; e != (Extent{}) {
		t.Errorf("after the drain %+v", e)
	}
}

// The second row: 500/s into a consumer that does 476/s, for 310 s.
func TestAConsumerThatIsAlmostFastEnoughFallsBehindByTheDifference(t *testing.T) {
	b := served(steady(500, 310), 1, 2100*time.Microsecond)
	if g := growth(t, b, 310, 500); math.Abs(g.Percent-4.76) > 0.02 || g.Verdict() != verdict.Fail {
		t.Errorf("%+v", g)
	}
	if e := b.At(310 * time.Second)[0]; e.Records < 7300 || e.Records > 7500 || e.Age < 14*time.Second || e.Age > 16*time.Second {
		t.Errorf("at the end of the hold %+v", e)
	}
}

// The third row: 1,050/s into one shard of 1,000/s, for 310 s. The second's worth that the shard has saved up is through first.
func TestWhatAShardDoesNotTakeWaitsInTheWriter(t *testing.T) {
	b := sharded(steady(1050, 310), 1)
	at := b.At(110*time.Second, 210*time.Second, 310*time.Second)
	for i := range 2 {
		if grown := at[i+1].Records - at[i].Records; grown < 4999 || grown > 5001 {
			t.Errorf("in 100 s it grows by %d, and 50 a second are too many", grown)
		}
	}
	if at[2].Records < 14499 || at[2].Records > 14501 || at[2].Age.Round(100*time.Millisecond) != 13800*time.Millisecond {
		t.Errorf("at the end of the hold %+v", at[2])
	}
	if g := growth(t, b, 310, 1050); g.Verdict() != verdict.Fail {
		t.Errorf("%+v", g)
	}
}

// The fourth row: two shards, and two subtasks.
func TestTwoHoldWhatIsTooMuchForOne(t *testing.T) {
	least := func(try func(n int) *Backlog, perSecond float64) int {
		for n := 1; ; n++ {
			if growth(t, try(n), 310, perSecond).Verdict() == verdict.Pass {
				return n
			}
		}
	}
	if n := least(func(n int) *Backlog { return sharded(steady(1050, 310), n) }, 1050); n != 2 {
		t.Errorf("%d shards hold 1,050/s", n)
	}
	if n := least(func(n int) *Backlog { return served(steady(500, 310), n, 3*time.Millisecond) }, 500); n != 2 {
		t.Errorf("%d subtasks of 333/s hold 500/s", n)
	}
}

func TestABatchIsWhatHasComeWhenItsTurnComes(t *testing.T) {
	items := []*Item{{Comes: 0}, {Comes: 1}, {Comes: 2}, {Comes: 3}, {Comes: 30}}
	Server(items, 2, For(10))
	for i, want := range []time.Duration{10, 20, 20, 30, 40} {
		if items[i].Leaves != want {
			t.Errorf("item %d leaves at %d, want %d", i, items[i].Leaves, want)
		}
	}
}

func TestWhatIsSavedUpPassesAtOnceAndNoMoreThanThat(t *testing.T) {
	a := NewAllowance(1, 3, 2)
	for i, want := range []time.Duration{0, 0, 1, 2, 60, 60, 60, 61} {
		if got := a.Take(time.Duration(i/4)*time.Minute, 1); got != want*time.Second {
			t.Errorf("item %d leaves at %s, want %d s", i, got, want)
		}
	}
}

// A row that the flush fired counts, and has no age.
func TestAnAgeIsThatOfTheOldestThatWaits(t *testing.T) {
	b := NewBacklog([]*Item{
		{Due: 0, Enters: 0, Leaves: 50}, {Due: 10, Enters: 30, Leaves: 70}, {Due: 5, Enters: 40, Leaves: 45}, {Due: 1, Flushed: true, Enters: 60, Leaves: 100},
	})
	for i, want := range []Extent{{1, 0, 20}, {3, 0, 42}, {1, 0, 45}, {1, 0, 0}, {}} {
		at := []time.Duration{20, 42, 55, 80, 100}[i]
		if got := b.At(at)[0]; got != want {
			t.Errorf("at %d: %+v, want %+v", at, got, want)
		}
	}
	if got := b.Most(0, 1000); got != (Extent{3, 0, 60}) {
		t.Errorf("at most %+v", got)
	}
}

// Two items a fetch, and two fetches ahead: the third waits until the first has left.
func TestAFetchWaitsForItsPollAndForRoom(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	items := []*Item{{Leaves: ms(900)}, {Leaves: ms(1800)}, {Leaves: ms(2700)}, {Comes: ms(100), Leaves: ms(3600)}, {Comes: ms(2000), Leaves: ms(4500)}, {Comes: ms(2600), Leaves: ms(5400)}}
	read, largest := Fetch(items, 2, 2, ms(500))
	if want := []time.Duration{0, 0, ms(200), ms(200), ms(2000), ms(3600)}; !slices.Equal(read, want) || largest != 2 {
		t.Errorf("%v, %d", read, largest)
	}
}
