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

// ComparisonFile is the name of a comparison's file, in a folder of its own that holds the runs, too.
const ComparisonFile = "comparison.json"

// ComparisonVersion is the version of comparison.json that this weir writes.
const ComparisonVersion = 1

// The methods of a comparison.
const (
	Paired   = "paired"
	Unpaired = "unpaired"
)

// Comparison is comparison.json: B held against A. What was not measured, or what too few runs cannot say, is null.
type Comparison struct {
	Version int       `json:"version"`
	Weir    string    `json:"weir"`
	Started time.Time `json:"started"`
	// ResultVersion is that of the runs' result.json; absent, and read as zero, where it is 1.
	ResultVersion int `json:"result_version,omitempty"`
	// Method is paired or unpaired.
	Method string       `json:"method"`
	A      ComparedSide `json:"a"`
	B      ComparedSide `json:"b"`
	// Pairs were asked for, and PairsCompared are complete; absent where the runs are no pairs.
	Pairs         int `json:"pairs,omitempty"`
	PairsCompared int `json:"pairs_compared,omitempty"`

	// Differs is what differs between the resolved scenarios: the first lines that only one of them has, behind the name of its side.
	Differs []string `json:"differs"`

	// Verdict is same, improved, regressed, inconclusive, void, error or interrupted.
	Verdict  string   `json:"verdict"`
	ExitCode int      `json:"exit_code"`
	Reasons  []string `json:"reasons"`
	Warnings []string `json:"warnings"`

	Metrics []ComparedMetric `json:"metrics"`
	Runs    []ComparedRun    `json:"runs"`
}

// ComparedSide is one of the two that were compared.
type ComparedSide struct {
	// Name is as the user gave it.
	Name     string `json:"name"`
	Scenario string `json:"scenario"`
	// Runs counts the ones that were compared.
	Runs int `json:"runs"`
}

// ComparedMetric is what the runs say of one metric.
type ComparedMetric struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	// Better is lower or higher.
	Better string `json:"better"`
	// Verdict is same, improved, regressed, inconclusive or not_measured.
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
	// A and B are the medians of the sides' runs.
	A *float64 `json:"a"`
	B *float64 `json:"b"`
	// Change is the Hodges-Lehmann estimate of B over A in percent of A, and Low to High its interval, which really has the confidence of Confidence percent.
	Change     *float64 `json:"change_percent"`
	Low        *float64 `json:"low_percent"`
	High       *float64 `json:"high_percent"`
	Confidence *float64 `json:"confidence_percent"`
	// P is two-sided and exact, and Adjusted is P by Holm's procedure over all metrics.
	P        *float64 `json:"p"`
	Adjusted *float64 `json:"p_holm"`
	// Spread is the standard deviation of the pairs' changes, or of the runs of a side.
	Spread *float64 `json:"spread_percent"`
	// Margin is the greater one of the relative and the absolute floor; Noise is what two equal things of that spread differ by. The floor is the greater one.
	Margin *float64 `json:"margin_percent"`
	Noise  *float64 `json:"noise_percent"`
	// Needed is about how many pairs, or runs of each side, would give a verdict; absent where there is one, or where it would be over a thousand.
	Needed int `json:"needed,omitempty"`
	// ValuesA and ValuesB are those of the runs, in their order, pair by pair.
	ValuesA []*float64 `json:"values_a"`
	ValuesB []*float64 `json:"values_b"`
}

// ComparedRun is a run of a comparison.
type ComparedRun struct {
	// Side is a or b.
	Side string `json:"side"`
	// Pair is the number of its pair, from 1; absent where the runs are no pairs.
	Pair    int    `json:"pair,omitempty"`
	Folder  string `json:"folder"`
	Verdict string `json:"verdict"`
	// Counted is false for a run that says nothing, as a void one: it was repeated, or left out.
	Counted bool `json:"counted"`
}

// Complete is the comparison with empty lists where the format promises a list.
func (c *Comparison) Complete() *Comparison {
	all := *c
	all.Version, all.ResultVersion = ComparisonVersion, Version
	all.Reasons, all.Warnings = orEmpty(all.Reasons), orEmpty(all.Warnings)
	all.Differs = orEmpty(all.Differs)
	all.Metrics, all.Runs = orEmpty(all.Metrics), orEmpty(all.Runs)
	return &all
}

// ErrNoComparison is wrapped by the error of [Folder.ReadComparison] for a folder that holds no comparison.
var ErrNoComparison = errors.New("holds no " + ComparisonFile)

// ReadComparison reads comparison.json, of this version or an older one.
func (f *Folder) ReadComparison() (*Comparison, error) {
	path := filepath.Join(f.path, ComparisonFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s %w", f.path, ErrNoComparison)
	}
	if err != nil {
		return nil, fmt.Errorf("comparison: %w", err)
	}
	var c Comparison
	if err := parse(path, text, &c, ComparisonVersion); err != nil {
		return nil, err
	}
	return &c, nil
}

// WriteComparison writes comparison.json.
func (f *Folder) WriteComparison(c *Comparison) error {
	return f.WriteFile(ComparisonFile, func(w io.Writer) error {
		return write(w, c.Complete())
	})
}
