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
	if n := o.Rewound(map[string]string{"a": "3"}); n != 1 {
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
			o.Rewound(nil)
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
