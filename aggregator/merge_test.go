package aggregator

import (
	"testing"
	"time"

	"weir/record"
)

// slowOnUnreadable takes two seconds over each unreadable record.
type slowOnUnreadable struct{ kept }

func (o *slowOnUnreadable) Unreadable(id record.ID, data []byte, why error) {
	time.Sleep(2 * time.Second)
	o.kept.Unreadable(id, data, why)
}

// Of two shards that were merged, the one that ends last may end while the child still waits for a source subtask that is busy. The other may be ahead.
func TestAParentHoldsTheWatermarkUntilTheChildDoesThatAnotherParentBrought(t *testing.T) {
	child := []record.Shard{{ID: "child", Start: place(1, 8), End: place(3, 8), Parents: []string{"ahead", "behind"}}}
	records := func(s ...record.Stored) record.Page { return record.Page{Records: s} }
	stream := &polled{
		shards: []record.Shard{
			{ID: "busy", Start: place(0, 8), End: place(1, 8)}, // on the child's source subtask, as "ahead" is
			{ID: "ahead", Start: place(1, 8), End: place(2, 8)},
			{ID: "behind", Start: place(2, 8), End: place(3, 8)},
		},
		pages: map[string][]timed{
			"busy":   {{time.Second, records(stored(1, eventOf("k", "a", 200_000, "1")))}, {2100 * time.Millisecond, records(stored(5, "?"))}},
			"ahead":  {{time.Second, records(stored(2, eventOf("k", "a", 100_000, "1")))}, {2 * time.Second, record.Page{Records: []record.Stored{stored(4, "?")}, End: true, Children: child}}},
			"behind": {{time.Second, records(stored(3, eventOf("k", "b", 1000, "1")))}, {5 * time.Second, record.Page{End: true, Children: child}}},
			"child":  {{0, records(stored(6, eventOf("k", "b", 1600, "1")))}},
		},
	}
	config, observer := seconds(4), new(slowOnUnreadable)
	config.Observer = observer
	got := aggregateFor(t, time.Minute, config, stream)
	if got.err != nil {
		t.Fatal(got.err)
	}
	if len(observer.late) > 0 || len(observer.unreadable) != 2 || got.status.Counted != 4 {
		t.Errorf("late are %v, unreadable %v; %+v", observer.late, observer.unreadable, got.status)
	}
}
