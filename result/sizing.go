package result

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// SizingFile is the file that weir size keeps in its folder, written anew after each trial.
const SizingFile = "sizing.json"

// SizingVersion is the version of sizing.json that this weir writes, and the newest that it reads.
// Since version 2 a backlog is the whole one, and a use is demand over capacity, so that a part may be used more than 100 %.
const SizingVersion = 2

// Sizing is sizing.json: what was asked, what a model, a simulation and runs have said, and the answer. What is not known is absent.
type Sizing struct {
	Version int    `json:"version"`
	Weir    string `json:"weir"`
	// ResultVersion is that of the runs' result.json; absent, and read as zero, where it is 1.
	ResultVersion int    `json:"result_version,omitempty"`
	Scenario      string `json:"scenario"`
	Target        string `json:"target"`
	// Started is when the search began, and Seconds how long it took, its runs included; of one that was resumed, all parts of it.
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	// Find names what is looked for: shards, parallelism, output, table; or load.
	Find []string `json:"find"`
	// Finished says that the search came to its end. One that did not can be resumed.
	Finished bool `json:"finished"`

	// Verdict is pass, fail (nothing holds), inconclusive, void, error or interrupted, as of a run.
	Verdict  string   `json:"verdict"`
	ExitCode int      `json:"exit_code"`
	Reasons  []string `json:"reasons"`

	Plan   SizingPlan    `json:"plan"`
	Demand SizingDemand  `json:"demand"`
	Model  []SizingNeed  `json:"model"`
	Answer *SizingAnswer `json:"answer"`
	// Trials are the runs, in their order.
	Trials []SizingTrial `json:"trials"`
	// Simulated is how many simulations narrowed the search.
	Simulated int           `json:"simulated"`
	Advice    *SizingAdvice `json:"advice"`
	Costs     *SizingCosts  `json:"costs"`
	Sweep     *SizingSweep  `json:"sweep,omitempty"`
}

// SizingPlan is what the search was expected to take, before it began.
type SizingPlan struct {
	// Likely and Most are runs, RunSeconds is for one.
	Likely     int     `json:"likely_runs"`
	Most       int     `json:"most_runs"`
	RunSeconds float64 `json:"run_seconds"`
}

// SizingDemand is what the load asks, in its busiest seconds.
type SizingDemand struct {
	Records     int64   `json:"records"`
	Bytes       int64   `json:"bytes"`
	Seconds     float64 `json:"seconds"`
	PeakRecords int64   `json:"peak_records_per_second"`
	PeakBytes   int64   `json:"peak_bytes_per_second"`
	// Key is the partition key that takes most of a shard in a second, by its records or by its bytes, with both in that second.
	Key        string `json:"hottest_key"`
	KeyRecords int64  `json:"hottest_key_records_per_second"`
	KeyBytes   int64  `json:"hottest_key_bytes_per_second"`
	// WindowRows is how many rows the fullest window has, and RowBytes how large one is on the output stream.
	WindowRows    int64   `json:"fullest_window_rows"`
	WindowSeconds float64 `json:"window_seconds"`
	RowBytes      float64 `json:"row_bytes"`
}

// SizingConfig is a configuration that is tried. OutputShards is absent in a direct pipeline, WriteCapacity for an on-demand table.
type SizingConfig struct {
	Shards        int `json:"shards"`
	Parallelism   int `json:"parallelism"`
	OutputShards  int `json:"output_shards,omitempty"`
	WriteCapacity int `json:"write_capacity,omitempty"`
	// Load is a factor on the scenario's own load.
	Load float64 `json:"load"`
}

// SizingNeed is one line of the model: how much of a resource the load takes, and the formula with its numbers in it.
type SizingNeed struct {
	Resource string `json:"resource"`
	// Need is how much it takes; null where that cannot be told.
	Need    *float64 `json:"need"`
	Unit    string   `json:"unit"`
	Formula string   `json:"formula"`
	// Impossible says that no number of it is enough.
	Impossible bool `json:"impossible,omitempty"`
}

// SizingAnswer is what was looked for.
type SizingAnswer struct {
	SizingConfig
	// RecordsPerMinute is the load's mean rate, as far as the configuration holds it.
	RecordsPerMinute float64 `json:"records_per_minute"`
	// Sure is confirmed, held, simulated or model; Evidence says why.
	Sure     string   `json:"sure"`
	Evidence []string `json:"evidence"`
	// Use is the most that is asked of any part over a hold or over the whole feed, as a share of what it can do, and FeedSeconds how long the load comes, which is
	// how long a run has shown that it holds.
	Use         float64 `json:"use" since:"2"`
	FeedSeconds float64 `json:"feed_seconds" since:"2"`
	// TrendJudged is set if a hold was long enough for the trend of its backlogs to be judged.
	TrendJudged bool `json:"trend_judged" since:"2"`
	// WithHeadroom is what the model advises beside it: room for a restart, and no more than the utilisation asked for.
	WithHeadroom *SizingConfig `json:"with_headroom,omitempty"`
}

// SizingTrial is one run.
type SizingTrial struct {
	Number int `json:"number"`
	SizingConfig
	// Why says what the trial is to show.
	Why string `json:"why"`
	// Simulated is what the simulation said would come of it.
	Simulated *SizingSight `json:"simulated,omitempty"`
	Measured  SizingSight  `json:"measured"`
	// RecordCost is what a record kept a subtask busy for, in microseconds; absent where the scenario says what it costs.
	RecordCost *float64 `json:"record_cost_us,omitempty"`
	// Folder is the run folder, inside that of the search.
	Folder string `json:"folder"`
}

// SizingSight is what came of a run, simulated or real.
type SizingSight struct {
	// Holds reports whether every expectation was met, no backlog grows, and no part is used 100 % or more over a hold or over the whole feed.
	Holds   bool     `json:"holds"`
	Verdict string   `json:"verdict"`
	Reasons []string `json:"reasons,omitempty"`
	Seconds float64  `json:"seconds"`
	// Achieved is records a minute, of what was offered.
	Offered       float64  `json:"offered_per_minute"`
	Achieved      float64  `json:"achieved_per_minute"`
	WrittenP99    *float64 `json:"written_p99_ms,omitempty"`
	BacklogInput  *float64 `json:"backlog_input_seconds,omitempty"`
	BacklogOutput *float64 `json:"backlog_output_seconds,omitempty"`
	DrainedIn     *float64 `json:"drained_in_ms,omitempty"`
	Throttled     int64    `json:"throttled"`
	// Use is the most that is asked of any part over a hold or over the whole feed, as a share of what it can do, by the model; see [SizingUse].
	Use float64 `json:"use" since:"2"`
	// TrendJudged is set if a hold was long enough for the trend of its backlogs to be judged.
	TrendJudged bool `json:"trend_judged,omitempty"`
}

// SizingAdvice says in words what to do.
type SizingAdvice struct {
	// Uses are the parts of the pipeline, the busiest first.
	Uses []SizingUse `json:"uses"`
	// Words are the advice, a sentence each.
	Words []string `json:"words"`
}

// SizingUse is how much of one part the load uses: what is asked of it, as a share of what it can do. It may be more than 1.
type SizingUse struct {
	Part string `json:"part"`
	// PeakShare is that of its busiest second, FeedShare that of the whole feed.
	PeakShare float64 `json:"peak_share" since:"2"`
	FeedShare float64 `json:"feed_share" since:"2"`
	// BusyShare is all that version 1 has: the share of its busiest second for which the part was busy. Later versions do not have it.
	BusyShare float64 `json:"share,omitempty"`
	// HoldShare is the most over one hold, and HoldName its phase; absent where there is no hold.
	HoldShare *float64 `json:"hold_share,omitempty"`
	HoldName  string   `json:"hold,omitempty"`
	// SecondsOver counts the seconds with more than 1, and DrainedIn is the longest time, in seconds, until the part had made up for it; absent where there are none.
	SecondsOver int      `json:"seconds_over,omitempty"`
	DrainedIn   *float64 `json:"drained_in_seconds,omitempty"`
	Says        string   `json:"says"`
}

// TooMuch reports whether the part is used 100 % or more over a hold or over the whole feed. Its backlog grows then as long as the load comes.
func (u *SizingUse) TooMuch() bool {
	return u.FeedShare >= FullUse || u.HoldShare != nil && *u.HoldShare >= FullUse
}

// FullUse is a use of 100 %, but for what arithmetic adds.
const FullUse = 1 - 1e-9

// Percent writes a share in percent. Close to 100 it has a decimal, because there the decimal decides.
func Percent(share float64) string {
	if share > 0.985 && share < 1.015 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// SizingCosts are what configurations cost.
type SizingCosts struct {
	Region string `json:"region"`
	// Dated is when the prices were read.
	Dated string `json:"dated"`
	// Options are ways to run the load, the first of them as the answer says.
	Options []SizingCost `json:"options"`
	Notes   []string     `json:"notes,omitempty"`
}

// SizingCost is what one configuration costs in USD, before tax.
type SizingCost struct {
	Name string `json:"name"`
	SizingConfig
	PerHour  float64      `json:"usd_per_hour"`
	PerMonth float64      `json:"usd_per_month"`
	Items    []SizingItem `json:"items"`
	// Unknown names what no price is known of: the sums are without it.
	Unknown []string `json:"unknown,omitempty"`
	// Holds says whether the configuration holds the load, as far as it was simulated; absent where it was not.
	Holds *bool `json:"holds,omitempty"`
}

// SizingItem is one part of a cost.
type SizingItem struct {
	Name string `json:"name"`
	// Formula has the numbers in it; PerHour is null where the price is not known.
	Formula string   `json:"formula"`
	PerHour *float64 `json:"usd_per_hour"`
}

// SizingSweep is a grid of configurations, each simulated.
type SizingSweep struct {
	Points []SizingPoint `json:"points"`
	// Best are the places in Points of the cheapest that hold, the first one first.
	Best []int `json:"best"`
}

// SizingPoint is one configuration of a sweep.
type SizingPoint struct {
	SizingConfig
	SizingSight
	PerHour *float64 `json:"usd_per_hour,omitempty"`
}

// WholeBacklog reports whether the search was made with whole backlogs, and with uses that are demand over capacity. Those of an older version are only what a
// stream had stored and its first reader had not read, and the share of time for which a part was busy.
func (s *Sizing) WholeBacklog() bool {
	return s.Version >= SizingVersion && s.ResultVersion >= WholeBacklog
}

// check says what a trial lacks that every trial has.
func (t *SizingTrial) check() error {
	switch {
	case t.Shards < 1:
		return fmt.Errorf("%d shards", t.Shards)
	case t.Parallelism < 1:
		return fmt.Errorf("parallelism %d", t.Parallelism)
	case t.OutputShards < 0 || t.WriteCapacity < 0:
		return fmt.Errorf("%d output shards and %d write units", t.OutputShards, t.WriteCapacity)
	case !(t.Load > 0):
		return fmt.Errorf("a load of %g", t.Load)
	case t.Measured.Verdict == "":
		return errors.New("nothing was measured")
	case t.RecordCost != nil && !(*t.RecordCost > 0):
		return fmt.Errorf("a record that costs %g µs", *t.RecordCost)
	}
	return nil
}

// WriteSizing writes sizing.json.
func (f *Folder) WriteSizing(s *Sizing) error {
	return f.WriteFile(SizingFile, func(w io.Writer) error {
		complete := *s
		complete.Version, complete.ResultVersion = SizingVersion, Version
		complete.Reasons, complete.Trials = orEmpty(s.Reasons), orEmpty(s.Trials)
		return write(w, &complete)
	})
}

// ErrNoSizing is wrapped by the error of [Folder.ReadSizing] for a folder that holds no search.
var ErrNoSizing = errors.New("holds no " + SizingFile)

// ReadSizing reads sizing.json, of this version or an older one.
func (f *Folder) ReadSizing() (*Sizing, error) {
	path := filepath.Join(f.path, SizingFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s %w", f.path, ErrNoSizing)
	}
	if err != nil {
		return nil, fmt.Errorf("sizing: %w", err)
	}
	var s Sizing
	if err := parse(path, text, &s, SizingVersion); err != nil {
		return nil, err
	}
	for i := range s.Trials {
		if err := s.Trials[i].check(); err != nil {
			return nil, fmt.Errorf("%s: trial %d of %d: %w", path, i+1, len(s.Trials), err)
		}
	}
	return &s, nil
}
