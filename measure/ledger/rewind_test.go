package ledger

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/measure/backlog"
	"weir/record"
)

// filled is a ledger whose one reading was given five records of a shard, due a second after each other, and a flush record.
func filled(t *testing.T, config ReadingConfig) (*Ledger, *Reading) {
	t.Helper()
	l := New(Config{Clock: record.NewClock(time.Now())})
	r := l.Reading(config)
	var sends []record.Send
	for i, name := range []string{"10/0", "10/1", "11", "12/0", "12/1"} {
		sends = append(sends, send(int64(i+1), name, record.Acked, name))
	}
	l.Sending(shardID, sends)
	l.Answered(shardID, sends, 6*time.Second)
	giveFrom(r, 0)
	return l, r
}

func all() []record.Stored {
	return []record.Stored{
		read("10/0", "10/0"), read("10/1", "10/1"), read("11", "11"), read("12/0", "12/0"), read("12/1", "12/1"),
		{Sequence: "13", PartitionKey: record.FlushKey("run"), Data: []byte("x"), Due: record.NoDue},
	}
}

// giveFrom has a reading read from one of the records on, and returns the due times, in seconds; -1 for none.
func giveFrom(r *Reading, from int) (due []float64) {
	for _, one := range joinPage(r, 10*time.Second, all()[from:]...) {
		if one.Due == record.NoDue {
			due = append(due, -1)
			continue
		}
		due = append(due, one.Due.Seconds())
	}
	return due
}

func extentOf(records, bytes int64, oldest time.Duration) backlog.Extent {
	return backlog.Extent{Records: records, Bytes: bytes, Oldest: oldest}
}

var restartable = ReadingConfig{Name: "aggregator", Progress: true, Rewinds: true}

func TestWhatIsReadAgainIsDueAsBefore(t *testing.T) {
	for name, test := range map[string]struct {
		to   map[string]string
		from int // what is read next
		left backlog.Extent
		due  []float64
	}{
		"behind an aggregate": {
			map[string]string{shardID: "10/1"}, 2, extentOf(3, 5+7+7, 3*time.Second), []float64{3, 4, 5, -1},
		},
		"behind the number of an aggregate": {
			map[string]string{shardID: "10"}, 2, extentOf(3, 5+7+7, 3*time.Second), []float64{3, 4, 5, -1},
		},
		"behind all records":      {map[string]string{shardID: "12/1"}, 5, backlog.None, []float64{-1}},
		"behind the flush record": {map[string]string{shardID: "13"}, 6, backlog.None, nil},
		"to the beginning":        {nil, 0, extentOf(5, 7+7+5+7+7, time.Second), []float64{1, 2, 3, 4, 5, -1}},
		"to the beginning of a shard that was not read": {
			map[string]string{shardID: ""}, 0, extentOf(5, 7+7+5+7+7, time.Second), []float64{1, 2, 3, 4, 5, -1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, r := filled(t, restartable)
			r.Processed(shardID, []int64{0, 3}, 10*time.Second)
			r.Rewind(test.to, nil)
			if d := cmp.Diff([]ShardBacklog{{Shard: shardID, Stream: test.left, Engine: backlog.None}}, r.Backlog()); d != "" {
				t.Errorf("backlog (-want +got):\n%s", d)
			}
			if settled := test.left.Records == 0; r.Settled() != settled {
				t.Errorf("settled is %v", r.Settled())
			}
			if d := cmp.Diff(test.due, giveFrom(r, test.from)); d != "" {
				t.Errorf("due (-want +got):\n%s", d)
			}
			want := ReadCounts{Read: 5, Given: test.left.Records, Again: test.left.Records}
			if got := r.Counts(); got != want {
				t.Errorf("counts are %+v, want %+v", got, want)
			}
			if got := r.Backlog()[0]; got.Stream != backlog.None || got.Engine != test.left {
				t.Errorf("when that is read, the backlog is %+v", got)
			}
			for place := range test.left.Records {
				r.Processed(shardID, []int64{place}, 20*time.Second)
			}
			if !r.Done() {
				t.Errorf("when that is processed, the backlog is %+v", r.Backlog())
			}
		})
	}
}

func TestAConsumerThatBeginsAnywhereShowsWhereByWhatItReads(t *testing.T) {
	for name, test := range map[string]struct {
		read         func(r *Reading) []float64
		due          []float64
		given, again int64
		left         int64
	}{
		"the last aggregate": {func(r *Reading) []float64 { return giveFrom(r, 3) }, []float64{4, 5, -1}, 2, 2, 0},
		"one page of what it had read": {func(r *Reading) []float64 {
			joinPage(r, 10*time.Second, all()[2])
			return nil
		}, nil, 1, 1, 2},
		"something new": {func(r *Reading) []float64 {
			joinPage(r, 10*time.Second, read("14", "new"))
			return nil
		}, nil, 1, 0, 0},
		"nothing more": {func(r *Reading) []float64 {
			joinTip(r, 10*time.Second)
			return nil
		}, nil, 0, 0, 0},
		"the end": {func(r *Reading) []float64 {
			r.Join(&record.Page{Shard: shardID, Behind: 1, End: true})
			return nil
		}, nil, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, r := filled(t, restartable)
			r.Processed(shardID, []int64{0, 1, 2, 4, 5}, 10*time.Second)
			r.Lose()
			want := []ShardBacklog{{Shard: shardID, Stream: extentOf(1, 7, 4*time.Second), Engine: backlog.None}}
			if d := cmp.Diff(want, r.Backlog()); d != "" {
				t.Errorf("while it is not known where it is, the backlog is what was not processed (-want +got):\n%s", d)
			}
			joinPage(r, 10*time.Second)
			if r.Settled() || r.Done() {
				t.Error("settled, while nobody knows what will be read again")
			}
			if d := cmp.Diff(test.due, test.read(r)); d != "" {
				t.Errorf("due (-want +got):\n%s", d)
			}
			if c := r.Counts(); c.Given != test.given || c.Again != test.again {
				t.Errorf("given %d, again %d", c.Given, c.Again)
			}
			if got := r.Stream().Records(); got != test.left {
				t.Errorf("%d records are to be read again, want %d", got, test.left)
			}
			if settled := test.left == 0; r.Settled() != settled {
				t.Errorf("settled is %v", r.Settled())
			}
		})
	}
}

// Nothing is waited for that the stream holds no more.
func TestWhatDoesNotComeAgainIsNotWaitedFor(t *testing.T) {
	for name, read := range map[string]func(r *Reading){
		"some are missing":        func(r *Reading) { giveFrom(r, 2) },
		"all are missing":         func(r *Reading) { joinPage(r, 10*time.Second, read("14", "new")) },
		"all are, up to the tip":  func(r *Reading) { joinTip(r, 10*time.Second) },
		"the last ones are, too":  func(r *Reading) { joinTip(r, 10*time.Second, all()[1]) },
		"the shard ended before":  func(r *Reading) { r.Join(&record.Page{Shard: shardID, End: true}) },
		"it was read to its end":  func(r *Reading) { giveFrom(r, 0) },
		"it goes on once more":    func(r *Reading) { giveFrom(r, 1); r.Rewind(nil, nil); giveFrom(r, 0) },
		"it begins at a time now": func(r *Reading) { giveFrom(r, 1); r.Lose(); giveFrom(r, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			_, r := filled(t, restartable)
			r.Rewind(nil, nil)
			if r.Settled() {
				t.Error("settled with all to be read again")
			}
			read(r)
			if !r.Settled() {
				t.Errorf("not settled, the backlog is %+v", r.Backlog())
			}
		})
	}
}

// A consumer passes over records when it begins at a time, and reads them after all when it goes back to a state from before.
func TestWhatWasPassedOverAndIsReadAfterAllIsWorkWithoutADueTime(t *testing.T) {
	l, r := filled(t, restartable)
	more := []record.Send{send(6, "20", record.Acked, "20"), send(7, "21", record.Acked, "21"), send(8, "22", record.Acked, "22")}
	l.Sending(shardID, more)
	l.Answered(shardID, more, 10*time.Second)
	r.Lose()
	joinPage(r, 11*time.Second, read("22", "22"))
	want := ReadCounts{Read: 6, Lost: 2, Given: 1}
	if got := r.Counts(); got != want {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
	r.Rewind(map[string]string{shardID: "12/1"}, nil)
	records := joinPage(r, 12*time.Second, all()[5], read("20", "20"), read("21", "21"), read("22", "22"))
	for i, due := range []time.Duration{record.NoDue, record.NoDue, record.NoDue, 8 * time.Second} {
		if records[i].Due != due {
			t.Errorf("record %s is due at %v, want %v", records[i].Sequence, records[i].Due, due)
		}
	}
	want = ReadCounts{Read: 6, Lost: 2, Given: 3, Again: 1}
	if got := r.Counts(); got != want {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
	if got, want := r.Backlog()[0].Engine, extentOf(3, 15, 8*time.Second); got != want {
		t.Errorf("the engine has %+v, want %+v", got, want)
	}
}

func TestProgressIsMadeInAnyOrder(t *testing.T) {
	_, r := filled(t, ReadingConfig{Progress: true})
	for _, step := range []struct {
		places []int64
		want   backlog.Extent
	}{
		{nil, extentOf(5, 33, time.Second)},
		{[]int64{2}, extentOf(4, 28, time.Second)},
		{[]int64{0}, extentOf(3, 21, 2*time.Second)},
		{[]int64{5, 1}, extentOf(2, 14, 4*time.Second)},
		{[]int64{4, 3}, backlog.None},
	} {
		r.Processed(shardID, step.places, 10*time.Second)
		if got := r.Backlog()[0].Engine; got != step.want {
			t.Errorf("after %v, the engine has %+v, want %+v", step.places, got, step.want)
		}
	}
	if got, want := r.Engine().Most(), (backlog.Most{Records: 5, Bytes: 33, Age: 9 * time.Second}); got != want {
		t.Errorf("at most %+v, want %+v", got, want)
	}
	if kept := r.ledger.shard(shardID).views[0].taken.records.Len(); kept > 0 {
		t.Errorf("%d records are kept that were processed", kept)
	}
}

func TestWaitDoneEndsWhenTheLastRecordIsProcessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, r := filled(t, restartable)
		r.Processed(shardID, []int64{0, 1, 2, 3}, 10*time.Second)
		if err := r.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		done := make(chan error, 1)
		go func() { done <- r.WaitDone(t.Context()) }()
		synctest.Wait()
		r.Rewind(map[string]string{shardID: "12"}, nil)
		if err := <-done; err != nil {
			t.Error(err)
		}
		r.Lose()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.WaitDone(ctx); err == nil {
			t.Error("done, while nobody knows what will be read again")
		}
	})
}

// A consumer that does not do as it says is a mistake in the program, which the run has to end with.
func TestAConsumerThatDoesNotDoAsItSaysEndsTheBooks(t *testing.T) {
	for name, test := range map[string]struct {
		config ReadingConfig
		do     func(l *Ledger, r *Reading)
		want   string
	}{
		"a place that was never given": {
			restartable, func(_ *Ledger, r *Reading) { r.Processed(shardID, []int64{6}, 0) }, "aggregator: shard " + shardID + ": place 6 was never given",
		},
		"no place": {restartable, func(_ *Ledger, r *Reading) { r.Processed(shardID, []int64{-1}, 0) }, "place -1 was never given"},
		"a place of what it was before": {restartable, func(_ *Ledger, r *Reading) {
			r.Rewind(nil, nil)
			r.Processed(shardID, []int64{0}, 0)
		}, "place 0 was never given"},
		"a place of nobody knows where": {restartable, func(_ *Ledger, r *Reading) {
			r.Lose()
			r.Processed(shardID, []int64{0}, 0)
		}, "place 0 was never given"},
		"a place twice at once": {restartable, func(_ *Ledger, r *Reading) { r.Processed(shardID, []int64{1, 1}, 0) }, "place 1 was processed before"},
		"a place again": {restartable, func(_ *Ledger, r *Reading) {
			r.Processed(shardID, []int64{0}, 0)
			r.Processed(shardID, []int64{0}, 0)
		}, "place 0 was processed before"},
		"progress": {
			ReadingConfig{Rewinds: true}, func(_ *Ledger, r *Reading) { r.Processed(shardID, []int64{0}, 0) }, "it reports progress of shard " + shardID + ", and was made without",
		},
		"it goes back":  {ReadingConfig{Progress: true}, func(_ *Ledger, r *Reading) { r.Lose() }, "it goes back"},
		"it comes late": {restartable, func(l *Ledger, _ *Reading) { l.Reading(ReadingConfig{Name: "late"}) }, "the books of late: it was made when the stream was in use already"},
	} {
		t.Run(name, func(t *testing.T) {
			l, r := filled(t, test.config)
			test.do(l, r)
			if err := l.Watch(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
			if err := l.Close(); err != nil {
				t.Errorf("told of again: %v", err)
			}
		})
	}
}

func TestIteratorAgeIsThatOfTheAnswers(t *testing.T) {
	l := newLedger()
	l.Join(&record.Page{Shard: leftID, Behind: 3 * time.Second})
	l.Join(&record.Page{Shard: rightID, Behind: 5 * time.Second})
	l.Join(&record.Page{Shard: rightID, Behind: 2 * time.Second})
	if now, most := l.IteratorAge(); now != 3*time.Second || most != 5*time.Second {
		t.Errorf("it is %v, and was %v", now, most)
	}
	if recent := l.RecentIteratorAge(); recent != 5*time.Second {
		t.Errorf("it was %v since the start", recent)
	}
	l.Join(&record.Page{Shard: leftID, Behind: time.Second})
	if recent := l.RecentIteratorAge(); recent != 2*time.Second {
		t.Errorf("it was %v since then", recent)
	}
	l.Join(&record.Page{Shard: rightID, Behind: 4 * time.Second, End: true})
	if now, _ := l.IteratorAge(); now != time.Second {
		t.Errorf("with a shard that has ended it is %v", now)
	}
}
