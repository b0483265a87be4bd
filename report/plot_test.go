package report

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"

	"weir/result"
)

func TestThinningKeepsEveryPeakAndTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-1e6, 1e6), rapid.Just(math.NaN())), 1, 400).Draw(t, "y")
		x := make([]float64, len(y))
		for i := range x {
			x[i] = float64(i)
		}
		most := 2 * rapid.IntRange(1, 40).Draw(t, "most")
		thinX, thinY := thinned(x, y, most)
		if len(thinX) > max(most, 0) && len(x) > most || len(thinX) != len(thinY) || !slices.IsSorted(thinX) {
			t.Fatalf("%d points of %d, at most %d", len(thinX), len(x), most)
		}
		least, greatest := extremes(y)
		if math.IsNaN(y[least]) {
			return
		}
		if !slices.Contains(thinY, y[least]) || !slices.Contains(thinY, y[greatest]) {
			t.Fatalf("%v to %v is gone", y[least], y[greatest])
		}
	})
}

func TestTicks(t *testing.T) {
	upTo7 := upTo("", 7, figure)
	overMinutes := overTime(115)
	overHours := overTime(36000)
	latency := overDecades("", 0.3, 2500, writeMillis)
	rare := axis{scale: nines, to: 0.9999, write: writeNines}
	for want, a := range map[string]axis{
		"0 2 4 6 8": upTo7, "0 30s 1m 1m30s": overMinutes, "0 2h 4h 6h 8h 10h": overHours,
		"100 µs 1 ms 10 ms 100 ms 1 s 10 s": latency, "0 % 50 % 90 % 99 % 99.9 % 99.99 %": rare, "0 0.2 0.4 0.6 0.8 1": upTo("", math.NaN(), figure),
	} {
		var got []string
		for _, tick := range a.ticks() {
			got = append(got, a.write(tick))
			if place := a.place(tick); place < 0 || place > 1 || math.IsNaN(place) {
				t.Errorf("%s: %v is at %v", want, tick, place)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s, want %s", strings.Join(got, " "), want)
		}
	}
}

func TestFigures(t *testing.T) {
	for want, got := range map[string]string{
		"1.5k": writeCount(1500), "600k": writeCount(600_000), "0": writeCount(0), "-2M": writeCount(-2e6), "12.3": figure(12.34), "1234": figure(1234.4), "0.00123": figure(0.001234),
		"262 ms": writeMillis(262.143), "55 µs": writeMillis(0.055), "59.9 s": writeMillis(59_930), "1h0m5s": writeSeconds(3605), "1h": writeSeconds(3600), "1m40s": writeSeconds(100),
		"99.9999 %": writeNines(0.999999),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// longRun is the folder of a run of so many hours over 24 shards, with so many intervals in its latency log.
func longRun(t testing.TB, hours, intervals int) string {
	path := filepath.Join(t.TempDir(), "run")
	folder, err := result.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	started := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	res := &result.Result{
		Scenario: "long", Verdict: "pass", Started: started, Seconds: float64(hours) * 3600, Latency: map[string]result.Latency{}, Output: &result.Output{},
		Backlog: map[string]result.Backlog{"input": {Waited: result.Waited{MaxRecords: 9}}, "output": {Waited: result.Waited{MaxRecords: 9}}},
	}
	columns := []string{"offered", "acked", "read", "throttled", "retried", "late", "watermark_lag_ms", "harness_cpu_cores", "source_0_busy", "source_1_busy", "window_0_busy", "window_1_busy"}
	for _, stream := range []string{"input", "output"} {
		columns = append(columns, "backlog_"+stream+"_records", "backlog_"+stream+"_seconds")
		for _, part := range result.PartsOf(stream) {
			columns = append(columns, "backlog_"+stream+"_"+part+"_records", "backlog_"+stream+"_"+part+"_seconds")
		}
		for i := range 24 {
			columns = append(columns, fmt.Sprintf("backlog_%s_shardId-%012d_records", stream, i))
		}
	}
	series, err := folder.CreateSeries(columns)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float64, len(columns))
	for second := range hours * 3600 {
		for i := range values {
			values[i] = float64((second*second*7 + i*131) % (1000 + i))
		}
		if err := series.Write(time.Duration(second+1)*time.Second, values); err != nil {
			t.Fatal(err)
		}
	}
	if err := series.Close(); err != nil {
		t.Fatal(err)
	}
	for _, point := range points {
		res.Latency[point] = result.Latency{Count: 1}
	}
	if err := folder.WriteResult(res); err != nil {
		t.Fatal(err)
	}
	writeLog(t, folder, started, intervals)
	return path
}

// writeLog writes so many intervals a point; a run of ten hours has 1,440.
func writeLog(t testing.TB, folder *result.Folder, started time.Time, intervals int) {
	file, err := folder.Stream(result.LatencyFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	log := hdrhistogram.NewHistogramLogWriter(file)
	if err := log.OutputStartTime(started.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	interval := hdrhistogram.New(1, 100_000, 3)
	for i := range intervals {
		for n, point := range points {
			interval.Reset()
			for k := range 20 {
				_ = interval.RecordValue(int64(1 + (i*k*(n+1))%100_000)) // it is within the bounds
			}
			interval.SetTag(point)
			interval.SetStartTimeMs(started.UnixMilli() + int64(i)*25_000)
			interval.SetEndTimeMs(started.UnixMilli() + int64(i+1)*25_000)
			if err := log.OutputIntervalHistogram(interval); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestThePageOfAnHourIsSmall(t *testing.T) { checkSize(t, 1, 30) }

func TestProveThePageOfTenHoursIsSmall(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	checkSize(t, 10, 1440)
}

func checkSize(t *testing.T, hours, intervals int) {
	page := text(t, read(t, longRun(t, hours, intervals)).WriteHTML)
	if len(page) > 5<<20 {
		t.Errorf("%d bytes", len(page))
	}
	t.Logf("%d KiB", len(page)>>10)
}

func BenchmarkTenHours(b *testing.B) {
	path := longRun(b, 10, 1440)
	for b.Loop() {
		run := read(b, path)
		text(b, run.WriteHTML)
	}
}
