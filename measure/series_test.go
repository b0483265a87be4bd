package measure

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"

	"weir/measure/backlog"
	"weir/record"
	"weir/result"
)

func nothing(string, *hdrhistogram.Histogram) error { return nil }

func TestIntervalsOfTheLatencyLog(t *testing.T) {
	for _, test := range []struct{ from, want time.Duration }{
		{0, time.Second},
		{599 * time.Second, time.Second},
		{10 * time.Minute, 10 * time.Second},
		{3590 * time.Second, 10 * time.Second},
		{time.Hour, time.Minute},
		{24 * time.Hour, time.Minute},
	} {
		if got := intervalAt(test.from); got != test.want {
			t.Errorf("the interval from %v on is %v, want %v", test.from, got, test.want)
		}
	}
}

// seriesOf runs a series over a meter while play plays, and returns its folder.
func seriesOf(t *testing.T, play func(m *Meter, clock record.Clock), config SeriesConfig) *result.Folder {
	t.Helper()
	folder, err := result.Create(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	config.Clock, config.Folder = record.NewClock(time.Now()), folder
	config.Meter = New(Config{Clock: config.Clock, Phases: schedule})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- NewSeries(config).Run(ctx) }()
	play(config.Meter, config.Clock)
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return folder
}

func text(t *testing.T, folder *result.Folder, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder.Path(), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestSeriesHasALineASecondAndOneForTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy atomic.Int64
		var snapshots []Snapshot
		folder := seriesOf(t, func(m *Meter, clock record.Clock) {
			time.Sleep(500 * time.Millisecond)
			m.Handed(make([]record.Record, 3), clock.Now())
			send := []record.Send{{Record: record.Record{Due: clock.Now()}, Attempts: 1, Outcome: record.Acked, Sequence: "1"}}
			m.Input().Sending("s1", send)
			m.Input().Answered("s1", send, clock.Now())
			busy.Store(250)
			time.Sleep(2 * time.Second)
			busy.Store(500)
			m.Late([]record.Late{{Dropped: true}})
		}, SeriesConfig{
			Gauges: []Gauges{
				{Names: []string{"watermark"}, Read: func(time.Duration, []float64) {}},
				PerSecond([]string{"busy_0"}, func(values []float64) { values[0] = float64(busy.Load()) / 1000 }),
			},
			Progress: func(s Snapshot) { snapshots = append(snapshots, s) },
		})
		want := strings.Join([]string{
			"second,offered,sent,acked,throttled,retried,read,late,fired,written,watermark,busy_0",
			"1,3,1,1,0,0,0,0,0,0,,",
			"2,0,0,0,0,0,0,0,0,0,,0",
			"2.5,0,0,0,0,0,0,1,0,0,,0.5",
			"",
		}, "\n")
		if d := cmp.Diff(want, text(t, folder, result.SeriesFile)); d != "" {
			t.Errorf("series (-want +got):\n%s", d)
		}
		if len(snapshots) != 3 || snapshots[2].Offered != 3 || snapshots[2].Late != 1 || snapshots[0].InputBacklog != 1 {
			t.Errorf("snapshots %+v", snapshots)
		}
	})
}

// intervals are what the latency log of a folder holds: samples and lines by tag.
func intervals(t *testing.T, folder *result.Folder) (samples, lines map[string]int64) {
	t.Helper()
	samples, lines = make(map[string]int64), make(map[string]int64)
	reader := hdrhistogram.NewHistogramLogReader(strings.NewReader(text(t, folder, result.LatencyFile)))
	for {
		h, err := reader.NextIntervalHistogram()
		if h == nil || errors.Is(err, io.EOF) {
			return samples, lines
		}
		if err != nil {
			t.Fatal(err)
		}
		samples[h.Tag()] += h.TotalCount()
		lines[h.Tag()]++
	}
}

// The intervals of the log, merged, are the whole run.
func TestLatencyLogReadsBackWithoutLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := seriesOf(t, func(m *Meter, clock record.Clock) {
			time.Sleep(500 * time.Millisecond)
			m.Fired([]record.Fired{fired("a", clock.Now(), clock.Now())}, clock.Now()+time.Millisecond)
			for range 640 { // past the ten minutes of one-second intervals
				m.Handed([]record.Record{{Due: clock.Now() - 5*time.Millisecond}}, clock.Now())
				time.Sleep(time.Second)
			}
		}, SeriesConfig{})
		samples, lines := intervals(t, folder)
		if d := cmp.Diff(map[string]int64{Handed: 640, Fired: 1}, samples); d != "" {
			t.Errorf("samples (-want +got):\n%s", d)
		}
		if got := lines[Handed]; got != 600+4 {
			t.Errorf("%d intervals in 640 seconds, want 600 of a second and 4 of ten", got)
		}
	})
}

func TestTheWarmUpHasATagOfItsOwnInTheLatencyLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := seriesOf(t, func(m *Meter, clock record.Clock) {
			time.Sleep(500 * time.Millisecond)
			m.Begin(clock.Now())
			for range 30 { // ten of the warm-up and 20 beyond, beside one that was due before all phases
				m.Handed(make([]record.Record, 1), clock.Now())
				m.Handed([]record.Record{{Due: clock.Now()}}, clock.Now()+time.Millisecond)
				time.Sleep(time.Second)
			}
		}, SeriesConfig{})
		samples, _ := intervals(t, folder)
		if d := cmp.Diff(map[string]int64{Handed: 50, Handed + "." + Warmup: 10}, samples); d != "" {
			t.Errorf("samples (-want +got):\n%s", d)
		}
	})
}

// Where a phase ends between two lines, the series has it seen there, and writes no line.
func TestThePhasesAreSeenAtTheirEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m *Meter
		folder := seriesOf(t, func(meter *Meter, clock record.Clock) {
			m = meter
			time.Sleep(300 * time.Millisecond)
			m.Begin(clock.Now())
			m.Late(droppedLate(3)) // in the warm-up
			time.Sleep(10*time.Second + time.Millisecond)
			m.Late(droppedLate(5)) // in the first hold, and in the same second
			time.Sleep(11 * time.Second)
			m.End(clock.Now()) // in the spike
			m.Late(droppedLate(7))
			time.Sleep(20 * time.Second)
		}, SeriesConfig{})
		var r result.Result
		m.Fill(&r, 0)
		got := make(map[string]int64)
		seconds := make(map[string]float64)
		for _, phase := range r.Phases {
			got[phase.Name], seconds[phase.Name] = phase.Records.Late, phase.Seconds
		}
		if d := cmp.Diff(map[string]int64{"warmup": 3, "hold": 5, "spike": 0}, got); d != "" {
			t.Errorf("late (-want +got):\n%s", d)
		}
		if d := cmp.Diff(map[string]float64{"warmup": 10, "hold": 10, "spike": 1.001}, seconds); d != "" {
			t.Errorf("seconds (-want +got):\n%s", d)
		}
		if lines := strings.Count(text(t, folder, result.SeriesFile), "\n"); lines != 1+41+1 {
			t.Errorf("%d lines, want a header, 41 seconds and the rest of one", lines)
		}
	})
}

func TestGaugesAreOfTheWholeBacklogItsPartsAndItsShards(t *testing.T) {
	m := New(Config{})
	sends := []record.Send{{Record: record.Record{Data: []byte("1234"), Due: time.Second}, Attempts: 1, Outcome: record.Acked, Sequence: "1"}}
	m.Handing([]record.Record{sends[0].Record, {Data: []byte("12"), Due: 2 * time.Second}}, 2*time.Second)
	m.Input().Waits(func() []backlog.Shard {
		return []backlog.Shard{{Shard: "s1", Extent: backlog.Extent{Records: 1, Bytes: 2, Oldest: 2 * time.Second}}}
	})
	m.Due(func(now time.Duration) backlog.Extent {
		return backlog.Extent{Records: 3, Oldest: now - time.Millisecond}
	})
	m.Input().Sending("s2", sends)
	m.Input().Answered("s2", sends, 2*time.Second)
	m.second(4 * time.Second)
	g := m.BacklogGauges(result.InputBacklog, []string{"s1", "s2"})
	values := make([]float64, len(g.Names))
	g.Read(4*time.Second, values)
	want := map[string]float64{
		"backlog_input_records": 5, "backlog_input_seconds": 3, "backlog_input_bytes": 6,
		"backlog_input_harness_records": 3, "backlog_input_harness_seconds": 0.001,
		"backlog_input_writer_records": 1, "backlog_input_writer_seconds": 2, "backlog_input_writer_bytes": 2,
		"backlog_input_stream_records": 1, "backlog_input_stream_seconds": 3, "backlog_input_stream_bytes": 4,
		"backlog_input_engine_records": 0, "backlog_input_engine_seconds": 0, "backlog_input_engine_bytes": 0,
		"backlog_input_s1_records": 1, "backlog_input_s1_seconds": 2,
		"backlog_input_s2_records": 1, "backlog_input_s2_seconds": 3,
	}
	got := make(map[string]float64)
	for i, name := range g.Names {
		got[name] = values[i]
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("gauges (-want +got):\n%s", d)
	}
}

func TestCPUIsKnown(t *testing.T) {
	if used, ok := cpuTime(); ok && used <= 0 {
		t.Errorf("this process used %v", used)
	}
}

func TestSeriesThatCannotBeWrittenEndsWithTheFilesName(t *testing.T) {
	folder, err := result.Create(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder.Path(), result.LatencyFile), 0o755); err != nil {
		t.Fatal(err)
	}
	err = NewSeries(SeriesConfig{Clock: record.NewClock(time.Now()), Folder: folder, Meter: New(Config{})}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), result.LatencyFile) {
		t.Errorf("error is %v", err)
	}
}

func droppedLate(n int) []record.Late {
	late := make([]record.Late, n)
	for i := range late {
		late[i].Dropped = true
	}
	return late
}
