package aggregator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/aggregator/window"
	"weir/record"
)

// seconds is the config of the tables below: windows of a second, half a second out of order.
func seconds(parallelism int) Config {
	return Config{Parallelism: parallelism, Window: time.Second, OutOfOrderness: 500 * time.Millisecond}
}

// shows is a fired row as the tables below write it.
type shows struct {
	key             string
	start, count    int64
	sum             string
	trigger, newest time.Duration
	flushed         bool
}

func show(rows []record.Fired) []shows {
	var all []shows
	for i := range rows {
		r := &rows[i]
		all = append(all, shows{r.Kind + "/" + r.Key, r.WindowStart, r.Count, r.Sum, r.Trigger, r.Newest, r.Flushed})
	}
	return all
}

func TestRulesOnOneShard(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	none := stored(9, eventOf("k", "a", 1499, ""))
	none.Due = record.NoDue
	for _, c := range []struct {
		name    string
		records []record.Stored
		rows    []shows
		late    []string
	}{
		{
			"a window fires at its end less one millisecond, by the record that raises the watermark to it",
			[]record.Stored{stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "a", 1498, "2")), stored(3, eventOf("k", "a", 1499, "4"))},
			[]shows{{"k/a", 0, 1, "1", ms(3), ms(1), false}},
			nil,
		},
		{
			"a record in a window that is still open is not late, however old",
			[]record.Stored{stored(1, eventOf("k", "a", 1498, "1")), stored(2, eventOf("k", "a", 0, "2")), stored(3, eventOf("k", "a", 1499, ""))},
			[]shows{{"k/a", 0, 1, "2", ms(3), ms(2), false}},
			nil,
		},
		{
			"a record that comes after its window has fired is late and fires nothing",
			[]record.Stored{stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "a", 1499, "2")), stored(3, eventOf("k", "a", 999, "4")), stored(4, eventOf("k", "a", 1000, "8"))},
			[]shows{{"k/a", 0, 1, "1", ms(2), ms(1), false}},
			[]string{"3"},
		},
		{
			"a record is tested before its own event time counts",
			[]record.Stored{stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "a", 10_000, "2")), stored(3, eventOf("k", "b", 10_001, "")), stored(4, eventOf("k", "a", 11_499, ""))},
			[]shows{{"k/a", 0, 1, "1", ms(2), ms(1), false}, {"k/a", 10_000, 1, "2", ms(4), ms(2), false}, {"k/b", 10_000, 1, "", ms(4), ms(3), false}},
			nil,
		},
		{
			"windows fire by start, kind, key",
			[]record.Stored{
				stored(1, eventOf("z", "a", 1000, "")), stored(2, eventOf("k", "b", 1000, "")), stored(3, eventOf("k", "a", 1000, "")),
				stored(4, eventOf("z", "z", 999, "")), stored(5, eventOf("k", "a", 5000, "")),
			},
			[]shows{
				{"z/z", 0, 1, "", ms(5), ms(4), false},
				{"k/a", 1000, 1, "", ms(5), ms(3), false},
				{"k/b", 1000, 1, "", ms(5), ms(2), false},
				{"z/a", 1000, 1, "", ms(5), ms(1), false},
			},
			nil,
		},
		{
			"event times before 1970",
			[]record.Stored{stored(1, eventOf("k", "a", -1, "1")), stored(2, eventOf("k", "a", -1000, "2")), stored(3, eventOf("k", "a", 499, "4"))},
			[]shows{{"k/a", -1000, 2, "3", ms(3), ms(2), false}},
			nil,
		},
		{
			"a record without value counts, and a due time that is not known is not the newest",
			[]record.Stored{stored(1, eventOf("k", "a", 0, "")), none, stored(10, eventOf("k", "a", 2499, "1"))},
			[]shows{{"k/a", 0, 1, "", record.NoDue, ms(1), false}, {"k/a", 1000, 1, "", ms(10), record.NoDue, false}},
			nil,
		},
		{
			"a flush fires what is open, and is no contributor",
			[]record.Stored{stored(1, eventOf("k", "a", 0, "1")), flush(2), stored(3, eventOf("k", "a", 5, "2"))},
			[]shows{{"k/a", 0, 1, "1", record.NoDue, ms(1), true}},
			[]string{"3"},
		},
		{
			"an unreadable record raises no watermark",
			[]record.Stored{
				stored(1, eventOf("k", "a", 0, "1")), stored(2, `{"event_time":9000,"value":"x"}`), stored(3, `{"event_time":9000`),
				stored(4, eventOf("k", "a", 10, "2")), flush(5),
			},
			[]shows{{"k/a", 0, 2, "3", record.NoDue, ms(4), true}},
			nil,
		},
	} {
		for _, size := range []int{1, 2, 100} {
			t.Run(c.name, func(t *testing.T) {
				got := aggregate(t, seconds(1), one(c.records, size))
				if got.err != nil {
					t.Fatal(got.err)
				}
				if diff := cmp.Diff(c.rows, show(got.rows), cmp.AllowUnexported(shows{})); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(c.late, sequences(got.late)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestUnreadableRecordsAreToldByID(t *testing.T) {
	got := aggregate(t, seconds(1), one([]record.Stored{stored(1, "x"), stored(2, eventOf("k", "a", 0, "1")), stored(3, `{}`)}, 10))
	want := []record.ID{{Shard: "shard-0", Sequence: "1"}, {Shard: "shard-0", Sequence: "3"}}
	if diff := cmp.Diff(want, got.unreadable); diff != "" {
		t.Error(diff)
	}
	if s := got.status; s.Read != 3 || s.Counted != 1 || s.Unreadable != 2 {
		t.Errorf("%+v", s)
	}
}

// A shard holds the watermark at minus infinity until its first record, also where it is alone on its source subtask; a source
// subtask without shards holds nothing.
func TestShardWithoutRecordsHoldsTheWatermark(t *testing.T) {
	first := []record.Stored{stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "a", 9000, "2"))}
	for _, c := range []struct {
		name                string
		shards, parallelism int
		second              []record.Stored
		rows                int
		watermark           int64
	}{
		{"the other shard has no record", 2, 2, nil, 0, window.Unset},
		{"nor has it on the same subtask", 2, 1, nil, 0, window.Unset},
		{"its first record lets go", 2, 2, []record.Stored{stored(3, eventOf("k", "b", 1600, "1"))}, 1, 1100},
		{"as far as it goes", 2, 1, []record.Stored{stored(3, eventOf("k", "b", 1400, "1"))}, 0, 900},
		{"a flush lets go too", 2, 2, []record.Stored{flush(3)}, 1, 8500},
		{"subtasks without shards do not count", 1, 4, nil, 1, 8500},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{shards: shardsOf(c.shards), pages: []record.Page{{Shard: "shard-0", Records: first}}}
			if c.second != nil {
				m.pages = append(m.pages, record.Page{Shard: "shard-1", Records: c.second})
			}
			got := aggregate(t, seconds(c.parallelism), m)
			if got.err != nil || len(got.rows) != c.rows || got.status.Watermark != c.watermark {
				t.Fatalf("%v: rows %v, watermark %d", got.err, show(got.rows), got.status.Watermark)
			}
			if c.shards == 1 {
				return
			}
			silent := got.status.Shards[1].Records == 0
			if want := c.second == nil || c.name == "a flush lets go too"; silent != want {
				t.Errorf("%+v", got.status.Shards)
			}
		})
	}
}

func TestFlushedIsARowThatAFlushRecordFired(t *testing.T) {
	// The flush of shard 0 raises nothing while shard 1 is behind; a record of shard 1 fires the row then, and is its trigger.
	m := &memory{shards: shardsOf(2), settled: true, pages: []record.Page{
		{Shard: "shard-0", Records: []record.Stored{stored(1, eventOf("k", "a", 0, "1")), flush(2)}},
		{Shard: "shard-1", Records: []record.Stored{stored(3, eventOf("k", "a", 1600, "1"))}},
		{Shard: "shard-1", Records: []record.Stored{flush(4)}},
	}}
	got := aggregate(t, seconds(2), m)
	want := []shows{
		{"k/a", 0, 1, "1", 3 * time.Millisecond, time.Millisecond, false},
		{"k/a", 1000, 1, "1", record.NoDue, 3 * time.Millisecond, true},
	}
	if diff := cmp.Diff(want, show(got.rows), cmp.AllowUnexported(shows{})); diff != "" {
		t.Error(diff)
	}
}

// A shard that comes of a reshard during the run is read to its parents' ends first, holds the watermark where they left it, and is late by nothing else:
// whichever subtask it falls to, also to one that had no shard.
func TestShardsThatComeOfAReshardAreReadAndHoldTheWatermark(t *testing.T) {
	children := []record.Shard{
		{ID: "left", Start: place(0, 4), End: place(1, 4), Parents: []string{"parent"}},
		{ID: "right", Start: place(1, 4), End: place(4, 4), Parents: []string{"parent"}},
	}
	for _, parallelism := range []int{1, 4} {
		m := &memory{
			settled: true,
			shards:  []record.Shard{{ID: "parent", Start: place(0, 4), End: place(4, 4)}},
			pages: []record.Page{
				{Shard: "parent", Records: []record.Stored{stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "a", 1600, "1"))}},
				{Shard: "parent", End: true, Children: children},
				{Shard: "left", Records: []record.Stored{stored(3, eventOf("k", "a", 9000, "1"))}},
				// Late by what the parent left, in order, and no reason to fire anything before this shard is on.
				{Shard: "right", Records: []record.Stored{stored(4, eventOf("k", "a", 999, "1")), stored(5, eventOf("k", "a", 1001, "1")), stored(6, eventOf("k", "a", 9000, "1"))}},
			},
		}
		got := aggregate(t, seconds(parallelism), m)
		if got.err != nil {
			t.Fatal(got.err)
		}
		want := []shows{
			{"k/a", 0, 1, "1", 2 * time.Millisecond, time.Millisecond, false},
			{"k/a", 1000, 2, "2", 6 * time.Millisecond, 5 * time.Millisecond, false},
		}
		if diff := cmp.Diff(want, show(got.rows), cmp.AllowUnexported(shows{})); diff != "" {
			t.Errorf("parallelism %d: %s", parallelism, diff)
		}
		if len(got.late) != 1 || got.late[0].Sequence != "4" {
			t.Errorf("parallelism %d: late are %v", parallelism, got.late)
		}
	}
}

// A shard that was read to its end holds nothing back; its children do, and start when its last record is processed.
func TestChildrenStartAfterTheirParents(t *testing.T) {
	m := &memory{
		settled: true,
		shards: []record.Shard{
			{ID: "child-0", Start: place(0, 4), End: place(1, 4), Parents: []string{"parent"}},
			{ID: "child-1", Start: place(1, 4), End: place(2, 4), Parents: []string{"parent", "trimmed"}},
			{ID: "parent", Start: place(0, 4), End: place(2, 4), Closed: true},
			{ID: "other", Start: place(2, 4), End: place(4, 4)},
		},
		pages: []record.Page{
			{Shard: "other", Records: []record.Stored{stored(1, eventOf("k", "a", 100_000, "1"))}},
			{Shard: "parent", Records: []record.Stored{stored(2, eventOf("k", "b", 0, "1"))}},
			{Shard: "parent", End: true},
			{Shard: "child-0", Records: []record.Stored{stored(3, eventOf("k", "b", 2000, "1"))}},
			{Shard: "child-1", Records: []record.Stored{stored(4, eventOf("k", "b", 3000, "1"))}},
		},
	}
	got := aggregate(t, seconds(2), m)
	if got.err != nil {
		t.Fatal(got.err)
	}
	want := []shows{{"k/b", 0, 1, "1", 4 * time.Millisecond, 2 * time.Millisecond, false}}
	if diff := cmp.Diff(want, show(got.rows), cmp.AllowUnexported(shows{})); diff != "" {
		t.Error(diff)
	}
}

// A record of an aggregate that stays closed adds to no row and raises no watermark.
func TestARecordInAnAggregateThatStaysClosedIsUnreadable(t *testing.T) {
	packed := stored(2, eventOf("k", "a", 9_000, "2"))
	packed.Sequence = "2/0"
	records := []record.Stored{stored(1, eventOf("k", "a", 0, "1")), packed, stored(3, eventOf("k", "a", 1, "4")), flush(4)}
	for closed, want := range map[bool][]shows{
		true:  {{"k/a", 0, 2, "5", record.NoDue, 3 * time.Millisecond, true}},
		false: {{"k/a", 0, 1, "1", 2 * time.Millisecond, time.Millisecond, false}, {"k/a", 9_000, 1, "2", record.NoDue, 2 * time.Millisecond, true}},
	} {
		config := seconds(1)
		config.KPLClosed = closed
		got := aggregate(t, config, one(records, 10))
		if got.err != nil {
			t.Fatal(got.err)
		}
		if diff := cmp.Diff(want, show(got.rows), cmp.AllowUnexported(shows{})); diff != "" {
			t.Errorf("closed %v: %s", closed, diff)
		}
		if s := got.status; s.Read != 3 || (s.Unreadable == 1) != closed || s.Counted+s.Late+s.Unreadable != s.Read {
			t.Errorf("closed %v: %+v", closed, s)
		}
	}
}
