package routing

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/record"
)

// itemsOf are items with the sequence numbers from first to last.
func itemsOf(first, last int) []Item {
	var items []Item
	for n := first; n <= last; n++ {
		items = append(items, Item{Stored: record.Stored{Sequence: strconv.Itoa(n)}})
	}
	return items
}

// show is what a decision says: 1-2 done | 3-4*1 again, with one retry | gave up 5-5.
func (n next) show() string {
	span := func(items []Item) string { return items[0].Sequence + "-" + items[len(items)-1].Sequence }
	var parts []string
	if len(n.done) > 0 {
		parts = append(parts, "done "+span(n.done))
	}
	for _, w := range n.again {
		parts = append(parts, "again "+span(w.items)+" after "+strconv.Itoa(w.retries)+" of "+strconv.Itoa(w.invoked))
	}
	if n.discarded != nil {
		parts = append(parts, "discard "+span(n.discarded.items)+" after "+strconv.Itoa(n.discarded.invoked))
	}
	return strings.Join(parts, ", ")
}

func TestPolicyDoesAboutFailuresWhatLambdaDoes(t *testing.T) {
	said := errors.New("it says so")
	failure := func(kind FailureKind) *Failure { return &Failure{Kind: kind, Err: said} }
	forever, twice, never := Policy{}, Policy{MaximumRetryAttempts: new(2)}, Policy{MaximumRetryAttempts: new(0)}
	report, bisect := Policy{ReportBatchItemFailures: true}, Policy{BisectBatchOnFunctionError: true, MaximumRetryAttempts: new(1)}
	both := Policy{ReportBatchItemFailures: true, BisectBatchOnFunctionError: true, MaximumRetryAttempts: new(1)}
	for _, c := range []struct {
		name    string
		policy  Policy
		w       work
		refused []string
		failure *Failure
		want    string
	}{
		{"a success is a success", forever, work{items: itemsOf(1, 4)}, nil, nil, "done 1-4"},
		{"without end by default", forever, work{itemsOf(1, 4), 99, 99}, nil, failure(Errored), "again 1-4 after 100 of 100"},
		{"up to the attempts", twice, work{itemsOf(1, 4), 1, 1}, nil, failure(TimedOut), "again 1-4 after 2 of 2"},
		{"and no further", twice, work{itemsOf(1, 4), 2, 2}, nil, failure(TimedOut), "discard 1-4 after 3"},
		{"no attempt at all", never, work{items: itemsOf(1, 4)}, nil, failure(Garbage), "discard 1-4 after 1"},
		{"what could not be invoked is no attempt", never, work{items: itemsOf(1, 4)}, nil, failure(Unavailable), "again 1-4 after 0 of 1"},
		{"too large is a failure as any other", never, work{items: itemsOf(1, 1)}, nil, failure(TooLarge), "discard 1-1 after 1"},

		{"a split costs no attempt", bisect, work{itemsOf(1, 5), 1, 1}, nil, failure(Errored), "again 1-2 after 1 of 2, again 3-5 after 1 of 2"},
		{"a single item is not split", bisect, work{itemsOf(3, 3), 0, 4}, nil, failure(Errored), "again 3-3 after 1 of 5"},
		{"and given up in the end", bisect, work{itemsOf(3, 3), 1, 5}, nil, failure(Errored), "discard 3-3 after 6"},
		{"what could not be invoked is not split", bisect, work{items: itemsOf(1, 4)}, nil, failure(Unavailable), "again 1-4 after 0 of 1"},

		{"reports are not heeded unless asked for", forever, work{items: itemsOf(1, 4)}, []string{"3"}, nil, "done 1-4"},
		{"from the checkpoint on", report, work{items: itemsOf(1, 4)}, []string{"3"}, nil, "done 1-2, again 3-4 after 1 of 1"},
		{"of several the lowest", report, work{items: itemsOf(1, 4)}, []string{"4", "2", "3"}, nil, "done 1-1, again 2-4 after 1 of 1"},
		{"the first is all", report, work{items: itemsOf(1, 4)}, []string{"1"}, nil, "again 1-4 after 1 of 1"},
		{"one that is none is all", report, work{items: itemsOf(1, 4)}, []string{"3", "9"}, nil, "again 1-4 after 1 of 1"},
		{"an empty one is all", report, work{items: itemsOf(1, 4)}, []string{""}, nil, "again 1-4 after 1 of 1"},
		{"none is a success", report, work{items: itemsOf(1, 4)}, []string{}, nil, "done 1-4"},
		{"split at the checkpoint", both, work{itemsOf(1, 4), 1, 1}, []string{"3"}, nil, "done 1-2, again 3-4 after 1 of 2"},
		{"in two where the first is refused", both, work{itemsOf(1, 4), 1, 1}, []string{"1"}, nil, "again 1-2 after 1 of 2, again 3-4 after 1 of 2"},
		{"the last one's attempts end", both, work{itemsOf(4, 4), 1, 3}, []string{"4"}, nil, "discard 4-4 after 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := c.policy.after(c.w, c.refused, c.failure)
			if got := n.show(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if (n.failure == nil) != (len(n.again) == 0 && n.discarded == nil) {
				t.Errorf("the failure is %v", n.failure)
			}
		})
	}
}

func TestItemsThatAreTooOldAreGivenUpAndNoOthers(t *testing.T) {
	now := time.UnixMilli(100_000)
	items := itemsOf(1, 4)
	for i, arrived := range []int64{39_000, 39_999, 40_000, 99_000} {
		items[i].Arrived = arrived
	}
	p := Policy{MaximumRecordAge: time.Minute}
	for _, c := range []struct {
		items     []Item
		old, left int
	}{{items, 2, 2}, {items[2:], 0, 2}, {items[:2], 2, 0}} {
		old, left := p.expired(work{items: c.items, retries: 3, invoked: 4}, now)
		if n := 0; old != nil {
			n = len(old.items)
			if n != c.old || old.invoked != 4 {
				t.Errorf("%d are too old, want %d", n, c.old)
			}
		} else if c.old != n {
			t.Errorf("none is too old, want %d", c.old)
		}
		if len(left.items) != c.left || left.retries != 3 {
			t.Errorf("%+v is left", left)
		}
	}
	if old, left := (&Policy{}).expired(work{items: items}, now); old != nil || len(left.items) != 4 {
		t.Error("without an age, something was too old")
	}
}
