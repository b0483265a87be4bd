package aggregator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

// Windows of a second that slide by half of one, half a second out of order, a second of lateness.
func TestLateRecordsFireTheirRowsAgainUntilTheirWindowsAreOver(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for _, c := range []struct {
		name    string
		slide   time.Duration
		records []record.Stored
		rows    []shows
		missed  []record.Late
	}{
		{
			"a late record fires its row again, with itself for a trigger, and no other row",
			time.Second,
			[]record.Stored{
				stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "b", 0, "1")), stored(3, eventOf("k", "a", 1499, "")), stored(4, eventOf("k", "a", 5, "2")),
			},
			[]shows{{"k/a", 0, 1, "1", ms(3), ms(1), false}, {"k/b", 0, 1, "1", ms(3), ms(2), false}, {"k/a", 0, 2, "3", ms(4), ms(4), false}},
			nil,
		},
		{
			"each late record fires once, and a key that the window had not fires, too",
			time.Second,
			[]record.Stored{
				stored(1, eventOf("k", "a", 1499, "")), stored(2, eventOf("k", "a", 5, "2")), stored(3, eventOf("k", "a", 6, "3")), stored(4, eventOf("k", "c", 7, "")),
			},
			[]shows{{"k/a", 0, 1, "2", ms(2), ms(2), false}, {"k/a", 0, 2, "5", ms(3), ms(3), false}, {"k/c", 0, 1, "", ms(4), ms(4), false}},
			nil,
		},
		{
			"a millisecond before the lateness is over a record is counted",
			time.Second,
			[]record.Stored{stored(1, eventOf("k", "a", 2498, "")), stored(2, eventOf("k", "a", 5, "2"))},
			[]shows{{"k/a", 0, 1, "2", ms(2), ms(2), false}},
			nil,
		},
		{
			"when it is over, it is dropped",
			time.Second,
			[]record.Stored{stored(1, eventOf("k", "a", 2499, "")), stored(2, eventOf("k", "a", 5, "2"))},
			nil,
			[]record.Late{{ID: record.ID{Shard: "shard-0", Sequence: "2"}, Over: 1000, Dropped: true}},
		},
		{
			"the state is kept until then, and the row is made of all of it",
			time.Second,
			[]record.Stored{stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "a", 2498, "")), stored(3, eventOf("k", "a", 5, "2")), stored(4, eventOf("k", "a", 2499, "")), stored(5, eventOf("k", "a", 6, "4"))},
			[]shows{{"k/a", 0, 1, "1", ms(2), ms(1), false}, {"k/a", 0, 2, "3", ms(3), ms(3), false}},
			[]record.Late{{ID: record.ID{Shard: "shard-0", Sequence: "5"}, Over: 1000, Dropped: true}},
		},
		{
			"of windows that overlap, those that are over miss it, those that have fired fire again, and the others wait",
			500 * time.Millisecond,
			[]record.Stored{stored(1, eventOf("k", "a", 600, "1")), stored(2, eventOf("k", "b", 2998, "")), stored(3, eventOf("k", "a", 601, "2"))},
			[]shows{{"k/a", 0, 1, "1", ms(2), ms(1), false}, {"k/a", 500, 1, "1", ms(2), ms(1), false}, {"k/a", 500, 2, "3", ms(3), ms(3), false}},
			[]record.Late{{ID: record.ID{Shard: "shard-0", Sequence: "3"}, Over: 1000}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := seconds(1)
			config.Slide, config.AllowedLateness = c.slide, time.Second
			got := aggregate(t, config, one(c.records, 2))
			if got.err != nil {
				t.Fatal(got.err)
			}
			if diff := cmp.Diff(c.rows, show(got.rows), cmp.AllowUnexported(shows{})); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.missed, got.missed); diff != "" {
				t.Error(diff)
			}
			if s := got.status; s.Counted+s.Late != s.Read || s.Late != int64(len(got.late)) {
				t.Errorf("%+v", s)
			}
		})
	}
}
