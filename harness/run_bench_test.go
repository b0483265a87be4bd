package harness_test

import (
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/result"
	"weir/scenarios"
)

// BenchmarkRun carries out whole runs of the scenario smoke's mix, offered faster than two cores carry it: the generator, the writer, both
// ends of the wire, the embedded AWS, the aggregator, the table, the ledger, the oracle and the proof, in one process. It reports the CPU
// of all of them for a record, how many records a minute were acknowledged, and what part of the CPU the measuring took: the points in time, the ledgers, the
// oracle and the canary.
func BenchmarkRun(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as cmd/weir has it
	var cpu time.Duration
	var records, runs int64
	var rate float64
	share := shareOf(b, "weir/measure", func() {
		for b.Loop() {
			r, used := runFull(b)
			if r.Records.Read != r.Records.Offered || r.Rows.Wrong+r.Rows.Missing+r.Rows.Unexpected != 0 {
				b.Fatalf("%+v, %+v", r.Records, *r.Rows)
			}
			cpu += used
			records += r.Records.Read
			rate += *r.Rate.Achieved
			runs++
		}
	})
	b.ReportMetric(100*share, "measuring-%")
	b.ReportMetric(float64(cpu)/float64(records), "cpu-ns/record")
	b.ReportMetric(rate/float64(runs), "records/min")
}

func runFull(b *testing.B) (result.Result, time.Duration) {
	s, err := scenarios.Shipped("smoke", full)
	if err != nil {
		b.Fatal(err)
	}
	s.Resolve()
	target := awsclient.Config{Endpoint: startAWS(b, localaws.Config{WholeBodies: true}), Region: "us-east-1"}
	begun := harness.CPUTime(b, unix.CLOCK_PROCESS_CPUTIME_ID)
	o, err := harness.Run(b.Context(), b.Context(), harness.Config{Scenario: s, Target: target, Out: filepath.Join(b.TempDir(), "run"), Version: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	return o.Result, harness.CPUTime(b, unix.CLOCK_PROCESS_CPUTIME_ID) - begun
}

// full takes every bound off a scenario, and offers more than two cores carry.
func full(s *scenarios.Scenario) error {
	s.Limits = scenarios.LimitsOff
	s.Pipeline.Input.Shards, s.Pipeline.Input.Queue = 8, 2<<30
	s.Expect = nil
	return s.Set("load.rate=[{shape: hold, at: 350k/s, for: 4s}]")
}
