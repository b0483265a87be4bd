package ledger

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weir/record"
)

const (
	leftID  = "shardId-000000000001"
	rightID = "shardId-000000000002"
)

var (
	left     = record.Shard{ID: leftID, Parents: []string{shardID}}
	right    = record.Shard{ID: rightID, Parents: []string{shardID}}
	children = []record.Shard{left, right}
)

// in is a send that was stored in another shard than the one that it was sent to.
func in(shard string, s record.Send) record.Send {
	s.Shard = shard
	return s
}

// pageOf joins a page of a shard that does not reach the tip.
func pageOf(l *books, shard string, records ...record.Stored) []record.Stored {
	l.Join(&record.Page{Shard: shard, Records: records, Behind: time.Second})
	return records
}

// end joins the last page of the parent.
func end(l *books, asked time.Duration) {
	l.Join(&record.Page{Shard: shardID, Asked: asked, At: asked, End: true, Children: children})
}

func TestARecordIsInTheShardThatTheAnswerNames(t *testing.T) {
	l := newLedger()
	put(l, time.Second, send(1, "a", record.Acked, "10"), in(leftID, send(2, "b", record.Acked, "20")), in(rightID, send(3, "c", record.Acked, "21")))
	page(l, 2*time.Second, read("10", "a"))
	end(l, 2*time.Second)
	pageOf(l, leftID, read("20", "b"))
	wantCounts(t, l, Counts{Acked: 3, Read: 2, Unread: 1})
	pageOf(l, rightID, read("21", "c"))
	wantCounts(t, l, Counts{Acked: 3, Read: 3})
	if records := l.Stream().Most().Records; records != 3 || !l.Settled() {
		t.Errorf("the backlog was %d at most, settled is %v", records, l.Settled())
	}
}

func TestAReadOfAChildOvertakesTheAnswerToTheParentsCall(t *testing.T) {
	for _, known := range []string{"by the reader", "by the writer"} {
		t.Run(known, func(t *testing.T) {
			l := newLedger()
			sends := []record.Send{in(leftID, send(1, "a", record.Acked, "20")), in(rightID, send(2, "b", record.Acked, "21"))}
			l.Sending(shardID, sends)
			if known == "by the writer" {
				l.Resharded(children)
			}
			end(l, time.Second)
			if got := pageOf(l, leftID, read("20", "a")); got[0].Due != time.Second {
				t.Errorf("it is due at %v", got[0].Due)
			}
			l.Answered(shardID, sends, 2*time.Second)
			pageOf(l, rightID, read("21", "b"))
			wantCounts(t, l, Counts{Acked: 2, Read: 2})
		})
	}
}

func TestResolveWaitsForTheTipsOfAllChildren(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		unknown := []record.Send{send(1, "a", record.Unknown, ""), send(2, "b", record.Unknown, ""), send(3, "c", record.Unknown, "")}
		put(l, 0, unknown...)
		time.Sleep(time.Second)
		done := make(chan error, 1)
		go func() { done <- l.Resolve(t.Context(), shardID, unknown) }()
		synctest.Wait()
		page(l, 2*time.Second, read("10", "a"))
		end(l, 2*time.Second)
		l.Join(&record.Page{Shard: leftID, Asked: 3 * time.Second, Records: []record.Stored{read("20", "b")}})
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("resolved before the second child was read")
		}
		l.Join(&record.Page{Shard: rightID, Asked: 3 * time.Second})
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if a, b, c := unknown[0], unknown[1], unknown[2]; a.Landed("") != shardID || b.Outcome != record.Found || b.Landed("") != leftID || b.Sequence != "20" || c.Outcome != record.Absent {
			t.Errorf("resolved as %+v", unknown)
		}
		wantCounts(t, l, Counts{Found: 2, Read: 2})
	})
}

func TestAnUnknownThatNobodyResolvesIsFoundInAChild(t *testing.T) {
	l := newLedger()
	put(l, time.Second, send(1, "a", record.Unresolved, ""))
	end(l, 2*time.Second)
	if got := pageOf(l, rightID, read("20", "a")); got[0].Due != time.Second {
		t.Errorf("it is due at %v", got[0].Due)
	}
	wantCounts(t, l, Counts{Found: 1, Read: 1})
}

// What was stored is told shard by shard in the order of its sequence numbers, what a shard came of first, and only once nothing can come before it.
func TestStoredIsToldParentsFirst(t *testing.T) {
	var told []string
	l := newBooks(Config{Clock: record.NewClock(time.Now()), Stored: func(shard string, sends []record.Send) {
		for _, s := range sends {
			told = append(told, shard[len(shard)-1:]+":"+s.Sequence)
		}
	}}, ReadingConfig{})
	const other = "shardId-000000000009"
	merged := record.Shard{ID: leftID, Parents: []string{shardID, other}}
	l.Resharded([]record.Shard{merged})
	one := []record.Send{send(1, "a", record.Acked, "10"), in(leftID, send(2, "b", record.Acked, "22"))}
	two := []record.Send{send(3, "c", record.Acked, "11"), in(leftID, send(4, "d", record.Acked, "21"))}
	l.Sending(shardID, one)
	l.Sending(other, two)
	l.Answered(shardID, one, time.Second)
	if want := []string{"0:10"}; !slices.Equal(told, want) {
		t.Errorf("while a call of the other parent is on its way, %v is told", told)
	}
	l.Answered(other, two, time.Second)
	if want := []string{"0:10", "9:11", "1:21", "1:22"}; !slices.Equal(told, want) {
		t.Errorf("told is %v, want %v", told, want)
	}
}

func TestARecordThatComesTooLateIsReorderedOverASplit(t *testing.T) {
	l := newLedger()
	put(l, time.Second, send(1, "a", record.Throttled, ""), send(2, "b", record.Acked, "10"))
	page(l, time.Second, read("10", "b"))
	end(l, time.Second)
	l.Sending(leftID, []record.Send{send(1, "a", record.Acked, "20")})
	l.Answered(leftID, []record.Send{send(1, "a", record.Acked, "20")}, 2*time.Second)
	pageOf(l, leftID, read("20", "a"))
	wantCounts(t, l, Counts{Acked: 2, Read: 2, Reordered: 1, Throttled: 1})
}

func TestACopyInAChildIsADuplicate(t *testing.T) {
	l := newLedger()
	put(l, time.Second, send(1, "a", record.Acked, "10"))
	page(l, time.Second, read("10", "a"))
	end(l, time.Second)
	pageOf(l, leftID, read("20", "a"))
	wantCounts(t, l, Counts{Acked: 1, Read: 2, Duplicated: 1})
}

// A copy that was read in the parent is judged when nothing is in flight any more that it could be, and its record may be read in a child by then.
func TestACopyInTheParentOfARecordThatWasReadInAChildIsADuplicate(t *testing.T) {
	l := newLedger()
	first, second := []record.Send{in(leftID, send(1, "a", record.Acked, "20"))}, []record.Send{in(leftID, send(2, "b", record.Acked, "21"))}
	l.Sending(shardID, first)
	l.Sending(shardID, second)
	page(l, time.Second, read("10", "a"))
	end(l, time.Second)
	l.Answered(shardID, first, 2*time.Second)
	pageOf(l, leftID, read("20", "a"))
	l.Answered(shardID, second, 2*time.Second)
	pageOf(l, leftID, read("21", "b"))
	wantCounts(t, l, Counts{Acked: 2, Read: 3, Duplicated: 1})
}

func TestWhatAClosedShardEndedWithoutIsLost(t *testing.T) {
	l := newLedger()
	sends := []record.Send{send(1, "a", record.Acked, "10")}
	l.Sending(shardID, sends)
	end(l, time.Second)
	l.Answered(shardID, sends, 2*time.Second)
	wantCounts(t, l, Counts{Acked: 1, Lost: 1})
}

// An answer may name a shard that nobody knows as yet, and no call may go there later.
func TestWhatLandsInAShardBeforeItIsKnownIsToldAsStored(t *testing.T) {
	var told []string
	l := newBooks(Config{Clock: record.NewClock(time.Now()), Stored: func(_ string, sends []record.Send) {
		for _, s := range sends {
			told = append(told, s.Sequence)
		}
	}}, ReadingConfig{})
	put(l, time.Second, in(leftID, send(1, "a", record.Acked, "20")))
	l.Resharded(children)
	if want := []string{"20"}; !slices.Equal(told, want) {
		t.Errorf("told is %v, want %v", told, want)
	}
}
