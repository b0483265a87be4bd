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

	"weir/record"
	"weir/result"
)

func nothing(*hdrhistogram.Histogram) error { return nil }

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
	config.Meter = New(Config{Clock: config.Clock})
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
			m.Late([]record.ID{{}})
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
		counts, lines := make(map[string]int64), make(map[string]int)
		reader := hdrhistogram.NewHistogramLogReader(strings.NewReader(text(t, folder, result.LatencyFile)))
		for {
			h, err := reader.NextIntervalHistogram()
			if h == nil || errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			counts[h.Tag()] += h.TotalCount()
			lines[h.Tag()]++
		}
		if d := cmp.Diff(map[string]int64{Handed: 640, Fired: 1}, counts); d != "" {
			t.Errorf("samples (-want +got):\n%s", d)
		}
		if got := lines[Handed]; got != 600+4 {
			t.Errorf("%d intervals in 640 seconds, want 600 of a second and 4 of ten", got)
		}
	})
}

func TestBacklogGauges(t *testing.T) {
	m := New(Config{})
	sends := []record.Send{{Record: record.Record{Due: time.Second}, Attempts: 1, Outcome: record.Acked, Sequence: "1"}}
	m.Input().Sending("s2", sends)
	m.Input().Answered("s2", sends, 2*time.Second)
	g := BacklogGauges("input", m.Input().Ledger, []string{"s1", "s2"})
	values := make([]float64, len(g.Names))
	g.Read(4*time.Second, values)
	want := map[string]float64{
		"backlog_input_records": 1, "backlog_input_seconds": 3,
		"backlog_input_s1_records": 0, "backlog_input_s1_seconds": 0,
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
