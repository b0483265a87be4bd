package aggregator

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/record"
)

// recordings are the real events of testdata, and what was made of them without any code of weir: by plain Python, by Apache
// Flink 2.2.1.
const recordings = "../testdata/nycflights13"

// flights are the settings under which the expected files were made.
func flights() Config {
	return Config{
		Parallelism: 1, Window: time.Hour, OutOfOrderness: 5 * time.Minute,
		Fields: record.Fields{Kind: "kind", EventTime: "event_time", Key: []string{"origin"}, Value: "delay"},
	}
}

func TestDisorderedRecordingIsWhatFlinkMadeOfIt(t *testing.T) {
	records := recording(t, "disordered-2013-01.ndjson.gz")
	got := aggregate(t, flights(), one(append(records, flush(len(records))), 1000))
	checkTotals(t, &got, len(records), 408)
	sameTable(t, "flink-disordered-2013-01.csv", got.rows)
}

// Of a record whose first windows are over and whose last ones are not, Flink counts what it can.
func TestDisorderedRecordingInWindowsThatSlideIsWhatFlinkMadeOfIt(t *testing.T) {
	records := recording(t, "disordered-2013-01.ndjson.gz")
	config := flights()
	config.Slide = 15 * time.Minute
	got := aggregate(t, config, one(append(records, flush(len(records))), 1000))
	if got.err != nil {
		t.Fatal(got.err)
	}
	sameTable(t, "flink-sliding-2013-01.csv", got.rows)
	contributions := int64(0)
	for i := range got.rows {
		contributions += got.rows[i].Count
	}
	if contributions != 218_683 || len(got.missed) <= len(got.late) {
		t.Errorf("%d contributions, and of %d records that missed windows %d missed all", contributions, len(got.missed), len(got.late))
	}
}

func TestOrderedRecordingMatchesOverFourShardsAndTwoSubtasks(t *testing.T) {
	records := recording(t, "2013-01.ndjson.gz")
	config := flights()
	config.Parallelism = 2
	m := &memory{shards: shardsOf(4)}
	for page := range slices.Chunk(records, 1000) {
		byShard := make([][]record.Stored, 4)
		for _, r := range page {
			shard := int(record.HashOf(r.PartitionKey).Hi >> 62)
			byShard[shard] = append(byShard[shard], r)
		}
		for i, records := range byShard {
			m.pages = append(m.pages, record.Page{Shard: m.shards[i].ID, Records: records})
		}
	}
	for i := range m.shards {
		m.pages = append(m.pages, record.Page{Shard: m.shards[i].ID, Records: []record.Stored{flush(len(records) + i)}})
	}
	got := aggregate(t, config, m)
	checkTotals(t, &got, len(records), 0)
	sameTable(t, "expected-2013-01.csv", got.rows)
	flushed := 0
	for i := range got.rows {
		if got.rows[i].Flushed {
			flushed++
		}
	}
	if flushed == 0 || flushed > 24 {
		t.Errorf("%d rows were flushed: the last windows only should be", flushed)
	}
}

func checkTotals(t *testing.T, got *aggregated, read, late int) {
	t.Helper()
	if got.err != nil {
		t.Fatal(got.err)
	}
	s := got.status
	if s.Read != int64(read) || s.Late != int64(late) || s.Unreadable != 0 || s.Counted != int64(read-late) {
		t.Errorf("read %d, counted %d, late %d, unreadable %d; want %d read, %d late", s.Read, s.Counted, s.Late, s.Unreadable, read, late)
	}
	if len(got.late) != late || s.Rows != int64(len(got.rows)) || got.early != 0 {
		t.Errorf("%d late told, %d rows of %d emitted, %d of them before the observer knew", len(got.late), len(got.rows), s.Rows, got.early)
	}
}

// recording reads a recording as stored records; all records of one flight fall into one shard.
func recording(tb testing.TB, name string) []record.Stored {
	tb.Helper()
	file, err := os.Open(filepath.Join(recordings, name))
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	var records []record.Stored
	lines := bufio.NewScanner(unzipped)
	for lines.Scan() {
		r := stored(len(records), lines.Text())
		if _, rest, ok := bytes.Cut(r.Data, []byte(`"flight":`)); ok {
			r.PartitionKey = string(rest[:bytes.IndexAny(rest, ",}")])
		} else {
			r.PartitionKey = strconv.Itoa(len(records))
		}
		records = append(records, r)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
	return records
}

// sameTable compares rows with an expected file, line by line.
func sameTable(t *testing.T, name string, rows []record.Fired) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(recordings, name))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:]
	got := make([]string, len(rows))
	for i := range rows {
		r := &rows[i]
		got[i] = strings.Join([]string{
			r.Time(r.WindowStart), r.Kind, r.Key, strconv.FormatInt(r.Count, 10), r.Sum, r.Min, r.Max,
		}, ",")
	}
	slices.SortFunc(got, cmp.Compare[string])
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("row %d: %s, want %s", i, got[i], want[i])
		}
	}
}
