package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/result"
)

// A peak of the whole stays, and its parts still add up to it.
func TestThinningAStackKeepsThePeaksOfItsSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		s := &stack{bands: make([]band, 3)}
		for i := range n {
			s.x = append(s.x, float64(i))
			for b := range s.bands {
				s.bands[b].y = append(s.bands[b].y, float64(rapid.IntRange(0, 1000).Draw(t, "y")))
			}
		}
		most := 2 * rapid.IntRange(1, 40).Draw(t, "most")
		thin := s.thinned(most)
		if len(thin.x) > max(most, 0) && n > most || !slices.IsSorted(thin.x) {
			t.Fatalf("%d points of %d, at most %d", len(thin.x), n, most)
		}
		if slices.Max(thin.sums(0)) != slices.Max(s.sums(0)) || slices.Min(thin.sums(0)) != slices.Min(s.sums(0)) {
			t.Fatalf("%v to %v has become %v to %v", slices.Min(s.sums(0)), slices.Max(s.sums(0)), slices.Min(thin.sums(0)), slices.Max(thin.sums(0)))
		}
	})
}

// bandsOver are the areas of a stack of two bands over ten seconds.
func bandsOver(upper, lower []float64) string {
	s := &stack{bands: []band{{name: "upper", look: "a", y: upper}, {name: "lower", look: "b", y: lower}}}
	for i := range upper {
		s.x = append(s.x, float64(i))
	}
	p := plot{x: axis{to: float64(len(upper) - 1)}, y: axis{to: 100}, stack: s}
	var b strings.Builder
	p.drawStack(&b)
	return b.String()
}

func TestBandsLieOneUponAnother(t *testing.T) {
	got := bandsOver([]float64{10, 10}, []float64{50, 50})
	want := `<path class="band a" d="M62 100.4L630 100.4L630 121L62 121Z"/><path class="band b" d="M62 121L630 121L630 224L62 224Z"/>`
	if !strings.HasPrefix(got, want) {
		t.Errorf("\n%s, want\n%s", got, want)
	}
	if !strings.HasSuffix(got, `>lower</text>`) || !strings.Contains(got, `>upper</text>`) {
		t.Errorf("the names are not in the bands: %s", got)
	}
}

func TestABandThatIsTooLowForItsNameHasNone(t *testing.T) {
	if got := bandsOver([]float64{9, 9}, []float64{50, 50}); strings.Contains(got, "upper<") || !strings.Contains(got, "lower<") {
		t.Errorf("%s", got)
	}
	// A peak that is high enough, and not as wide as a name.
	peak := make([]float64, 100)
	peak[50] = 100
	if got := bandsOver(peak, make([]float64, 100)); strings.Contains(got, "<text") {
		t.Errorf("%s", got)
	}
}

func TestASumWithoutOneOfItsPartsIsAGap(t *testing.T) {
	got := bandsOver([]float64{1, 1, math.NaN(), 1, 1}, []float64{2, 2, 2, 2, 2})
	if n := strings.Count(got, "Z"); n != 4 || strings.Contains(got, "NaN") {
		t.Errorf("%d areas: %s", n, got)
	}
}

// partsRun is a run whose series has these columns, each of ten seconds.
func partsRun(t *testing.T, r *result.Result, columns ...string) *Run {
	t.Helper()
	folder := t.TempDir()
	writeResult(t, folder, r)
	line := strings.Repeat(",1", len(columns)) + "\n"
	write(t, folder, result.SeriesFile, "second,"+strings.Join(columns, ",")+"\n1"+line+"2"+line)
	return read(t, folder)
}

func sectionOf(t *testing.T, r *Run, id string) section {
	t.Helper()
	for _, s := range r.page().Sections {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("there is no section %s", id)
	return section{}
}

func legend(f figureView) string {
	var all []string
	for _, entry := range f.Legend {
		name, _, _ := strings.Cut(entry.Name, ":")
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// The order of the legend is that of the data's way, whatever that of the columns.
func TestAPartThatTheSeriesLacksIsLeftOut(t *testing.T) {
	backlog := map[string]result.Backlog{result.InputBacklog: {Parts: map[string]result.BacklogPart{"engine": {}, "writer": {}}}, result.TableBacklog: {}}
	run := partsRun(t, &result.Result{Backlog: backlog}, "backlog_input_records", "backlog_input_engine_records", "backlog_input_writer_records", "backlog_table_records")
	s := sectionOf(t, run, "backlog-input")
	if len(s.Figures) != 1 || legend(s.Figures[0]) != "whole writer engine" {
		t.Errorf("%d figures, %s", len(s.Figures), legend(s.Figures[0]))
	}
	if rows := s.First[0].Rows; len(rows) != 3 || rows[1][0] != "writer" || rows[2][0] != "engine" {
		t.Errorf("%q", rows)
	}
	if s := sectionOf(t, run, "backlog-table"); legend(s.Figures[0]) != "whole" || strings.Contains(string(s.Figures[0].Plot), "band") {
		t.Errorf("%s", s.Figures[0].Plot)
	}
	for _, s := range run.page().Sections {
		if s.ID == "backlog-output" {
			t.Error("a direct pipeline has no output stream")
		}
	}
}

// Neither a part nor a route is a shard.
func TestShardsAndRoutesAreToldFromParts(t *testing.T) {
	run := partsRun(
		t, &result.Result{Output: &result.Output{}, Backlog: map[string]result.Backlog{result.OutputBacklog: {}}}, "backlog_output_records", "backlog_output_writer_records",
		"backlog_output_stream_records", "backlog_output_function_records", "backlog_output_route_orders_records", "backlog_output_route_a_b_records",
		"backlog_output_shardId-000000000000_records", "backlog_output_shardId-000000000001_records",
	)
	s := sectionOf(t, run, "backlog-output")
	if len(s.Figures) != 3 || legend(s.Figures[0]) != "whole writer stream function" || legend(s.Figures[1]) != "a_b orders" ||
		legend(s.Figures[2]) != "shardId-000000000000 shardId-000000000001" {
		t.Errorf("%d figures", len(s.Figures))
		for _, f := range s.Figures {
			t.Errorf("%s: %s", f.Caption, legend(f))
		}
	}
}

// Nothing else is marked.
func TestThePartThatGrowsIsMarked(t *testing.T) {
	grows := func(percent float64, verdict string) result.BacklogTrend {
		return result.BacklogTrend{TrendPercent: &percent, TrendMargin: new(0.1), Trend: verdict}
	}
	table := growthTable(&placeViews[0], &result.Backlog{
		BacklogTrend: grows(4.8, "fail"), Grows: result.WriterPart,
		Parts: map[string]result.BacklogPart{"writer": {BacklogTrend: grows(4.7, "fail")}, "stream": {BacklogTrend: grows(0.1, "pass")}, "engine": {}},
	})
	want := [][]string{{"whole", "+4.80\u00a0±\u00a00.10\u00a0%", "fail"}, {"writer", "+4.70\u00a0±\u00a00.10\u00a0%", "fail"}, {"stream", "+0.10\u00a0±\u00a00.10\u00a0%", "pass"}}
	if !slices.EqualFunc(table.Rows, want, slices.Equal) || !slices.Equal(table.Marks, []string{"bad", "bad", ""}) {
		t.Errorf("%q, %q", table.Rows, table.Marks)
	}
}

// The columns of version 1 have the names that the whole has today.
func TestTheBacklogOfAnOldRunIsNeverCalledTheWhole(t *testing.T) {
	run := partsRun(t, &result.Result{Backlog: map[string]result.Backlog{result.InputBacklog: {Waited: result.Waited{MaxRecords: 7}}}}, "backlog_input_records", "backlog_input_seconds")
	run.Result.Version = 1
	s := sectionOf(t, run, "backlog-input")
	if s.Title != "Backlog of the input: stored and not read" || legend(s.Figures[0]) != "all shards" {
		t.Errorf("%s: %s", s.Title, legend(s.Figures[0]))
	}
	_, page, _ := strings.Cut(text(t, run.WriteHTML), "<body>")
	if !strings.Contains(page, oldBacklog) || strings.Contains(strings.ReplaceAll(page, oldBacklog, ""), "whole") {
		t.Error("the page speaks of a whole")
	}
	if summary := text(t, run.WriteSummary); !strings.Contains(summary, "records at most, stored and not read") || !strings.Contains(summary, oldBacklog) {
		t.Errorf("%s", summary)
	}
}
