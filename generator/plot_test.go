package generator

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

var update = flag.Bool("update", false, "write the golden files")

// plots are workloads whose rate is drawn over time, 40 buckets each.
var plots = map[string][]Phase{
	"hold":    {{Shape: Hold, For: 20 * time.Second, At: 300}},
	"ramp":    {{Shape: Ramp, For: 20 * time.Second, From: 0, To: 600}},
	"step":    {{Shape: Step, For: 20 * time.Second, From: 600, To: 100, Steps: 6}},
	"sine":    {{Shape: Sine, For: 20 * time.Second, At: 300, Amplitude: 300, Every: 10 * time.Second}},
	"burst":   {{Shape: Burst, For: 20 * time.Second, At: 100, Peak: 600, Every: 5 * time.Second, Lasting: time.Second}},
	"poisson": {{Shape: Poisson, For: 20 * time.Second, At: 300}},
	"curve": {{Shape: Curve, For: 20 * time.Second, Curve: []CurvePoint{
		{0, 100}, {6 * time.Hour, 50}, {9 * time.Hour, 500}, {12 * time.Hour, 400}, {17 * time.Hour, 600}, {24 * time.Hour, 100},
	}}},
	"capacity": {
		{Name: "up", Shape: Ramp, For: 5 * time.Second, From: 0, To: 300},
		{Name: "hold", Shape: Hold, For: 8 * time.Second, At: 300},
		{Name: "spike", Shape: Hold, For: 2 * time.Second, At: 600},
		{Name: "rest", Shape: Hold, For: 2 * time.Second, At: 0},
		{Name: "down", Shape: Ramp, For: 3 * time.Second, From: 300, To: 0},
	},
}

// TestPlots feeds each workload in virtual time as a feeder does, asks for what is due, sleeps until the next record is, and compares how
// many came in each half second with the drawing.
func TestPlots(t *testing.T) {
	for name, phases := range plots {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := typical()
				c.Phases = phases
				g := mustNew(t, c)
				counts := make([]int, 40)
				feed(t, g.Stream(time.Now()), func(at time.Duration, n int) {
					counts[int(at*40/g.Duration())] += n
				})
				golden(t, name, plot(counts, g.Duration()))
			})
		})
	}
}

// feed tells of each batch when it came.
func feed(t *testing.T, s *Stream, took func(at time.Duration, n int)) {
	start := time.Now()
	var batch record.Batch
	for {
		now := time.Since(start)
		batch.Reset()
		// What is due at this very instant is due before the next one.
		err := s.Fill(&batch, now+1)
		if errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		for i := range batch.Records {
			if due := batch.Records[i].Due; due != now {
				t.Fatalf("a record that is due at %v came at %v", due, now)
			}
		}
		if len(batch.Records) > 0 {
			took(now, len(batch.Records))
		}
		if due, ok := s.Next(); ok {
			time.Sleep(due - time.Since(start))
		}
	}
}

// plot draws a bar of records for each bucket.
func plot(counts []int, length time.Duration) string {
	var text strings.Builder
	for i, n := range counts {
		at := length * time.Duration(i) / time.Duration(len(counts))
		line := fmt.Sprintf("%6v %4d %s", at, n, strings.Repeat("#", (n+2)/5))
		text.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return text.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "plots", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

func mustNew(t testing.TB, c Config) *Generator {
	t.Helper()
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
