// Package result holds the run folder: what a run leaves behind, its types and its files.
//
// The contract with whoever reads a run folder is result.json and its version. A number that was not observed is absent or
// null there, never 0: so it is a pointer, or a map without the entry, here.
package result

import "time"

// Version is the version of result.json that this weir writes, and the newest that it reads. Since version 2 a backlog is the whole one: in version 1, it was
// what a stream had stored and its first reader had not read.
const Version = 2

// Result is result.json.
type Result struct {
	Version int `json:"version"`
	// Weir is the version of the program.
	Weir     string `json:"weir"`
	Scenario string `json:"scenario"`
	Seed     uint64 `json:"seed"`
	// Target is "local" or "aws".
	Target string `json:"target"`
	// LatencyModelled says that the latencies are those of the embedded AWS, not of AWS.
	LatencyModelled bool `json:"latency_modelled"`
	// ClosedLoop says that each record was due when it was handed over, so that no latency can be judged.
	ClosedLoop bool      `json:"closed_loop,omitzero"`
	Started    time.Time `json:"started"`
	// Seconds is how long the run took, from the start of its clock to the end of its proof.
	Seconds   float64   `json:"seconds"`
	Host      Host      `json:"host"`
	Watermark Watermark `json:"watermark,omitzero"`

	// Verdict is pass, fail, regressed, inconclusive, void, error or interrupted.
	Verdict  string   `json:"verdict"`
	ExitCode int      `json:"exit_code"`
	Reasons  []string `json:"reasons"`
	Warnings []string `json:"warnings"`

	Records Records `json:"records"`
	// Rows is null where the table was not proved.
	Rows   *Rows            `json:"rows"`
	Routes map[string]Route `json:"routes,omitempty"`
	// Handler is what the function of a direct pipeline did; absent in a routed one.
	Handler *Handling `json:"handler,omitempty"`
	// Table is what hindered the writes; absent where nothing did.
	Table TableUse `json:"table,omitzero"`
	// Output is the ledger of the output stream, whose records are rows; absent in a direct pipeline.
	Output *Output `json:"output,omitempty"`
	Rate   Rate    `json:"rate"`
	// Latency has an entry for each point in time that was observed.
	Latency map[string]Latency `json:"latency_ms"`
	// LatencyBy has, where it was asked for, the latencies of each shard or kind: by what they are kept apart by (shard, kind), its name, and the point in time.
	LatencyBy map[string]map[string]map[string]Latency `json:"latency_ms_by,omitempty"`
	// ClockSkew has, for each point, the samples that were negative: how far before its start the point was reached.
	ClockSkew map[string]Latency `json:"clock_skew_ms,omitempty"`
	// OutOfRange counts, for each point, the samples over a day, which no histogram holds.
	OutOfRange map[string]int64 `json:"latency_out_of_range,omitempty"`
	// Backlog has an entry for each place where something may pile up: input, output, table. [Backlog] has the definition of each.
	Backlog map[string]Backlog `json:"backlog"`
	// DrainedInMS is the time from the due time of the last record until every acked record was read and every expected row
	// was in the table; null where that did not come about.
	DrainedInMS  *float64      `json:"drained_in_ms"`
	Expectations []Expectation `json:"expectations"`
	// Checkpoints is absent where the aggregator's state was not kept.
	Checkpoints *Checkpoints `json:"checkpoints,omitempty"`
	// Restarts are those of the aggregator, in their order; absent where there was none.
	Restarts []Restart `json:"restarts,omitempty"`
	// Phases are those of the schedule that began, by name, in the order of their first; absent for a recording.
	Phases []Phase `json:"phases,omitempty"`

	// WarmUp is how long the latencies took to settle; absent where the run was too short to tell. Nothing is cut off by it.
	WarmUp *WarmUp `json:"warm_up,omitempty"`

	// Unopened is absent where every file of the recording was opened.
	Unopened *UnopenedFiles `json:"unopened_files,omitempty"`

	Offenders         Offenders          `json:"offenders,omitzero"`
	SkippedSamples    []SkippedLine      `json:"skipped_samples,omitempty"`
	UnreadableSamples []UnreadableRecord `json:"unreadable_samples,omitempty"`
}

// Host is what the run ran on, and whether it let the harness run.
type Host struct {
	OS   string `json:"os,omitempty"`
	Arch string `json:"arch,omitempty"`
	CPUs int    `json:"cpus,omitempty"`
	// CPU is what the CPUs call themselves.
	CPU string `json:"cpu,omitempty"`
	Go  string `json:"go,omitempty"`

	HostState
	// Before is how the host was in the moment before the run, while weir did nothing; absent for a closed loop, which has no schedule to be late for.
	Before *HostState `json:"before,omitempty"`
}

// HostState is how a host treated the harness; measure/canary says what each means.
type HostState struct {
	SleepOvershootP99 *float64 `json:"sleep_overshoot_p99_ms,omitempty"`
	CPUSteal          *float64 `json:"cpu_steal_percent,omitempty"`
	Stolen            *float64 `json:"cpu_stolen_percent,omitempty"`
	RunDelay          *float64 `json:"run_delay_percent,omitempty"`
	Throttled         *float64 `json:"cpu_throttled_percent,omitempty"`
	// ClockStep is absent where the wall clock was not set.
	ClockStep *float64 `json:"clock_step_ms,omitempty"`
}

// Watermark names the variant of Flink's watermark that the run used.
type Watermark struct {
	Per    string `json:"per"`
	Every  string `json:"every"`
	Minus1 bool   `json:"minus_1ms"`
	// Milliseconds, absent where they were not set.
	MaxDrift        float64 `json:"max_drift_ms,omitempty"`
	IdleTimeout     float64 `json:"idle_timeout_ms,omitempty"`
	AllowedLateness float64 `json:"allowed_lateness_ms,omitempty"`
	// Judged is how the records that were dropped as late were judged: exact or bounds.
	Judged string `json:"judged,omitempty"`
}

// How late records are judged. With one shard whose every record raises the watermark, it is known which have to be dropped. Else it hangs on how the
// reads of the shards interleave: then those that the aggregator reports have to be among those that may be, and each row has to be without exactly these.
const (
	JudgedExactly  = "exact"
	JudgedByBounds = "bounds"
)

// Records is the ledger of the input stream. Always: Offered = Acked + Failed + Unknown + Unsent, and Acked + unknowns found
// stored + Duplicated + Phantom = Read + Unread + Lost.
type Records struct {
	Offered int64 `json:"offered"`
	Acked   int64 `json:"acked"`
	Failed  int64 `json:"failed"`
	Unknown int64 `json:"unknown"`
	// Found counts those of Unknown that were found stored, because they were read.
	Found      int64 `json:"unknown_found"`
	Unsent     int64 `json:"unsent"`
	Skipped    int64 `json:"skipped"`
	Read       int64 `json:"read"`
	Unread     int64 `json:"unread"`
	Lost       int64 `json:"lost"`
	Duplicated int64 `json:"duplicated"`
	Reordered  int64 `json:"reordered"`
	Phantom    int64 `json:"phantom"`
	// Counted + Late + Unreadable = Read, as the aggregator sees it.
	Counted    int64 `json:"counted"`
	Late       int64 `json:"late"`
	Unreadable int64 `json:"unreadable"`
	// Throttled counts answers, so that one record can count more than once; Retried counts repeated attempts.
	Throttled int64 `json:"throttled"`
	Retried   int64 `json:"retried"`
}

// Rows is what the oracle found in the table. Always: Expected = Matched + Wrong + Missing + Unproven + Handled.
type Rows struct {
	Expected   int64 `json:"expected"`
	Matched    int64 `json:"matched"`
	Wrong      int64 `json:"wrong"`
	Missing    int64 `json:"missing"`
	Unexpected int64 `json:"unexpected"`
	Unproven   int64 `json:"unproven"`
	// FalseLate counts records that the aggregator reported late, though by the watermark of their own shard they were not.
	FalseLate int64 `json:"false_late,omitempty"`
	// Flushed counts the rows that the flush or idleness fired: no latency is taken of them.
	Flushed int64 `json:"flushed"`
	// Handled are rows that the table lacks and a function took that is not seen to write: they are neither proved nor missing.
	Handled int64 `json:"handled,omitempty"`
	// Unrouted counts the rows that no route took, and RoutedTwice those that several did.
	Unrouted    int64 `json:"unrouted,omitempty"`
	RoutedTwice int64 `json:"routed_twice,omitempty"`
	// Discarded counts the rows that a route gave up.
	Discarded int64 `json:"discarded,omitempty"`
	// ByKind counts the expected rows.
	ByKind map[string]int64 `json:"by_kind"`
}

// Output is what became of the rows on the output stream, as [Records] has it of the input. Each route reads all of them: Read is what every route has read, and
// the others are the most of any route; [RouteReading] has those of each.
type Output struct {
	Acked      int64 `json:"acked"`
	Read       int64 `json:"read"`
	Unread     int64 `json:"unread"`
	Lost       int64 `json:"lost"`
	Duplicated int64 `json:"duplicated"`
	Phantom    int64 `json:"phantom"`
}

// Rate is records a minute: as the schedule offered them, and as they were acknowledged.
type Rate struct {
	Offered  *float64 `json:"offered_per_minute"`
	Achieved *float64 `json:"achieved_per_minute"`
}

// Latency sums up a histogram, in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
}

// Phase is what was measured of the phases of one name, up to the end of the feed. A latency belongs to the phase in which the time that it
// counts from lies, and an offered record to that of its due time; what else is counted belongs to the phase in which it happened.
type Phase struct {
	Name string `json:"name"`
	// Starts are when the phases of that name began, in seconds since the start of the feed, and Seconds how long they lasted together.
	Starts  []float64 `json:"starts"`
	Seconds float64   `json:"seconds"`
	// LeftOut says that the run's own latencies, unlike its counts, are without this phase: it is a warm-up.
	LeftOut bool `json:"left_out,omitzero"`

	Records PhaseRecords `json:"records"`
	Rate    Rate         `json:"rate"`
	// Latency has an entry for each point in time that was observed.
	Latency map[string]Latency `json:"latency_ms"`
	// Backlog is the most that waited in each place during the phase.
	Backlog map[string]Backlog `json:"backlog"`
}

// WarmUp is how long latencies took to settle, by MSER-5: after the longest hold of the schedule began, or the feed where nothing holds.
type WarmUp struct {
	// Point is the point in time whose latency it is of, and Phase the hold; empty without one.
	Point string `json:"point"`
	Phase string `json:"phase,omitempty"`
	// Settled is false where the latency did not settle within the first half of it.
	Settled bool `json:"settled"`
	// Seconds is how long it took, of OverSeconds that were looked at; zero, it was settled from the start, or did not settle.
	Seconds     float64 `json:"seconds"`
	OverSeconds float64 `json:"over_seconds"`
	// Times is how many times as late the mean was until then as after it, and Matters says that this is worth leaving out.
	Times   float64 `json:"times,omitzero"`
	Matters bool    `json:"matters"`
}

// PhaseRecords counts what happened to records during a phase; see [Records].
type PhaseRecords struct {
	Offered   int64 `json:"offered"`
	Acked     int64 `json:"acked"`
	Throttled int64 `json:"throttled"`
	Retried   int64 `json:"retried"`
	Read      int64 `json:"read"`
	Late      int64 `json:"late"`
}

// Expectation is one line of the scenario's expect, or one that always holds. Observed is null where nothing was observed.
type Expectation struct {
	Text     string   `json:"text"`
	Observed *float64 `json:"observed"`
	Unit     string   `json:"unit,omitempty"`
	// Verdict is pass, fail or inconclusive.
	Verdict string `json:"verdict"`
	// Reason says what the observation was held against, where that is not in the text, or why there is no pass or fail.
	Reason string `json:"reason,omitempty"`
}
