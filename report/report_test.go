package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/perf/benchfmt"

	"weir/result"
)

var update = flag.Bool("update", false, "write the golden files")

// failed is the folder of a run that one shard was too few for.
const failed = "testdata/fail"

func read(t testing.TB, path string) *Run {
	t.Helper()
	run, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func text(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatIsMadeOfARunFolder(t *testing.T) {
	run := read(t, failed)
	for name, write := range map[string]func(io.Writer) error{
		HTMLFile: run.WriteHTML, SummaryFile: run.WriteSummary, JUnitFile: run.WriteJUnit, BenchFile: run.WriteBench,
	} {
		golden := filepath.Join(failed, name)
		got := text(t, write)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestThePageAsksNothingOfAnybodyAndHasATableUnderEveryPlot(t *testing.T) {
	page := text(t, read(t, failed).WriteHTML)
	if found := regexp.MustCompile(`(?i)(https?:)?//[a-z]|<script|@import|url\(`).FindString(page); found != "" {
		t.Errorf("the page asks for something: %s", found)
	}
	figures := strings.Split(page, "<figure>")[1:]
	if len(figures) < 8 {
		t.Fatalf("%d figures", len(figures))
	}
	for _, figure := range figures {
		figure, _, _ = strings.Cut(figure, "</figure>")
		if !strings.Contains(figure, `role="img"`) || !strings.Contains(figure, "<title") || strings.Count(figure, "<tr") < 2 || strings.Contains(figure, "NaN") {
			t.Errorf("a figure without a title or a table, or with NaN: %.200s", figure)
		}
	}
}

func TestWhatWasNotMeasuredIsSaidToBeSo(t *testing.T) {
	folder := t.TempDir()
	writeResult(t, folder, &result.Result{Scenario: "broke", Verdict: "error", ExitCode: 1, Reasons: []string{"it broke"}})
	run := read(t, folder)
	page := text(t, run.WriteHTML)
	for _, want := range []string{
		"the run broke before its first second", "No latency was measured", "It was not measured", "The table was not proved", "no scenario.yaml", "not measured",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say: %s", want)
		}
	}
	if bench := text(t, run.WriteBench); strings.Contains(bench, "Benchmark") {
		t.Errorf("a benchmark of nothing: %s", bench)
	}
}

func writeResult(t testing.TB, folder string, r *result.Result) {
	t.Helper()
	opened, err := result.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	r.Version = result.Version
	if err := opened.WriteResult(r); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedFolderIsNamedAndNeverShown(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
		noRun bool
	}{
		"nothing in it":          {nil, "holds no result.json", true},
		"another file":           {map[string]string{"result.json": `{"version": 1`}, "result.json: damaged: unexpected end", false},
		"a result without most":  {map[string]string{"result.json": `{"version": 1}`}, "result.json: damaged: it has no weir", false},
		"of a version to come":   {map[string]string{"result.json": `{"version": 3}`}, "version 3, and this weir reads up to version 2", false},
		"a series of text":       {map[string]string{"series.csv": "second,acked\n1,many\n"}, "series.csv: line 2", false},
		"a series of another":    {map[string]string{"series.csv": "when,acked\n"}, `series.csv: its first column is "when"`, false},
		"a hole in the series":   {map[string]string{"series.csv": "second,acked\n1\n2,3\n"}, "series.csv: record on line 2", false},
		"a histogram of rubbish": {map[string]string{"latency.hlog": "Tag=acked,0.000,1.000,0.005,HISTFAAAAGJ42iyJsRWBQRgE13xzv\n"}, "latency.hlog", false},
	} {
		folder := t.TempDir()
		if !test.noRun {
			writeResult(t, folder, &result.Result{})
		}
		for file, content := range test.files {
			write(t, folder, file, content)
		}
		_, err := Read(folder)
		if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, ErrNoRun) != test.noRun {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, result.ErrNoFolder) || !strings.Contains(err.Error(), "nowhere: ") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestTheLastLineOfASeriesMayBeTorn(t *testing.T) {
	folder := t.TempDir()
	writeResult(t, folder, &result.Result{})
	write(t, folder, result.SeriesFile, "second,acked,read\n1,2,\n2,3")
	series := read(t, folder).Series
	if len(series.Seconds) != 1 || series.Column("acked")[0] != 2 || !math.IsNaN(series.Column("read")[0]) || series.Column("late") != nil {
		t.Errorf("%+v", series)
	}
}

// benchstat reads it by this package.
func TestTheBenchmarkFormatIsRead(t *testing.T) {
	reader := benchfmt.NewReader(strings.NewReader(text(t, read(t, failed).WriteBench)), "bench.txt")
	values := make(map[string]float64)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.Result:
			for _, value := range record.Values {
				values[record.Name.String()+" "+value.Unit] = value.Value
			}
		case *benchfmt.SyntaxError:
			t.Error(record)
		}
	}
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	want := read(t, failed).Result.Latency["written"].P99
	if got := values["Smoke/point=written p99-ms"]; got != want || len(values) < 30 {
		t.Errorf("p99 %v, want %v, of %d values", got, want, len(values))
	}
	input := read(t, failed).Result.Backlog[result.InputBacklog]
	if values["Smoke/backlog=input/part=whole waiting-records"] != float64(input.MaxRecords) || values["Smoke/backlog=input/part=writer waiting-s"] != *input.Parts["writer"].MaxSeconds {
		t.Errorf("the backlogs are not in %v", values)
	}
}

// With one unit for both, benchstat would compare an old backlog with the whole.
func TestAnOldBacklogHasUnitsOfItsOwn(t *testing.T) {
	run := read(t, failed)
	now := text(t, run.WriteBench)
	run.Result.Version = 1
	before := text(t, run.WriteBench)
	for _, unit := range []string{"backlog-records", "backlog-s"} {
		if !strings.Contains(before, unit) || strings.Contains(now, unit) {
			t.Errorf("%s is in\n%s\nand in\n%s", unit, before, now)
		}
	}
	if strings.Contains(before, "waiting") {
		t.Error(before)
	}
}

func TestAWarmUpIsSaid(t *testing.T) {
	for want, w := range map[string]*result.WarmUp{
		"": nil, " acked did not settle within half of the 5m that were looked at.": {Point: "acked", OverSeconds: 300},
		" acked was settled from the start.": {Point: "acked", Settled: true, Seconds: 5, Times: 1.1},
		" acked took 25s to settle and was 3.0 times as late until then, which is among these figures.": {Point: "acked", Settled: true, Seconds: 25, Times: 3, Matters: true},
	} {
		if got := warmUpText(w); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestJUnitCountsWhatItHolds(t *testing.T) {
	for verdict, want := range map[string][2]int{"pass": {0, 0}, "fail": {1, 0}, "regressed": {1, 0}, "inconclusive": {1, 0}, "void": {0, 1}, "error": {0, 1}, "interrupted": {0, 1}} {
		run := &Run{Result: &result.Result{Verdict: verdict, Scenario: `a<b & "c"`, Expectations: []result.Expectation{{Text: "lost == 0", Verdict: "pass"}}}}
		var got testSuites
		if err := xml.Unmarshal([]byte(text(t, run.WriteJUnit)), &got); err != nil {
			t.Fatal(err)
		}
		if s := got.Suites[0]; s.Tests != 2 || s.Failures != want[0] || s.Errors != want[1] || s.Name != `weir.a<b & "c"` {
			t.Errorf("%s: %+v", verdict, s)
		}
	}
}
