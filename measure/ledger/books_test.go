package ledger

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

// books are a ledger with readings that read the same. The first one is asked; the others have to say what it says.
type books struct {
	*Ledger
	*Reading
	others []*Reading
}

// newBooks has three readings: one that keeps nothing of what it has read, one that reports progress, and one that may go back, too.
func newBooks(config Config, reading ReadingConfig) *books {
	l := New(config)
	b := &books{Ledger: l, Reading: l.Reading(reading)}
	b.others = []*Reading{
		l.Reading(ReadingConfig{Name: "progress", Progress: true}), l.Reading(ReadingConfig{Name: "rewinds", Progress: true, Rewinds: true}),
	}
	return b
}

func newLedger() *books {
	return newBooks(Config{Clock: record.NewClock(time.Now())}, ReadingConfig{})
}

// Join has every reading join the page.
func (b *books) Join(page *record.Page) int { return b.JoinKinds(page, nil) }

// JoinKinds has every reading join the page.
func (b *books) JoinKinds(page *record.Page, kinds []string) (fresh int) {
	before := slices.Clone(page.Records)
	fresh = b.Reading.JoinKinds(page, kinds)
	for _, r := range b.others {
		copied := *page
		copied.Records = slices.Clone(before)
		if n := r.JoinKinds(&copied, slices.Clone(kinds)); n != fresh {
			panic("the readings do not agree on what is fresh")
		}
		for i := range copied.Records {
			if copied.Records[i].Due != page.Records[i].Due {
				panic("the readings do not agree on what was due when")
			}
		}
	}
	return fresh
}

// Counts are the totals of a stream and of what one consumer has read.
type Counts struct {
	Acked, Failed, Unsent          int64
	Found, Unresolved              int64
	InFlight                       int64
	Read, Unread, Lost             int64
	Duplicated, Reordered, Phantom int64
	Throttled, Retried             int64
}

func (c Counts) Unknown() int64 { return c.Found + c.Unresolved }

func countsOf(l *Ledger, r *Reading) Counts {
	s, c := l.Sent(), r.Counts()
	return Counts{
		Acked: s.Acked, Failed: s.Failed, Unsent: s.Unsent, Found: s.Found, Unresolved: s.Unresolved, InFlight: s.InFlight,
		Read: c.Read, Unread: c.Unread, Lost: c.Lost, Duplicated: c.Duplicated, Reordered: c.Reordered, Phantom: c.Phantom,
		Throttled: s.Throttled, Retried: s.Retried,
	}
}

// Counts are those of the first reading.
func (b *books) Counts() Counts { return countsOf(b.Ledger, b.Reading) }

func wantCounts(t *testing.T, b *books, want Counts) {
	t.Helper()
	if d := cmp.Diff(want, b.Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	for _, r := range b.others {
		if d := cmp.Diff(want, countsOf(b.Ledger, r)); d != "" {
			t.Errorf("counts of %s (-want +got):\n%s", r.config.Name, d)
		}
		if d := cmp.Diff(b.Offenders(), r.Offenders()); d != "" {
			t.Errorf("offenders of %s (-want +got):\n%s", r.config.Name, d)
		}
		if got, want := r.Engine().Records(), r.Counts().Given; got != want {
			t.Errorf("%d records wait with %s, which has processed none of %d", got, r.config.Name, want)
		}
		if got := r.Stream().Records(); got != want.Unread {
			t.Errorf("%d records wait in the stream for %s, want %d", got, r.config.Name, want.Unread)
		}
	}
}
