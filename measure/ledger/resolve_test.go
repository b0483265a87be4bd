package ledger

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

// two are a ledger with two readings.
func two(config Config) (l *Ledger, one, other *Reading) {
	config.Clock = record.NewClock(time.Now())
	l = New(config)
	return l, l.Reading(ReadingConfig{Name: "one", Progress: true}), l.Reading(ReadingConfig{Name: "other"})
}

func joinPage(r *Reading, at time.Duration, records ...record.Stored) []record.Stored {
	r.Join(&record.Page{Shard: shardID, Records: records, Asked: at, At: at, Behind: time.Second})
	return records
}

func joinTip(r *Reading, asked time.Duration, records ...record.Stored) {
	r.Join(&record.Page{Shard: shardID, Records: records, Asked: asked, At: asked})
}

func wantRead(t *testing.T, r *Reading, want ReadCounts) {
	t.Helper()
	got := r.Counts()
	got.Given, got.Again = 0, 0
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("counts of %s (-want +got):\n%s", r.config.Name, d)
	}
}

// What one consumer finds is stored for all others, whatever they did.
func TestAnUnknownThatOneReadingFindsIsBookedByItsNumberInTheOthers(t *testing.T) {
	for name, test := range map[string]struct {
		// before is what the other consumer does before it is found, after what it does then.
		before, after func(other *Reading)
		found, end    ReadCounts
	}{
		"it waits where nothing was read": {
			func(*Reading) {}, func(other *Reading) { joinPage(other, 4*time.Second, read("10", "a")) },
			ReadCounts{Unread: 1},
			ReadCounts{Read: 1},
		},
		"it waits where what comes before was read": {
			func(other *Reading) { joinTip(other, time.Second, read("9", "x")) }, func(other *Reading) { joinTip(other, 9*time.Second) },
			ReadCounts{Read: 1, Unread: 1, Phantom: 1},
			ReadCounts{Read: 1, Lost: 1, Phantom: 1},
		},
		"its own read is matched": {
			func(other *Reading) { joinPage(other, time.Second, read("10", "a")) }, func(*Reading) {},
			ReadCounts{Read: 1},
			ReadCounts{Read: 1},
		},
		"it is lost where it was passed over": {
			func(other *Reading) { joinPage(other, time.Second, read("11", "x")) }, func(*Reading) {},
			ReadCounts{Read: 1, Lost: 1, Phantom: 1},
			ReadCounts{Read: 1, Lost: 1, Phantom: 1},
		},
		"it is lost where the shard has ended": {
			func(other *Reading) { other.Join(&record.Page{Shard: shardID, End: true}) }, func(*Reading) {},
			ReadCounts{Lost: 1},
			ReadCounts{Lost: 1},
		},
	} {
		for _, how := range []string{"resolved", "given up before", "given up after"} {
			t.Run(name+", "+how, func(t *testing.T) {
				l, one, other := two(Config{})
				unknown := []record.Send{send(1, "a", record.Unknown, "")}
				l.Sending(shardID, unknown)
				l.Answered(shardID, unknown, 0)
				test.before(other)
				giveUp := func() {
					unknown[0].Outcome = record.Unresolved
					l.Answered(shardID, unknown, 2*time.Second)
				}
				if how == "given up before" {
					giveUp()
				}
				if got := joinPage(one, 2*time.Second, read("10", "a"))[0].Due; got != time.Second {
					t.Errorf("it is due at %v", got)
				}
				switch how {
				case "resolved":
					if err := l.Resolve(t.Context(), shardID, unknown); err != nil || unknown[0].Outcome != record.Found || unknown[0].Sequence != "10" {
						t.Fatalf("resolved as %v %q, %v", unknown[0].Outcome, unknown[0].Sequence, err)
					}
				case "given up after":
					giveUp()
				}
				if sent := l.Sent(); sent != (SentCounts{Found: 1}) {
					t.Errorf("sent is %+v", sent)
				}
				wantRead(t, one, ReadCounts{Read: 1})
				wantRead(t, other, test.found)
				test.after(other)
				wantRead(t, other, test.end)
			})
		}
	}
}

// A record may be stored though its answer said that it was not, read by one consumer before it is sent again, and by another while that call is under way.
func TestAReadThatFittedNothingIsMatchedWhenAnotherReadingFindsItsRecord(t *testing.T) {
	l, one, other := two(Config{})
	first := []record.Send{send(1, "a", record.Throttled, "")}
	l.Sending(shardID, first)
	l.Answered(shardID, first, 0)
	joinPage(other, time.Second, read("10", "a"))
	wantRead(t, other, ReadCounts{Read: 1, Phantom: 1})
	again := []record.Send{send(1, "a", record.Unknown, "")}
	l.Sending(shardID, again)
	l.Answered(shardID, again, 2*time.Second)
	joinPage(one, 2*time.Second, read("10", "a"))
	if err := l.Resolve(t.Context(), shardID, again); err != nil || again[0].Sequence != "10" {
		t.Fatalf("resolved as %q, %v", again[0].Sequence, err)
	}
	wantRead(t, one, ReadCounts{Read: 1})
	wantRead(t, other, ReadCounts{Read: 1})
}

func TestOneReadingAtTheTipIsEnoughToCallASendAbsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, one, other := two(Config{})
		unknown := []record.Send{send(1, "a", record.Unknown, ""), send(2, "b", record.Unknown, "")}
		l.Sending(shardID, unknown)
		l.Answered(shardID, unknown, 0)
		done := make(chan error, 1)
		go func() { done <- l.Resolve(t.Context(), shardID, unknown) }()
		joinPage(other, time.Second, read("10", "b"))
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("resolved while nobody has come to the tip")
		}
		joinTip(one, 2*time.Second) // without what the other one has read
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if unknown[0].Outcome != record.Absent || unknown[1].Outcome != record.Found || unknown[1].Sequence != "10" {
			t.Errorf("resolved as %v, %v %q", unknown[0].Outcome, unknown[1].Outcome, unknown[1].Sequence)
		}
		wantRead(t, one, ReadCounts{Unread: 1})
		wantRead(t, other, ReadCounts{Read: 1})
	})
}

// After a reshard, the tips of two readings do not add up to one.
func TestOneReadingHasToSeeTheTipsOfAllChildren(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, one, other := two(Config{})
		unknown := []record.Send{send(1, "a", record.Unknown, "")}
		l.Sending(shardID, unknown)
		l.Answered(shardID, unknown, 0)
		done := make(chan error, 1)
		go func() { done <- l.Resolve(t.Context(), shardID, unknown) }()
		for r, child := range map[*Reading]string{one: leftID, other: rightID} {
			r.Join(&record.Page{Shard: shardID, Asked: time.Second, End: true, Children: children})
			r.Join(&record.Page{Shard: child, Asked: time.Second})
		}
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("resolved by a half of each")
		}
		one.Join(&record.Page{Shard: rightID, Asked: time.Second})
		if err := <-done; err != nil || unknown[0].Outcome != record.Absent {
			t.Errorf("resolved as %v, %v", unknown[0].Outcome, err)
		}
	})
}

// late is a stream of one shard whose records appear some time after they were stored.
type late struct {
	clock  record.Clock
	after  time.Duration
	stored []record.Stored
	at     []time.Duration
	read   int
}

func (s *late) store(data string) {
	s.stored, s.at = append(s.stored, read(fmt.Sprint(100+len(s.stored)), data)), append(s.at, s.clock.Now())
}

// page is the next page, which always claims to be at the tip.
func (s *late) page() *record.Page {
	page := &record.Page{Shard: shardID, Asked: s.clock.Now(), At: s.clock.Now()}
	for ; s.read < len(s.stored) && s.clock.Now() >= s.at[s.read]+s.after; s.read++ {
		page.Records = append(page.Records, s.stored[s.read])
	}
	return page
}

// An answer may claim the tip before the stream shows what it has stored. How long that takes has to be known, or what is stored is sent twice.
func TestASendIsSentTwiceWhereTheStreamShowsItLaterThanItsVisibilitySays(t *testing.T) {
	const after = 300 * time.Millisecond
	for _, test := range []struct {
		visibility time.Duration
		want       record.Outcome
		sent       SentCounts
		read       ReadCounts
	}{
		{0, record.Absent, SentCounts{Acked: 1, Retried: 1}, ReadCounts{Read: 2, Duplicated: 1}},
		{after, record.Found, SentCounts{Found: 1}, ReadCounts{Read: 1}},
	} {
		t.Run(test.visibility.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := record.NewClock(time.Now())
				l := New(Config{Clock: clock, Visibility: test.visibility})
				r := l.Reading(ReadingConfig{})
				shows := &late{clock: clock, after: after}
				unknown := []record.Send{send(1, "a", record.Unknown, "")}
				l.Sending(shardID, unknown)
				shows.store("a")
				l.Answered(shardID, unknown, clock.Now())
				done := make(chan error, 1)
				go func() { done <- l.Resolve(t.Context(), shardID, unknown) }()
				for len(done) == 0 {
					time.Sleep(100 * time.Millisecond)
					r.Join(shows.page())
					synctest.Wait()
				}
				if err := <-done; err != nil || unknown[0].Outcome != test.want {
					t.Fatalf("resolved as %v, %v", unknown[0].Outcome, err)
				}
				if unknown[0].Outcome == record.Absent {
					again := send(1, "a", record.Acked, "101")
					again.Attempts = 2
					l.Sending(shardID, []record.Send{again})
					shows.store("a")
					l.Answered(shardID, []record.Send{again}, clock.Now())
				}
				for range 10 {
					time.Sleep(100 * time.Millisecond)
					r.Join(shows.page())
				}
				if sent := l.Sent(); sent != test.sent {
					t.Errorf("sent is %+v, want %+v", sent, test.sent)
				}
				wantRead(t, r, test.read)
			})
		})
	}
}

// Of sends that are alike, each read of a reading takes the due time of another one, whatever other readings have done.
func TestEachReadingTakesTheDueTimesOfSendsThatAreAlike(t *testing.T) {
	l := New(Config{Clock: record.NewClock(time.Now())})
	var readings []*Reading
	for range 70 { // those behind the 64th know no more than the order
		readings = append(readings, l.Reading(ReadingConfig{}))
	}
	sends := []record.Send{send(1, "same", record.Acked, "10"), send(2, "same", record.Acked, "11"), send(3, "same", record.Acked, "12")}
	l.Sending(shardID, sends)
	for i, r := range readings {
		records := joinPage(r, 4*time.Second, read("10", "same"), read("11", "same"), read("12", "same"))
		for k, got := range records {
			if want := time.Duration(k+1) * time.Second; got.Due != want {
				t.Errorf("reading %d: record %s is due at %v, want %v", i, got.Sequence, got.Due, want)
			}
		}
	}
	l.Answered(shardID, sends, 5*time.Second)
	for _, r := range readings {
		wantRead(t, r, ReadCounts{Read: 3})
	}
}

// A consumer that begins at the tip has passed over what it did not read: that it does not see a record proves nothing.
func TestAConsumerThatLostItsPlaceProvesNoAbsence(t *testing.T) {
	for name, test := range map[string]struct {
		lose  bool
		asked time.Duration // by the consumer, when it shows where it is
		other bool          // another consumer reads to the tip
		want  record.Outcome
	}{
		"it never did":                          {false, time.Second, false, record.Absent},
		"it did, and has its place since":       {true, time.Second, false, record.Absent},
		"it did after the send had left":        {true, 5 * time.Second, false, record.Unknown},
		"it did, and another one did not":       {true, 5 * time.Second, true, record.Absent},
		"it did not, and another one reads too": {false, time.Second, true, record.Absent},
	} {
		t.Run(name, func(t *testing.T) {
			l := New(Config{Clock: record.NewClock(time.Now().Add(time.Hour))})
			one, other := l.Reading(ReadingConfig{Name: "one", Progress: true, Rewinds: true}), l.Reading(ReadingConfig{Name: "other", Progress: true})
			joinPage(one, 0, read("9", "x"))
			if test.lose {
				one.Lose()
			}
			unknown := []record.Send{send(1, "a", record.Unknown, "")}
			unknown[0].SentAt = 2 * time.Second
			if test.asked < unknown[0].SentAt {
				joinTip(one, test.asked)
			}
			l.Sending(shardID, unknown)
			l.Answered(shardID, unknown, 3*time.Second)
			joinTip(one, max(test.asked, 6*time.Second))
			if test.asked > unknown[0].SentAt {
				joinTip(one, 7*time.Second)
			}
			if test.other {
				joinTip(other, 7*time.Second)
			}
			if err := l.Resolve(t.Context(), shardID, unknown); err != nil {
				t.Fatal(err)
			}
			if unknown[0].Outcome != test.want {
				t.Errorf("it is %v, want %v", unknown[0].Outcome, test.want)
			}
		})
	}
}
