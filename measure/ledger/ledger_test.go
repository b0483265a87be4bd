package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/measure/backlog"
	"weir/record"
)

const shardID = "shardId-000000000000"

func send(position int64, data string, outcome record.Outcome, sequence string) record.Send {
	return record.Send{
		Record:   record.Record{PartitionKey: "key", Data: []byte(data), Due: time.Duration(position) * time.Second},
		Position: position, Attempts: 1, Outcome: outcome, Sequence: sequence,
	}
}

func read(sequence, data string) record.Stored {
	return record.Stored{Sequence: sequence, PartitionKey: "key", Data: []byte(data)}
}

// put sends and answers in one go.
func put(l *books, at time.Duration, sends ...record.Send) {
	l.Sending(shardID, sends)
	l.Answered(shardID, sends, at)
}

// page joins a page that does not reach the tip.
func page(l *books, at time.Duration, records ...record.Stored) []record.Stored {
	l.Join(&record.Page{Shard: shardID, Records: records, Asked: at, At: at, Behind: time.Second})
	return records
}

// tip joins a page that reaches the tip.
func tip(l *books, asked time.Duration, records ...record.Stored) {
	l.Join(&record.Page{Shard: shardID, Records: records, Asked: asked, At: asked})
}

func TestLostIsPassedOver(t *testing.T) {
	acked := []record.Send{send(1, "a", record.Acked, "10"), send(2, "b", record.Acked, "11"), send(3, "c", record.Acked, "12")}
	tests := []struct {
		name string
		read func(l *books)
		want Counts
	}{
		{
			"by a later record of its shard", func(l *books) { page(l, 2*time.Second, read("10", "a"), read("12", "c")) },
			Counts{Acked: 3, Read: 2, Lost: 1},
		},
		{"by a flush record of its shard", func(l *books) {
			page(l, 2*time.Second, read("10", "a"), record.Stored{Sequence: "13", PartitionKey: record.FlushKey("run")})
		}, Counts{Acked: 3, Read: 1, Lost: 2}},
		{
			"by a tip that was asked for later", func(l *books) { tip(l, 2*time.Second, read("10", "a")) },
			Counts{Acked: 3, Read: 1, Lost: 2},
		},
		{"by the end of a closed shard", func(l *books) {
			l.Join(&record.Page{Shard: shardID, Asked: 2 * time.Second, Behind: time.Second, End: true})
		}, Counts{Acked: 3, Lost: 3}},
		{
			"not by a tip that was asked for before the answer", func(l *books) { tip(l, time.Second, read("10", "a")) },
			Counts{Acked: 3, Read: 1, Unread: 2},
		},
		{
			"not by a page that is behind the tip", func(l *books) { page(l, 2*time.Second, read("10", "a")) },
			Counts{Acked: 3, Read: 1, Unread: 2},
		},
		{"not if it shows up after the tip", func(l *books) {
			tip(l, 2*time.Second)
			tip(l, 3*time.Second, read("10", "a"), read("11", "b"), read("12", "c"))
		}, Counts{Acked: 3, Read: 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := newLedger()
			put(l, time.Second, acked...)
			test.read(l)
			wantCounts(t, l, test.want)
			if got := int64(len(l.Offenders().Lost)); got != test.want.Lost {
				t.Errorf("%d lost records are named, of %d", got, test.want.Lost)
			}
			if got, want := l.Settled(), test.want.Unread == 0; got != want {
				t.Errorf("settled is %v, with %d unread", got, test.want.Unread)
			}
		})
	}
}

// A reader that is far behind meets a copy long before what it is a copy of.
func TestACopyInFrontOfALongBacklogIsNoPhantom(t *testing.T) {
	l := newLedger()
	const waiting = 3 * remembered
	names := sequences(1, waiting)
	for i, name := range names {
		put(l, time.Second, send(int64(i), name, record.Acked, name))
	}
	page(l, 2*time.Second, read("1", names[waiting-1]))
	for _, name := range names {
		page(l, 3*time.Second, read(name, name))
	}
	wantCounts(t, l, Counts{Acked: waiting, Read: waiting + 1, Duplicated: 1})
}

// A copy may be read while the writer still waits to send its record again, and much is read before that is stored.
func TestACopyLongBeforeItsRecordIsStoredIsNoPhantom(t *testing.T) {
	l := newLedger()
	put(l, time.Second, send(0, "a", record.Throttled, ""))
	const between = 3 * remembered
	names := sequences(1, between)
	page(l, 2*time.Second, read("1", "a"))
	for i, name := range names {
		put(l, time.Second, send(int64(i+1), name, record.Acked, name))
		page(l, 2*time.Second, read(name, name))
	}
	wantCounts(t, l, Counts{Acked: between, Read: between + 1, Phantom: 1, Throttled: 1})
	last := "9" + names[between-1]
	put(l, time.Second, send(between+1, "a", record.Acked, last))
	page(l, 2*time.Second, read(last, "a"))
	wantCounts(t, l, Counts{Acked: between + 1, Read: between + 2, Duplicated: 1, Throttled: 1})
}

// Records that somebody else puts into the stream take no more than a bound of memory, and each is counted.
func TestPhantomsBeyondTheBoundAreCounted(t *testing.T) {
	var told int64
	l := newBooks(Config{Clock: record.NewClock(time.Now())}, ReadingConfig{Offence: func(o *Offence) {
		if o.Kind == Phantom {
			told++
		}
	}})
	const many = 3 * remembered
	for _, name := range sequences(1, many) {
		page(l, time.Second, read(name, name))
	}
	wantCounts(t, l, Counts{Read: many, Phantom: many})
	if err := l.Close(); err != nil || told != many {
		t.Errorf("%d of %d phantoms are told, %v", told, many, err)
	}
}

func TestVisibilityDelaysLoss(t *testing.T) {
	l := newBooks(Config{Clock: record.NewClock(time.Now()), Visibility: time.Second}, ReadingConfig{})
	put(l, time.Second, send(1, "a", record.Acked, "10"))
	tip(l, 1500*time.Millisecond)
	wantCounts(t, l, Counts{Acked: 1, Unread: 1})
	tip(l, 2500*time.Millisecond)
	wantCounts(t, l, Counts{Acked: 1, Lost: 1})
}

func TestReadThatOvertakesItsAnswerHasItsDueTime(t *testing.T) {
	l := newLedger()
	sends := []record.Send{send(1, "same", record.Acked, "10"), send(2, "same", record.Acked, "11"), send(3, "c", record.Acked, "12")}
	l.Sending(shardID, sends)
	records := page(l, 4*time.Second, read("10", "same"), read("11", "same"))
	if records[0].Due != time.Second || records[1].Due != 2*time.Second {
		t.Errorf("due times are %v and %v, want 1s and 2s", records[0].Due, records[1].Due)
	}
	l.Answered(shardID, sends, 5*time.Second)
	wantCounts(t, l, Counts{Acked: 3, Read: 2, Unread: 1})
}

func TestAReadHasTheKindOfItsSend(t *testing.T) {
	of := func(kind string, s record.Send) record.Send {
		s.Event.Kind = kind
		return s
	}
	l := newBooks(Config{Clock: record.NewClock(time.Now())}, ReadingConfig{Kinds: true})
	put(l, time.Second, of("acked", send(1, "a", record.Acked, "10")), of("unresolved", send(2, "b", record.Unresolved, "")))
	late := []record.Send{of("overtaken", send(3, "c", record.Acked, "13"))}
	l.Sending(shardID, late)
	records := []record.Stored{read("10", "a"), read("11", "a"), read("12", "b"), read("13", "c"), read("14", "d")}
	kinds := make([]string, len(records))
	l.JoinKinds(&record.Page{Shard: shardID, Records: records, Behind: time.Second}, kinds)
	if want := []string{"acked", "", "unresolved", "overtaken", ""}; !slices.Equal(kinds, want) {
		t.Errorf("the kinds are %q, want %q", kinds, want)
	}
	l.Answered(shardID, late, 2*time.Second)
	wantCounts(t, l, Counts{Acked: 2, Found: 1, Read: 5, Duplicated: 1, Phantom: 1})
	if n := len(l.shards[shardID].kinds); n > 0 {
		t.Errorf("%d kinds of nothing are kept", n)
	}
}

func TestSecondReadIsNoSecondRecord(t *testing.T) {
	l := newLedger()
	put(l, time.Second, send(1, "a", record.Acked, "10"))
	for range 2 {
		page(l, 2*time.Second, read("10", "a"))
	}
	wantCounts(t, l, Counts{Acked: 1, Read: 1})
}

func TestFlushIsOutsideEveryCount(t *testing.T) {
	l := newLedger()
	records := page(l, time.Second, record.Stored{Sequence: "10", PartitionKey: record.FlushKey("run"), Data: []byte("x")})
	if records[0].Due != record.NoDue {
		t.Errorf("a flush record is due at %v", records[0].Due)
	}
	wantCounts(t, l, Counts{})
}

// A send that was declared absent and stored after all is stored twice once it was sent again.
func TestCopyOfAnAbsentIsADuplicate(t *testing.T) {
	for _, order := range [][]record.Stored{
		{read("10", "a"), read("11", "a")}, // the first attempt was stored first
		{read("11", "a"), read("12", "a")}, // it was stored after the second one
	} {
		t.Run(order[0].Sequence, func(t *testing.T) {
			l := newBooks(Config{Clock: record.NewClock(time.Now().Add(time.Hour))}, ReadingConfig{})
			unknown := []record.Send{send(1, "a", record.Unknown, "")}
			put(l, time.Second, unknown...)
			tip(l, 2*time.Second)
			if err := l.Resolve(t.Context(), shardID, unknown); err != nil || unknown[0].Outcome != record.Absent {
				t.Fatalf("resolved as %v, %v", unknown[0].Outcome, err)
			}
			put(l, 3*time.Second, send(1, "a", record.Acked, "11"))
			page(l, 4*time.Second, order...)
			wantCounts(t, l, Counts{Acked: 1, Read: 2, Duplicated: 1})
		})
	}
}

func TestResolveWaitsForATipAskedForLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		unknown := []record.Send{send(1, "a", record.Unknown, ""), send(2, "b", record.Unknown, "")}
		put(l, 0, unknown...)
		time.Sleep(time.Second)
		done := make(chan error, 1)
		go func() { done <- l.Resolve(t.Context(), shardID, unknown) }()
		synctest.Wait()
		for _, p := range []record.Page{
			{Asked: time.Second / 2}, // left before the call ended
			{Asked: 2 * time.Second, Behind: time.Second, Records: []record.Stored{read("10", "a")}}, // is behind the tip
		} {
			p.Shard = shardID
			l.Join(&p)
			synctest.Wait()
			if len(done) > 0 {
				t.Fatalf("resolved by a page asked for at %v, %v behind", p.Asked, p.Behind)
			}
		}
		tip(l, 3*time.Second)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if unknown[0].Outcome != record.Found || unknown[0].Sequence != "10" || unknown[1].Outcome != record.Absent {
			t.Errorf("resolved as %v %q and %v", unknown[0].Outcome, unknown[0].Sequence, unknown[1].Outcome)
		}
		wantCounts(t, l, Counts{Found: 1, Read: 1})
	})
}

func TestResolveNeedsNoTipOnceAllAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		unknown := []record.Send{send(1, "a", record.Unknown, ""), send(2, "a", record.Unknown, "")}
		put(l, 0, unknown...)
		done := make(chan error, 1)
		go func() { done <- l.Resolve(t.Context(), shardID, unknown) }()
		page(l, time.Second, read("10", "a"))
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("resolved two records by one read")
		}
		page(l, time.Second, read("11", "a"))
		if err := <-done; err != nil || unknown[1].Sequence != "11" {
			t.Errorf("resolved as %q, %v", unknown[1].Sequence, err)
		}
	})
}

func TestResolveThatIsCancelledLeavesTheOutcomes(t *testing.T) {
	l := newLedger()
	unknown := []record.Send{send(1, "a", record.Unknown, "")}
	put(l, 0, unknown...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Resolve(ctx, shardID, unknown); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	unknown[0].Outcome = record.Unresolved
	l.Answered(shardID, unknown, time.Second)
	wantCounts(t, l, Counts{Unresolved: 1})
	page(l, 2*time.Second, read("10", "a"))
	wantCounts(t, l, Counts{Found: 1, Read: 1})
}

func TestBacklogAgesWithItsFirstRecord(t *testing.T) {
	l := newLedger()
	put(l, 3*time.Second, send(1, "a", record.Acked, "10"), send(2, "bb", record.Acked, "11"))
	want := []ShardBacklog{{
		Shard: shardID, Stream: backlog.Extent{Records: 2, Bytes: int64(len("keyakeybb")), Oldest: time.Second}, Engine: backlog.None,
	}}
	if d := cmp.Diff(want, l.Backlog()); d != "" {
		t.Errorf("backlog (-want +got):\n%s", d)
	}
	page(l, 5*time.Second, read("10", "a"))
	if b := l.Backlog()[0].Stream; b.Records != 1 || b.Age(5*time.Second) != 3*time.Second {
		t.Errorf("backlog is %+v", b)
	}
	page(l, 5*time.Second, read("11", "bb"))
	if b := l.Backlog()[0].Stream; b.Records != 0 || b.Bytes != 0 || b.Age(time.Hour) != 0 {
		t.Errorf("backlog is %+v", b)
	}
	if got, want := l.Stream().Most(), (backlog.Most{Records: 2, Bytes: int64(len("keyakeybb")), Age: 4 * time.Second}); got != want {
		t.Errorf("at most %+v, want %+v", got, want)
	}
}

func TestUnreadNamesTheEvents(t *testing.T) {
	l := newLedger()
	s := send(1, "a", record.Acked, "10")
	s.Event = record.Event{Kind: "order", Key: "k", Time: 7}
	put(l, time.Second, s)
	for id, event := range l.Unread() {
		if id != (record.ID{Shard: shardID, Sequence: "10"}) || event != s.Event {
			t.Errorf("unread is %v %v", id, event)
		}
		return
	}
	t.Error("nothing is unread")
}

func TestWaitEndsWhenTheLastRecordIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		put(l, time.Second, send(1, "a", record.Acked, "10"))
		done := make(chan error, 1)
		go func() { done <- l.Wait(t.Context()) }()
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("settled with a record unread")
		}
		page(l, 2*time.Second, read("10", "a"))
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// What was read is forgotten: the books of a long run are as small as those of a short one.
func TestMemoryGrowsWithTheBacklogOnly(t *testing.T) {
	l := newLedger()
	for i := range int64(20_000) {
		sequence := fmt.Sprint(100_000 + i)
		put(l, time.Second, send(i, "a", record.Acked, sequence))
		page(l, time.Second, read(sequence, "a"))
	}
	s := l.shard(shardID)
	v := s.views[0]
	if held := v.waiting.records + s.inFlight.Len() + v.parked.Len() + cap(s.held); held > 0 {
		t.Errorf("%d entries are held after everything was read", held)
	}
}
