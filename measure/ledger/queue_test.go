package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

// waiting is a record as a queue that is a slice would hold it.
type waiting struct {
	sequence string
	hash     uint64
	acked    time.Duration
	due      time.Duration
	size     int64
	event    record.Event
}

func (w *waiting) send() *record.Send {
	return &record.Send{
		Record:   record.Record{Data: make([]byte, w.size), Due: w.due, Event: w.event},
		Sequence: w.sequence, Outcome: record.Acked, Position: int64(w.hash) + 1,
	}
}

func ofEntry(e entry) waiting {
	return waiting{sequence: string(e.sequence()), hash: e.hash(), acked: e.acked(), due: e.due(), size: e.size(), event: e.event()}
}

func TestAQueueHoldsWhatASliceWouldWhereverItLies(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		store := newStore(rapid.Int64Range(1, 2000).Draw(t, "memory"), folder, newFailure())
		store.block = rapid.IntRange(1, 1000).Draw(t, "block")
		q := queue{store: store}
		var model []waiting
		passed := 0
		next := 1000
		draw := func(t *rapid.T) waiting {
			next += 10
			return waiting{
				sequence: fmt.Sprint(next), hash: rapid.Uint64().Draw(t, "hash"), acked: time.Duration(next), due: time.Duration(-next),
				size: rapid.Int64Range(0, 1<<10).Draw(t, "size"),
				event: record.Event{
					Kind: rapid.StringN(0, 3, -1).Draw(t, "kind"), Key: rapid.StringN(0, 30, -1).Draw(t, "key"), Value: rapid.StringN(0, 30, -1).Draw(t, "value"),
					Time: rapid.Int64().Draw(t, "time"), Unreadable: rapid.Bool().Draw(t, "unreadable"),
				},
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				for range rapid.IntRange(1, 8).Draw(t, "n") {
					w := draw(t)
					q.add(w.send(), w.hash, w.acked)
					q.endsWith(w.sequence)
					model = append(model, w)
				}
			},
			"insert": func(t *rapid.T) {
				w := draw(t)
				at := rapid.IntRange(max(passed, len(model)-12), len(model)).Draw(t, "at")
				if at > 0 && at < len(model) {
					w.sequence = fmt.Sprint(atoi(model[at].sequence) - 1)
				}
				if at == 0 && len(model) > 0 {
					w.sequence = fmt.Sprint(atoi(model[0].sequence) - 1)
				}
				if at > 0 && w.sequence <= model[at-1].sequence {
					t.Skip("no room")
				}
				q.insert(encode(nil, w.send(), w.hash, w.acked))
				model = slices.Insert(model, at, w)
			},
			"pop": func(t *rapid.T) {
				for range rapid.IntRange(0, len(model)).Draw(t, "n") {
					q.pop()
					model = model[1:]
					passed = max(0, passed-1)
				}
			},
			"pass": func(t *rapid.T) {
				if len(model) == passed {
					t.Skip("nothing to pass")
				}
				before := model[rapid.IntRange(passed, len(model)-1).Draw(t, "to")].acked
				q.pass(before)
				for passed < len(model) && model[passed].acked < before {
					passed++
				}
			},
			"": func(t *rapid.T) { checkQueue(t, &q, model, passed) },
		})
		store.close()
		if err := store.failure.get(); err != nil {
			t.Fatal(err)
		}
	})
	checkEmpty(t, folder)
}

func atoi(text string) (n int) {
	_, _ = fmt.Sscan(text, &n) // which it is
	return n
}

func checkQueue(t *rapid.T, q *queue, model []waiting, passed int) {
	if q.records != len(model) || q.passed != passed {
		t.Fatalf("%d records, %d passed; not %d and %d", q.records, q.passed, len(model), passed)
	}
	var all, open []waiting
	for e := range q.all() {
		all = append(all, ofEntry(e))
	}
	for e := range q.from(q.first()) {
		open = append(open, ofEntry(e))
	}
	if !slices.Equal(model, all) {
		t.Fatalf("all (-want +got):\n%s", cmp.Diff(model, all, cmp.AllowUnexported(waiting{})))
	}
	if !slices.Equal(model[passed:], open) {
		t.Fatalf("not passed (-want +got):\n%s", cmp.Diff(model[passed:], open, cmp.AllowUnexported(waiting{})))
	}
	bytes, oldest := int64(0), record.NoDue
	for i, w := range model[passed:] {
		bytes += w.size
		if i == 0 {
			oldest = w.due
		}
	}
	if q.bytes != bytes || q.oldest() != oldest {
		t.Fatalf("%d bytes, the oldest due at %v; not %d, %v", q.bytes, q.oldest(), bytes, oldest)
	}
	if len(model) > 0 && ofEntry(q.front()).sequence != model[0].sequence {
		t.Fatalf("front is %s", q.front().sequence())
	}
	held := int64(0)
	for b := q.head; b != nil; b = b.next {
		held += int64(cap(b.data))
	}
	if got := q.store.held.Load(); got != held {
		t.Fatalf("%d bytes are held, and %d counted", held, got)
	}
}

// spilled is a ledger most of whose backlog of 1,000 records is on the disk.
func spilled(t *testing.T, folder string) *books {
	t.Helper()
	l := &books{Ledger: New(Config{Clock: record.NewClock(time.Now()), Memory: 1, Folder: folder})}
	l.Reading = l.Ledger.Reading(ReadingConfig{})
	l.store.block = 1000
	for i := range int64(1000) {
		put(l, time.Second, send(i, fmt.Sprint(i), record.Acked, fmt.Sprint(100_000+i)))
	}
	return l
}

func TestABacklogThatTheDiskHasNoRoomForStaysInMemoryAndEndsTheRun(t *testing.T) {
	l := spilled(t, filepath.Join(t.TempDir(), "is not there"))
	if err := l.Watch(t.Context()); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "could not be kept on the disk") {
		t.Errorf("the error is %v", err)
	}
	for i := range 1000 {
		page(l, 2*time.Second, read(fmt.Sprint(100_000+i), fmt.Sprint(i)))
	}
	wantCounts(t, l, Counts{Acked: 1000, Read: 1000})
	if err := l.Close(); err != nil {
		t.Errorf("told of again: %v", err)
	}
}

// What cannot be read back makes nothing lost, duplicated or phantom: the books stop at what they knew.
func TestABacklogThatCannotBeReadBackEndsTheBooks(t *testing.T) {
	for name, damage := range map[string]func(f *file) error{
		"the disk fails":        func(f *file) error { return f.Close() },
		"something else stands": func(f *file) error { _, err := f.WriteAt(make([]byte, f.size), 0); return err },
		"it is shorter":         func(f *file) error { return f.Truncate(f.size / 2) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			l := spilled(t, folder)
			for f := range l.store.files {
				if err := damage(f); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 1000 {
				page(l, 2*time.Second, read(fmt.Sprint(100_000+i), fmt.Sprint(i)))
			}
			c := l.Counts()
			if c.Read == 0 || c.Read == 1000 || c.Read+c.Unread != 1000 || c.Lost+c.Duplicated+c.Phantom+c.Reordered != 0 {
				t.Errorf("%+v", c)
			}
			if err := l.Close(); err == nil || !strings.Contains(err.Error(), "could not be kept on the disk") {
				t.Errorf("the error is %v", err)
			}
			checkEmpty(t, folder)
		})
	}
}
