package harness_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
	"weir/internal/queueing"
	"weir/internal/queueing/worlds"
	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
)

// overload is a world and what a real run of it came to: writer, streams, aggregator, routes and table against the embedded AWS with its limits, in virtual time.
type overload struct {
	*worlds.World
	result result.Result
	// fed is when the feed began, by the wall clock and since the start of the run.
	epoch time.Time
	fed   time.Duration
	// series is series.csv: the columns by name, and the second of each line.
	seconds []float64
	series  map[string][]float64
}

// runWorld runs a world.
func runWorld(t *testing.T, w *worlds.World) *overload {
	t.Helper()
	o := &overload{World: w}
	out := filepath.Join(t.TempDir(), fmt.Sprint(w.Seed))
	synctest.Test(t, func(t *testing.T) {
		var first sync.Once
		listener := pipenet.Listen()
		server := localaws.New(localaws.Config{Limits: true, WholeBodies: true, Fault: func(call localaws.Call) localaws.Action {
			if call.Operation == "PutRecords" {
				first.Do(func() { o.epoch = time.Now().Add(-linger) })
			}
			return localaws.Serve
		}})
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, listener) }()
		outcome, err := harness.Run(t.Context(), t.Context(), harness.Config{
			Scenario: w.Scenario, Target: awsclient.Config{Endpoint: "http://127.0.0.1", Region: "us-east-1", Dial: listener.Dial}, Out: out, Version: "test", VirtualTime: true,
		})
		stop()
		if err := errors.Join(err, <-served); err != nil {
			t.Fatalf("%s: %v", w.Scenario.Name, err)
		}
		o.result = outcome.Result
	})
	o.fed = o.epoch.Sub(o.result.Started)
	o.readSeries(t, filepath.Join(out, result.SeriesFile))
	if err := os.RemoveAll(out); err != nil {
		t.Error(err)
	}
	return o
}

// linger is how long the writer waits for more records before it makes a call of the first (stream.WriterConfig).
const linger = 5 * time.Millisecond

func (o *overload) readSeries(t *testing.T, path string) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(readFile(t, path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	o.series = make(map[string][]float64)
	for _, line := range lines[1:] {
		for i, cell := range line {
			value, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				value = math.NaN()
			}
			if i == 0 {
				o.seconds = append(o.seconds, value)
				continue
			}
			o.series[lines[0][i]] = append(o.series[lines[0][i]], value)
		}
	}
}

// figure is how much waits somewhere: by the run, and at the least and at the most by the model.
type figure struct {
	what             string
	ran, least, most float64
	batch            float64
	at               time.Duration
}

func (f *figure) off() float64 { return max(f.least-f.batch-f.ran, f.ran-f.most-f.batch, 0) }

// column is the sum of some columns of the series.
func (o *overload) column(names ...string) []float64 {
	sum := make([]float64, len(o.seconds))
	for _, name := range names {
		for i, value := range o.series[name] {
			sum[i] += value
		}
	}
	return sum
}

// compare holds the run's backlogs against the model's, second by second while the load is fed, and at most.
func (o *overload) compare(t *testing.T) (worst []figure) {
	late := worlds.Slack{
		Write: linger + 100*time.Millisecond, Poll: time.Duration(o.Scenario.Pipeline.Aggregator.Poll) + 20*time.Millisecond,
	}
	if output := o.Scenario.Pipeline.Output; output != nil {
		late.OutputPoll = time.Duration(output.Poll) + 20*time.Millisecond
	}
	low, high := o.Passage(o.Scenario, o.epoch, worlds.Slack{}), o.Passage(o.Scenario, o.epoch, late)
	var times []time.Duration
	var lines []int
	for i, second := range o.seconds {
		at := time.Duration(second*float64(time.Second)) - o.fed
		if at > 0 && at <= o.Hold[1] {
			times, lines = append(times, at), append(lines, i)
		}
	}
	place := func(name string, early, late worlds.Items, columns ...string) {
		few, many := worlds.Between(early, late)
		least, most := few.At(times...), many.At(times...)
		for _, f := range []struct {
			suffix string
			of     func(queueing.Extent) float64
			batch  float64
		}{
			{"_records", func(e queueing.Extent) float64 { return float64(e.Records) }, float64(o.Batch)},
			{"_seconds", func(e queueing.Extent) float64 { return e.Age.Seconds() }, 0.05},
		} {
			if f.suffix == "_seconds" && len(columns) > 1 {
				continue
			}
			names := make([]string, len(columns))
			for i := range columns {
				names[i] = columns[i] + f.suffix
			}
			ran := o.column(names...)
			w := figure{what: name + f.suffix}
			for i := range times {
				now := figure{name + f.suffix, ran[lines[i]], f.of(least[i]), f.of(most[i]), f.batch, times[i]}
				if f.suffix == "_seconds" && !o.InTurn {
					now.most = math.Inf(1)
				}
				if now.off() > w.off() || i == len(times)-1 && w.off() == 0 {
					w = now
				}
			}
			worst = append(worst, w)
		}
	}
	place("input", low.Input, high.Input, "backlog_input")
	place("input writer", low.Writer, high.Writer, "backlog_input_harness", "backlog_input_writer")
	place("input behind", low.Engine, high.Engine, "backlog_input_stream", "backlog_input_engine")
	if low.Output != nil {
		place("output", low.Output, high.Output, "backlog_output")
		place("output writer", low.OutputWriter, high.OutputWriter, "backlog_output_writer")
		place("output behind", low.Function, high.Function, "backlog_output_stream", "backlog_output_function")
	}
	if low.Table != nil {
		place("table", low.Table, high.Table, "backlog_table")
	}
	return worst
}

func TestOverloadTry(t *testing.T) {
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	n, _ := strconv.Atoi(os.Getenv("N"))
	for i := range n {
		w, err := worlds.New(seed+uint64(i), 5*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, w)
		begun := time.Now()
		o := runWorld(t, w)
		fmt.Printf("%s: %s S%d P%d %.1fs epoch %s fed %s\n", w.Scenario.Name, o.result.Verdict, w.Scenario.Pipeline.Input.Shards, w.Scenario.Pipeline.Aggregator.Parallelism, time.Since(begun).Seconds(), o.epoch, o.fed)
		for _, f := range o.compare(t) {
			mark := ""
			if f.off() > 0 {
				mark = "  <<<<"
			}
			fmt.Printf("   %-24s at %8.2f: %9.2f of %9.2f..%9.2f%s\n", f.what, f.at.Seconds(), f.ran, f.least, f.most, mark)
		}
		for _, e := range o.result.Expectations {
			fmt.Printf("   %s: %v %s %s\n", e.Text, e.Observed, e.Verdict, e.Reason)
		}
		for k, b := range o.result.Backlog {
			fmt.Printf("   %s: %d %v trend %v grows %s\n", k, b.MaxRecords, *b.MaxSeconds, *b.TrendPercent, b.Grows)
		}
		fmt.Println("  ", o.result.Reasons)
	}
}

// expect has a world expect that no backlog grows.
func expect(t *testing.T, w *worlds.World) {
	t.Helper()
	list := "backlog.input.trend <= 1%, backlog.table.trend <= 1%"
	if w.Scenario.Pipeline.Shape == scenarios.Routed {
		list += ", backlog.output.trend <= 1%"
	}
	if err := w.Scenario.Set("expect=[" + list + "]"); err != nil {
		t.Fatal(err)
	}
	w.Scenario.Resolve()
	if err := w.Scenario.Validate(); err != nil {
		t.Fatal(err)
	}
}

var _ = runtime.GOMAXPROCS
var _ atomic.Int64
var _ = verdict.Pass
