package harness_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
	"weir/internal/queueing/worlds"
	"weir/result"
)

// overload is a world and what a real run of it came to: writer, streams, aggregator, routes and table against the embedded AWS with its limits, in virtual time.
type overload struct {
	*worlds.World
	result result.Result
	// epoch is when the feed began by the wall clock, and fed by that of the run.
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
