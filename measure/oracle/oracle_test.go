package oracle

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

const recordings = "../../testdata/nycflights13"

// once keeps what was read of each recording, for decoding takes longest.
var once = make(map[string][]record.Event)

// recorded are the events of a recording, by kind, origin and delay, in the order of the file.
func recorded(t testing.TB, name string) []record.Event {
	t.Helper()
	if once[name] == nil {
		once[name] = decoded(t, name)
	}
	return once[name]
}

func decoded(t testing.TB, name string) []record.Event {
	t.Helper()
	file, err := os.Open(filepath.Join(recordings, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var events []record.Event
	for lines := bufio.NewScanner(text); lines.Scan(); {
		var line struct {
			Kind   string      `json:"kind"`
			Time   time.Time   `json:"event_time"`
			Origin string      `json:"origin"`
			Delay  json.Number `json:"delay"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		events = append(events, record.Event{Kind: line.Kind, Key: line.Origin, Time: line.Time.UnixMilli(), Value: string(line.Delay)})
	}
	return events
}

// expectedRows are the rows of a CSV file that comes with the recordings.
func expectedRows(t testing.TB, name string, window time.Duration) []record.Row {
	t.Helper()
	file, err := os.Open(filepath.Join(recordings, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]record.Row, 0, len(lines)-1)
	for _, line := range lines[1:] {
		start, err := time.Parse(time.RFC3339, line[0])
		if err != nil {
			t.Fatal(err)
		}
		count, err := strconv.ParseInt(line[3], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, record.Row{
			RowID:     record.RowID{Kind: line[1], Key: line[2], WindowStart: start.UnixMilli()},
			WindowEnd: start.Add(window).UnixMilli(), Count: count, Sum: line[4], Min: line[5], Max: line[6],
		})
	}
	return rows
}

// stored are events as the records of one shard.
func stored(first int, events ...record.Event) []record.Send {
	sends := make([]record.Send, len(events))
	for i, event := range events {
		sends[i] = record.Send{Record: record.Record{Event: event}, Sequence: strconv.Itoa(first + i), Outcome: record.Acked}
	}
	return sends
}

func january(shards int) Config {
	return Config{Window: time.Hour, OutOfOrderness: 5 * time.Minute, Shards: shards}
}

func TestRowsOfARealMonth(t *testing.T) {
	o := New(january(1))
	o.Add("shard", stored(1, recorded(t, "2013-01.ndjson.gz")...))
	rows := expectedRows(t, "expected-2013-01.csv", time.Hour)
	c := o.Compare(rows, Proof{})
	if c.Matched != int64(len(rows)) || c.Expected != c.Matched || c.Unexpected != 0 {
		t.Errorf("%d rows: %d expected, %d matched, %d wrong, %d missing, %d unexpected",
			len(rows), c.Expected, c.Matched, c.Wrong, c.Missing, c.Unexpected)
	}
}

// What a real Flink made of the disordered month, and what it dropped, is what the oracle expects at one shard.
func TestRowsThatARealFlinkMade(t *testing.T) {
	o := New(january(1))
	o.Add("shard", stored(1, recorded(t, "disordered-2013-01.ndjson.gz")...))
	rows := expectedRows(t, "flink-disordered-2013-01.csv", time.Hour)
	c := o.Compare(rows, Proof{})
	if c.Matched != int64(len(rows)) || c.Expected != c.Matched || c.Unexpected != 0 {
		t.Errorf("%d rows: %d expected, %d matched, %d wrong, %d missing, %d unexpected",
			len(rows), c.Expected, c.Matched, c.Wrong, c.Missing, c.Unexpected)
	}
	if got := o.MayDrops(); got != 408 {
		t.Errorf("%d records must be dropped, and Flink dropped 408", got)
	}
}

func TestRowsThatARealFlinkMadeOfWindowsThatSlide(t *testing.T) {
	config := january(1)
	config.Slide = 15 * time.Minute
	o := New(config)
	o.Add("shard", stored(1, recorded(t, "disordered-2013-01.ndjson.gz")...))
	rows := expectedRows(t, "flink-sliding-2013-01.csv", time.Hour)
	c := o.Compare(rows, Proof{})
	if c.Matched != int64(len(rows)) || c.Expected != c.Matched || c.Unexpected != 0 {
		t.Errorf("%d rows: %d expected, %d matched, %d wrong, %d missing, %d unexpected",
			len(rows), c.Expected, c.Matched, c.Wrong, c.Missing, c.Unexpected)
	}
}

// minute is a window of one minute, with ten seconds of disorder allowed.
func minute(shards int) Config {
	return Config{Window: time.Minute, OutOfOrderness: 10 * time.Second, Shards: shards}
}

func at(seconds int64, value string) record.Event {
	return record.Event{Kind: "order", Key: "k", Time: seconds * 1000, Value: value}
}

func rowAt(seconds, count int64, sum, low, high string) record.Row {
	return record.Row{
		RowID: record.RowID{Kind: "order", Key: "k", WindowStart: seconds * 1000}, WindowEnd: (seconds + 60) * 1000,
		Count: count, Sum: sum, Min: low, Max: high,
	}
}

func TestLateByTheWatermark(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		before []int64 // event times in milliseconds
		time   int64
		late   bool
	}{
		{"the first record of a shard is never late", minute(2), nil, 5, false},
		{"its window is open a millisecond before the watermark reaches its end", minute(2), []int64{69_998}, 5, false},
		{"its window has fired at its last millisecond", minute(2), []int64{69_999}, 5, true},
		{"its own time does not count", minute(2), []int64{0}, 80_000, false},
		{"the watermark never falls", minute(2), []int64{69_999, 3}, 5, true},
		{"behind the watermark in an open window is not late", minute(2), []int64{59_000}, 5, false},
		{"the variant that is a millisecond behind", Config{Window: time.Minute, OutOfOrderness: 10 * time.Second, Minus1ms: true, Shards: 2}, []int64{69_999}, 5, false},
		{"the variant that is a millisecond behind, a millisecond later", Config{Window: time.Minute, OutOfOrderness: 10 * time.Second, Minus1ms: true, Shards: 2}, []int64{70_000}, 5, true},
		{"before 1970", minute(2), []int64{9_999}, -1, true},
		{"before 1970, not yet", minute(2), []int64{9_998}, -60_000, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := New(test.config)
			for i, ms := range append(test.before, test.time) {
				o.Add("shard", stored(i, record.Event{Time: ms}))
			}
			if got := o.MayDrops() > 0 && len(o.panes.get(record.RowID{WindowStart: o.paneStart(test.time)}).mayDrops) > 0; test.late != got {
				t.Errorf("late is %v", got)
			}
		})
	}
}

// A shard that came of others is late by the least of the watermarks that these ended with; and what was one shard is one no more.
func TestAShardOfAReshardIsLateByItsParentsWatermarks(t *testing.T) {
	late := func(parents ...int64) bool {
		o := New(minute(1))
		child := record.Shard{ID: "child"}
		for i, ms := range parents {
			id := fmt.Sprint("parent-", i)
			child.Parents = append(child.Parents, id)
			if ms >= 0 {
				o.Add(id, stored(1, record.Event{Time: ms}))
			}
		}
		o.Resharded([]record.Shard{child})
		o.Add("child", stored(2, record.Event{Time: 5}))
		return o.MayDrops() > 0
	}
	for _, c := range []struct {
		parents []int64
		want    bool
	}{{[]int64{69_999}, true}, {[]int64{69_998}, false}, {[]int64{90_000, 69_999}, true}, {[]int64{90_000, 5}, false}, {[]int64{90_000, -1}, false}, {[]int64{-1, 90_000}, false}} {
		if got := late(c.parents...); got != c.want {
			t.Errorf("parents at %v: late is %v", c.parents, got)
		}
	}
	if o := New(minute(1)); !o.single {
		t.Error("one shard is not one")
	} else if o.Resharded(nil); o.single {
		t.Error("one that was resharded is")
	}
}

func TestRowsWithMayDrops(t *testing.T) {
	// On each of two shards the second record opens a later window far enough to fire the first one; the third is a may-drop.
	events := []record.Event{at(0, "1"), at(100, "10"), at(1, "2.5")}
	full, without := rowAt(0, 2, "3.5", "1", "2.5"), rowAt(0, 1, "1", "1", "1")
	later := rowAt(60, 1, "10", "10", "10")
	mayDrop, sure := record.ID{Shard: "shard", Sequence: "3"}, record.ID{Shard: "shard", Sequence: "1"}
	tests := []struct {
		name   string
		shards int
		late   []record.ID
		rows   []record.Row
		want   Comparison
	}{
		{"counted and not reported", 2, nil, []record.Row{full, later}, Comparison{Expected: 2, Matched: 2}},
		{"dropped and reported", 2, []record.ID{mayDrop}, []record.Row{without, later}, Comparison{Expected: 2, Matched: 2}},
		{"dropped and not reported", 2, nil, []record.Row{without, later}, Comparison{Expected: 2, Matched: 1, Wrong: 1}},
		{"reported and counted all the same", 2, []record.ID{mayDrop}, []record.Row{full, later}, Comparison{Expected: 2, Matched: 1, Wrong: 1}},
		{"a sure one reported", 2, []record.ID{sure}, []record.Row{full, later}, Comparison{Expected: 2, Matched: 2, FalseLate: 1}},
		{"a must-drop counted", 1, nil, []record.Row{full, later}, Comparison{Expected: 2, Matched: 1, Wrong: 1}},
		{"a must-drop dropped", 1, []record.ID{mayDrop}, []record.Row{without, later}, Comparison{Expected: 2, Matched: 2}},
	}
	for _, test := range tests {
		for _, reportedFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, first %v", test.name, reportedFirst), func(t *testing.T) {
				o := New(minute(test.shards))
				if reportedFirst {
					o.Late(lateFor(60_000, test.late)...)
				}
				o.Add("shard", stored(1, events...))
				if !reportedFirst {
					o.Late(lateFor(60_000, test.late)...)
				}
				wantTotals(t, o.Compare(test.rows, Proof{}), test.want)
			})
		}
	}
}

func TestRowOfDroppedRecordsOnlyIsNotExpected(t *testing.T) {
	o := New(minute(1))
	o.Add("shard", stored(1, at(100, "10"), at(1, "2")))
	wantTotals(t, o.Compare([]record.Row{rowAt(60, 1, "10", "10", "10")}, Proof{}), Comparison{Expected: 1, Matched: 1})
	wantTotals(t, o.Compare([]record.Row{rowAt(60, 1, "10", "10", "10"), rowAt(0, 1, "2", "2", "2")}, Proof{}),
		Comparison{Expected: 1, Matched: 1, Unexpected: 1})
}

func TestUnreadableEventsDoNothing(t *testing.T) {
	o := New(minute(1))
	unreadable := at(500, "1")
	unreadable.Unreadable = true
	o.Add("shard", stored(1, at(0, "1"), unreadable, at(1, "not a number"), at(2, "")))
	wantTotals(t, o.Compare([]record.Row{rowAt(0, 2, "1", "1", "1")}, Proof{}), Comparison{Expected: 1, Matched: 1})
}

func TestTamperedTable(t *testing.T) {
	o := New(minute(1))
	o.Add("shard", stored(1, at(0, "1"), at(60, "2"), at(120, "")))
	rows := []record.Row{rowAt(0, 1, "1", "1", "1.01"), rowAt(120, 1, "", "", ""), rowAt(180, 1, "", "", "")}
	c := o.Compare(rows, Proof{})
	wantTotals(t, c, Comparison{Expected: 3, Matched: 1, Wrong: 1, Missing: 1, Unexpected: 1})
	if c.WrongRows[0].ID.WindowStart != 0 || c.MissingRows[0].ID.WindowStart != 60_000 || c.UnexpectedRows[0].ID.WindowStart != 180_000 {
		t.Errorf("named: %v, %v, %v", c.WrongRows, c.MissingRows, c.UnexpectedRows)
	}
	if c.WrongRows[0].Expected.Max != "1" || c.WrongRows[0].Actual.Max != "1.01" {
		t.Errorf("wrong is named as %+v", c.WrongRows[0])
	}
	if d := cmp.Diff(map[string]int64{"order": 3}, c.ByKind); d != "" {
		t.Errorf("by kind (-want +got):\n%s", d)
	}
	shifted := rowAt(60, 1, "2", "2", "2")
	shifted.WindowEnd++
	wantTotals(t, o.Compare([]record.Row{rowAt(0, 1, "1", "1", "1"), shifted, rowAt(120, 1, "", "", "")}, Proof{}),
		Comparison{Expected: 3, Matched: 2, Wrong: 1})
}

func TestRowsOfUnreadRecordsAreUnproven(t *testing.T) {
	o := New(minute(2))
	o.Add("shard", stored(1, at(0, "1"), at(60, "2"), at(120, "3")))
	unread := func(yield func(record.ID, record.Event) bool) {
		_ = yield(record.ID{}, at(0, "1")) && yield(record.ID{}, at(60, "2"))
	}
	rows := []record.Row{rowAt(0, 7, "7", "7", "7")}
	wantTotals(t, o.Compare(rows, Proof{Unread: unread}), Comparison{Expected: 3, Unproven: 2, Missing: 1})
	wantTotals(t, o.Compare(rows, Proof{Unread: unread, Undrained: true}), Comparison{Expected: 3, Unproven: 3})
	wantTotals(t, o.Compare(rows, Proof{Undrained: true}), Comparison{Expected: 3, Wrong: 1, Unproven: 2})
}

// lateFor are reports of records that were too late for the windows up to an end.
func lateFor(end int64, ids []record.ID) []record.Late {
	late := make([]record.Late, len(ids))
	for i := range ids {
		late[i] = record.Late{ID: ids[i], Over: end, Dropped: true}
	}
	return late
}

func wantTotals(t *testing.T, got, want Comparison) {
	t.Helper()
	got.ByKind, got.WrongRows, got.MissingRows, got.UnexpectedRows, got.FalseLateRecords = nil, nil, nil, nil, nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("comparison (-want +got):\n%s", d)
	}
}

// BenchmarkAdd adds a month's records to an empty oracle. Beside it is what it takes to read the fields of their events, which lie anywhere in memory: the oracle
// has to do that before it can do anything.
func BenchmarkAdd(b *testing.B) {
	sends := stored(1, recorded(b, "2013-01.ndjson.gz")...)
	b.Run("by=oracle", func(b *testing.B) {
		for b.Loop() {
			New(january(1)).Add("shard", sends)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(sends)), "ns/record")
	})
	b.Run("by=fields", func(b *testing.B) {
		seed, sum := maphash.MakeSeed(), uint64(0)
		for b.Loop() {
			for i := range sends {
				e := &sends[i].Event
				sum += maphash.String(seed, e.Kind) + maphash.String(seed, e.Key) + maphash.String(seed, e.Value) + uint64(e.Time)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(sends)), "ns/record")
		b.ReportMetric(float64(sum&1), "odd") // or nothing would need to be read
	})
}
