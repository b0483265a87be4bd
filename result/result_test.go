package result

import (
	"encoding/csv"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-golden +got):\n%s", path, d)
	}
}

func folder(t *testing.T) *Folder {
	t.Helper()
	f, err := Create(filepath.Join(t.TempDir(), "runs", "a"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func contents(t *testing.T, f *Folder, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.Path(), name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

//go:fix inline

func fullResult() *Result {
	return &Result{
		Version: Version, Weir: "v0.1.0", Scenario: "2013-01", Seed: 7, Target: "local", LatencyModelled: true, ClosedLoop: true,
		Started: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Seconds: 30.5,
		Host:      Host{OS: "linux", Arch: "amd64", CPUs: 2, CPU: "Some CPU", Go: "go1.26"},
		Watermark: Watermark{Per: "shard", Every: "record", Judged: JudgedByBounds},
		Verdict:   "fail", ExitCode: 12, Reasons: []string{"wrong: 1 row wrong in the table"}, Warnings: []string{"a warning"},
		Records: Records{
			Offered: 100, Acked: 95, Failed: 1, Unknown: 3, Found: 2, Unsent: 1, Skipped: 4, Read: 90, Unread: 5, Lost: 3,
			Duplicated: 1, Reordered: 2, Phantom: 1, Counted: 80, Late: 6, Unreadable: 4, Throttled: 7, Retried: 8,
		},
		Rows: &Rows{
			Expected: 10, Matched: 6, Wrong: 1, Missing: 2, Unexpected: 1, Unproven: 1, FalseLate: 1, Flushed: 3,
			ByKind: map[string]int64{"arrival": 4, "departure": 6},
		},
		Routes:     map[string]Route{"table": {Hits: 10, Rows: 10, Misses: 2}},
		Rate:       Rate{Offered: new(float64(110_000)), Achieved: new(109_999.5)},
		Latency:    map[string]Latency{"acked": {Count: 95, P50: 1.5, P90: 2.25, P99: 9, P999: 20, Max: 21.5}},
		ClockSkew:  map[string]Latency{"read": {Count: 1, P50: 0.5, P90: 0.5, P99: 0.5, P999: 0.5, Max: 0.5}},
		OutOfRange: map[string]int64{"age": 1},
		Backlog: map[string]Backlog{
			"input": {
				Waited:       Waited{MaxRecords: 50, MaxBytes: new(int64(5000)), MaxSeconds: new(0.75)},
				BacklogTrend: BacklogTrend{TrendPercent: new(4.1), TrendMargin: new(0.25), Trend: "fail", TrendSeconds: new(300.0), TrendCorrelation: new(1.5)},
				Grows:        "writer", IteratorAge: new(0.25),
				Parts: map[string]BacklogPart{
					"harness": {Waited: Waited{MaxRecords: 2, MaxSeconds: new(0.002)}},
					"writer":  {Waited: Waited{MaxRecords: 40, MaxSeconds: new(0.5)}, BacklogTrend: BacklogTrend{TrendPercent: new(4.0), TrendMargin: new(0.25)}},
				},
				Shards: map[string]Waited{"shardId-000000000000": {MaxRecords: 50, MaxSeconds: new(0.75)}},
			},
			"output": {
				Waited: Waited{MaxRecords: 3, MaxSeconds: new(0.5)},
				Routes: map[string]RouteBacklog{"orders": {
					Waited: Waited{MaxRecords: 3, MaxSeconds: new(0.5)}, IteratorAge: new(0.0), Parts: map[string]Waited{"function": {MaxRecords: 1, MaxSeconds: nil}},
				}},
			},
			"table": {Waited: Waited{MaxRecords: 3, MaxBytes: new(int64(700)), MaxSeconds: new(0.1)}},
		},
		DrainedInMS: new(412.5),
		Expectations: []Expectation{
			{Text: "lost == 0", Observed: new(float64(3)), Unit: "records", Verdict: "fail"},
			{Text: "written.p99 <= 2s", Unit: "ms", Verdict: "inconclusive", Reason: "no latency of it was taken"},
		},
		Phases: []Phase{
			{
				Name: "warmup", Starts: []float64{0}, Seconds: 10, LeftOut: true,
				Records: PhaseRecords{Offered: 20}, Rate: Rate{Offered: new(float64(120)), Achieved: new(float64(0))},
				Latency: map[string]Latency{}, Backlog: map[string]Backlog{},
			},
			{
				Name: "hold", Starts: []float64{10, 40.5}, Seconds: 20.5,
				Records: PhaseRecords{Offered: 80, Acked: 75, Throttled: 5, Retried: 6, Read: 70, Late: 2},
				Rate:    Rate{Offered: new(234.5), Achieved: new(219.5)},
				Latency: map[string]Latency{"acked": {Count: 75, P50: 1.5, P90: 2, P99: 8, P999: 9, Max: 9.5}},
				Backlog: map[string]Backlog{"input": {Waited: Waited{MaxRecords: 10, MaxSeconds: new(0.5)}}},
			},
		},
		Offenders: Offenders{
			Lost: []RecordOffender{{Shard: "shardId-000000000000", Sequence: "49"}},
			Wrong: []RowOffender{{
				WindowStart: "2013-01-01T06:00:00Z", Kind: "arrival", Key: []string{"EWR"},
				Expected: &RowValues{WindowEnd: "2013-01-01T07:00:00Z", Count: 2, Sum: "-3", Min: "-4", Max: "1"},
				Actual:   &RowValues{WindowEnd: "2013-01-01T07:00:00Z", Count: 1},
			}},
		},
		SkippedSamples:    []SkippedLine{{File: "2013-01.ndjson.gz", Line: 3, Offset: 411, Reason: "no event time", Sample: `{"kind":"<x>"}`}},
		UnreadableSamples: []UnreadableRecord{{Shard: "shardId-000000000000", Sequence: "50", Reason: "unusable value", Sample: "{}"}},
	}
}

func TestResultFile(t *testing.T) {
	f := folder(t)
	if err := f.WriteResult(fullResult()); err != nil {
		t.Fatal(err)
	}
	golden(t, "result.json", contents(t, f, ResultFile))
	read, err := f.ReadResult()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(fullResult(), read); d != "" {
		t.Errorf("read back (-written +read):\n%s", d)
	}
}

// A run that was interrupted at once observed nothing, and says 0 only of what it counted.
func TestWhatWasNotObservedIsNull(t *testing.T) {
	f := folder(t)
	if err := f.WriteResult(&Result{Scenario: "a", Verdict: "interrupted", ExitCode: 130}); err != nil {
		t.Fatal(err)
	}
	golden(t, "result-empty.json", contents(t, f, ResultFile))
}

func TestResultOfANewerVersionIsRefused(t *testing.T) {
	f := folder(t)
	if err := f.WriteResult(&Result{Version: Version + 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadResult(); err == nil || !strings.Contains(err.Error(), "version 3") {
		t.Errorf("error is %v", err)
	}
}

func TestCreateNeverOverwritesARun(t *testing.T) {
	dir := t.TempDir()
	if _, err := Create(dir); err != nil {
		t.Errorf("an empty folder is refused: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir); !errors.Is(err, ErrNotEmpty) || !strings.Contains(err.Error(), dir) {
		t.Errorf("error is %v", err)
	}
	if _, err := Create(filepath.Join(dir, "x")); err == nil {
		t.Error("a file is taken for a folder")
	}
}

func TestDefaultPath(t *testing.T) {
	started := time.Date(2026, 11, 23, 10, 31, 32, 0, time.FixedZone("", 3600))
	if got, want := DefaultPath("../a b", started), filepath.Join("runs", "20261123T093132Z-..-a-b"); got != want {
		t.Errorf("path is %s, want %s", got, want)
	}
}

func TestWindowsHeader(t *testing.T) {
	tests := []struct {
		keys  []string
		value string
		want  string
	}{
		{[]string{"origin"}, "delay", "window_start,kind,origin,count,delay_sum,delay_min,delay_max"},
		{[]string{"a.b.origin", "dest"}, "m.delay", "window_start,kind,origin,dest,count,delay_sum,delay_min,delay_max"},
		{[]string{"from.id", "to.id", "x.y"}, "v", "window_start,kind,from.id,to.id,y,count,v_sum,v_min,v_max"},
		{[]string{"order.kind"}, "v", "window_start,kind,order.kind,count,v_sum,v_min,v_max"},
		{[]string{`a\.b`, `c.d\.e`}, "v", "window_start,kind,a.b,d.e,count,v_sum,v_min,v_max"},
		{[]string{"x.v_sum"}, "v", "window_start,kind,x.v_sum,count,v_sum,v_min,v_max"},
	}
	if got, want := strings.Join(WindowsHeader([]string{"origin"}, "m.delay", true), ","), "window_start,kind,origin,count,delay_sum,delay_min,delay_max,delay_mean"; got != want {
		t.Errorf("with a mean: %s, want %s", got, want)
	}
	for _, test := range tests {
		if got := strings.Join(WindowsHeader(test.keys, test.value, false), ","); got != test.want {
			t.Errorf("%v by %v: %s, want %s", test.value, test.keys, got, test.want)
		}
	}
}

func TestWindowsFile(t *testing.T) {
	f := folder(t)
	rows := [][]string{
		{"2013-01-01T07:00:00Z", "arrival", "JFK", "2", "-3.5", "-4", "0.5"},
		{"2013-01-01T06:00:00Z", "weather", "EWR", "1", "", "", ""},
		{"2013-01-01T06:00:00Z", "arrival", `a "quoted", key`, "10", "1", "1", "1"},
		{"2013-01-01T06:00:00Z", "arrival", "EWR", "2", "1", "1", "1"},
		{"2013-01-01T06:00:00Z", "arrival", "two\nlines", "2", "1", "1", "1"},
	}
	if err := f.WriteWindows(WindowsHeader([]string{"origin"}, "delay", false), rows); err != nil {
		t.Fatal(err)
	}
	golden(t, "windows.csv", contents(t, f, WindowsFile))
}

func TestWindowsOfAnotherWidthAreRefused(t *testing.T) {
	f := folder(t)
	if err := f.WriteWindows([]string{"a", "b"}, [][]string{{"1"}}); err == nil || !strings.Contains(err.Error(), WindowsFile) {
		t.Errorf("error is %v", err)
	}
	if left, err := os.ReadDir(f.Path()); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// Whatever the fields hold, the file reads back as the same rows, and its lines are sorted.
func TestWindowsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		header := []string{"a", "b"}
		rows := rapid.SliceOf(rapid.SliceOfN(rapid.StringMatching(`[a-c",\n |\\ü]{0,4}`), 2, 2)).Draw(t, "rows")
		var text strings.Builder
		if err := writeWindows(&text, header, rows); err != nil {
			t.Fatal(err)
		}
		read, err := csv.NewReader(strings.NewReader(text.String())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(rows)
		slices.SortFunc(want, func(a, b []string) int { return strings.Compare(line(t, a), line(t, b)) })
		if d := cmp.Diff(slices.Insert(want, 0, header), read); d != "" {
			t.Fatalf("read back (-written +read):\n%s", d)
		}
	})
}

func line(t *rapid.T, fields []string) string {
	var text strings.Builder
	writer := csv.NewWriter(&text)
	if err := writer.Write(fields); err != nil {
		t.Fatal(err)
	}
	writer.Flush()
	return text.String()
}

func TestSeriesFile(t *testing.T) {
	f := folder(t)
	s, err := f.CreateSeries([]string{"acked", "backlog, seconds"})
	if err != nil {
		t.Fatal(err)
	}
	for _, write := range []struct {
		at     time.Duration
		values []float64
	}{
		{time.Second, []float64{1000, math.NaN()}},
		{1500 * time.Millisecond, []float64{0, 0.25}},
	} {
		if err := s.Write(write.at, write.values); err != nil {
			t.Fatal(err)
		}
	}
	want := "second,acked,\"backlog, seconds\"\n1,1000,\n1.5,0,0.25\n"
	if got := string(contents(t, f, SeriesFile)); got != want {
		t.Errorf("before the file is closed it holds %q, want %q", got, want)
	}
	if err := s.Write(2*time.Second, []float64{1}); err == nil {
		t.Error("a line of another width is written")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(2*time.Second, []float64{1, 2}); err == nil || !strings.Contains(err.Error(), SeriesFile) {
		t.Errorf("error is %v", err)
	}
}

func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	f := folder(t)
	if err := f.WriteFile("a", func(w io.Writer) error { _, err := io.WriteString(w, "old"); return err }); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := f.WriteFile("a", func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), filepath.Join(f.Path(), "a")) {
		t.Errorf("error is %v", err)
	}
	entries, err := os.ReadDir(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || string(contents(t, f, "a")) != "old" {
		t.Errorf("%d files are there, and a holds %q", len(entries), contents(t, f, "a"))
	}
}
