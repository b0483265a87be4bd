package oracle

import (
	"testing"
	"time"

	"weir/record"
)

// rewinding is an oracle of windows of a minute over two shards: of the window at 0 one record is sure and two are may-drops, of that at 60 s one is a
// may-drop and nothing more.
func rewinding() (o *Oracle, ids []record.ID) {
	o = New(Config{Window: time.Minute, Shards: 2})
	minute := int64(60_000)
	for i, ts := range []int64{0, 3 * minute, 1, 2, minute} {
		value := string(rune('1' + i))
		id := record.ID{Shard: "a", Sequence: value}
		ids = append(ids, id)
		o.Add("a", []record.Send{{Record: record.Record{Event: record.Event{Kind: "k", Key: "x", Time: ts, Value: value}}, Sequence: id.Sequence}})
	}
	return o, ids
}

func made(window, count int64, sum, low, high string) record.Row {
	return record.Row{
		RowID: record.RowID{Kind: "k", Key: "x", WindowStart: window * 60_000}, WindowEnd: (window + 1) * 60_000, Count: count, Sum: sum, Min: low, Max: high,
	}
}

func lateOf(id record.ID, window int64) record.Late {
	return record.Late{ID: id, Over: (window + 1) * 60_000, Dropped: true}
}

func TestWhatWasReportedBeforeAnAggregatorWentBackStandsNoLonger(t *testing.T) {
	o, ids := rewinding()
	o.Late(lateOf(ids[2], 0), lateOf(ids[4], 1))
	if n := o.Rewound(map[string]string{"a": "3"}, nil); n != 1 {
		t.Errorf("%d reports were forgotten: that of the record behind the third", n)
	}
	rows := []record.Row{made(0, 2, "5", "1", "4"), made(1, 1, "5", "5", "5"), made(3, 1, "2", "2", "2")}
	if c := o.Compare(rows, Proof{}); c.Matched != 3 || c.Expected != 3 {
		t.Errorf("%+v", c)
	}
}

// A row that an earlier aggregator wrote, of records that come late for the last one, is still there, and right; without a restart it is unexpected.
func TestARowThatIsNotWrittenAgainIsWhatItWas(t *testing.T) {
	older := made(1, 1, "5", "5", "5")
	for _, rewound := range []bool{false, true} {
		o, ids := rewinding()
		if rewound {
			o.Rewound(nil, nil)
		}
		o.Late(lateOf(ids[4], 1))
		rows := []record.Row{made(0, 3, "8", "1", "4"), older, made(3, 1, "2", "2", "2")}
		c := o.Compare(rows, Proof{})
		if rewound && (c.Matched != 3 || c.Unexpected != 0) || !rewound && c.Unexpected != 1 {
			t.Errorf("rewound %v: %+v", rewound, c)
		}
		rows[1].Sum = "6" // no records make this of it
		if c := o.Compare(rows, Proof{}); c.Unexpected != 1 {
			t.Errorf("rewound %v: %+v", rewound, c)
		}
		// A row with a sure record is written again, and has to be what the last one makes of it.
		rows[0], rows[1] = made(0, 2, "4", "1", "3"), older
		if c := o.Compare(rows, Proof{}); c.Wrong != 1 {
			t.Errorf("rewound %v: %+v", rewound, c)
		}
	}
}

// Without a state, windows up to some time are not written again, so that records that would have come late for them are in them or not.
func TestRowsOfSuppressedWindowsAreWhatTheyWere(t *testing.T) {
	for incomplete, wrong := range map[int64]int64{0: 0, -1: 1} {
		o, ids := rewinding()
		o.Late(lateOf(ids[4], 1))
		if n := o.RewoundTo(incomplete); n != 1 { // it is of a window that is written again
			t.Errorf("%d reports were forgotten", n)
		}
		rows := []record.Row{made(0, 2, "4", "1", "3"), made(1, 1, "5", "5", "5"), made(3, 1, "2", "2", "2")}
		if c := o.Compare(rows, Proof{}); c.Wrong != wrong || c.Matched != 3-wrong {
			t.Errorf("suppressed by %d: %+v", incomplete, c)
		}
	}
}

// Where windows overlap, a record that comes late for the first of its windows now is in the row that an earlier aggregator wrote of that one, and in that of the
// others for sure.
func TestARowOfAWindowThatSlidesIsWhatItWas(t *testing.T) {
	for _, rewound := range []bool{false, true} {
		o := New(Config{Window: 2 * time.Minute, Slide: time.Minute, Shards: 2})
		minute := int64(60_000)
		for i, ts := range []int64{2 * minute, minute} { // the second is late for the window at 0, and not for that at 1
			event := record.Event{Kind: "k", Key: string(rune('a' + i)), Time: ts, Value: "7"}
			o.Add("a", []record.Send{{Record: record.Record{Event: event}, Sequence: string(rune('1' + i))}})
		}
		if rewound {
			o.Rewound(nil, nil)
		}
		o.Late(lateOf(record.ID{Shard: "a", Sequence: "2"}, 1))
		of := func(key string, window, count int64) record.Row {
			row := made(window, count, "7", "7", "7")
			row.Key, row.WindowEnd = key, row.WindowStart+2*minute
			return row
		}
		rows := []record.Row{of("a", 1, 1), of("a", 2, 1), of("b", 1, 1), of("b", 0, 1)}
		if c := o.Compare(rows, Proof{}); rewound && (c.Matched != 4 || c.Unexpected != 0) || !rewound && c.Unexpected != 1 {
			t.Errorf("rewound %v: %+v", rewound, c)
		}
		rows[3].Sum = "8" // no records make this of it
		if c := o.Compare(rows, Proof{}); c.Unexpected != 1 {
			t.Errorf("rewound %v, another sum: %+v", rewound, c)
		}
		if c := o.Compare(rows[:2], Proof{}); c.Missing != 1 { // that at 1 is written again
			t.Errorf("rewound %v, without it: %+v", rewound, c)
		}
	}
}

// A row that the last aggregator writes has to be what that makes of it, also where the newest record of the whole stream makes records late.
func TestARowThatIsWrittenAgainIsJudged(t *testing.T) {
	o := New(Config{Window: time.Minute, Shards: 2, Across: true})
	for i := range 3 {
		event := record.Event{Kind: "k", Key: "x", Time: int64(i), Value: "1"}
		o.Add("a", []record.Send{{Record: record.Record{Event: event}, Sequence: string(rune('1' + i))}})
	}
	o.Rewound(nil, nil)
	if c := o.Compare([]record.Row{made(0, 2, "2", "1", "1")}, Proof{}); c.Wrong != 1 {
		t.Errorf("one record is missing from it, and was not late: %+v", c)
	}
}
