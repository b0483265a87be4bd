// Package harness carries out one run: it makes the streams and the table, feeds the load, drains the pipeline, proves every
// row, and removes what it made. It reaches AWS, or the embedded AWS, over the wire only.
package harness

import (
	"context"
	"io"
	"time"

	"weir/internal/awsclient"
	"weir/measure"
	"weir/result"
	"weir/scenarios"
)

// Config is what a run takes beside its two contexts.
type Config struct {
	Scenario *scenarios.Scenario
	// Target is where the pipeline runs; Source is where a recording in S3 is.
	Target, Source awsclient.Config
	// Guard is what the target has to be, nil for one on this machine, where a run can harm nobody.
	Guard *awsclient.Target
	// Visibility is how long after its acknowledgement a record may still be missing from an answer that claims to reach the tip; the scenario's own latency
	// counts where it is more. Zero fits an embedded AWS of the run's own.
	Visibility time.Duration
	// Faults are the target's own, nil for a target that has none.
	Faults Faults
	// Stdin is the recording whose source is "-".
	Stdin io.Reader
	// Out is the run folder; empty, it is runs/<time>-<name>.
	Out string
	// Required are the field paths that the user gave: at least one of the first 10,000 records must have each.
	Required []string
	// Version of weir, for result.json.
	Version string
	// VirtualTime says that the run is in a testing/synctest bubble, so that the feeder waits by the runtime's timer: the system's would wait in real time.
	VirtualTime bool
	// BacklogMemory bounds what the books of each stream's backlog take of memory, in bytes; zero stands for [ledger.DefaultMemory]. What is beyond it waits in the
	// run folder.
	BacklogMemory int64
	// LatencyBy keeps latencies apart, too: by shard or by kind, or not where it is empty; see [measure.Config].
	LatencyBy string
	// Progress, if set, is called each second.
	Progress func(measure.Snapshot)
	// BeforeProof, if set, is called between drain and proof, with the table's name.
	BeforeProof func(ctx context.Context, table string) error
}

// Outcome is what came of a run.
type Outcome struct {
	Result result.Result
	// Folder is the run folder, empty if the run ended before there was one.
	Folder string
}
