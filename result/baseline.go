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

// BaselineFile is the name of a baseline's file, in the folder that holds its runs and their scenario.yaml.
const BaselineFile = "baseline.json"

// BaselineVersion is the version of baseline.json that this weir writes, and the newest that it reads.
const BaselineVersion = 1

// ErrNoBaseline is wrapped by the error of [Folder.ReadBaseline] for a folder that holds none.
var ErrNoBaseline = errors.New("holds no baseline.json: weir baseline makes one")

// Baseline is baseline.json: several runs of one scenario on one machine, which others are held against.
type Baseline struct {
	Version int       `json:"version"`
	Weir    string    `json:"weir"`
	Made    time.Time `json:"made"`
	// ResultVersion is that of the runs' result.json.
	ResultVersion int    `json:"result_version"`
	Scenario      string `json:"scenario"`
	Target        string `json:"target"`
	Host          Host   `json:"host"`
	// Runs are the folders of the runs that count, below the baseline's own.
	Runs []string `json:"runs"`
	// Noise is, by metric, the standard deviation of the runs in percent of their value: of a logarithm, so that it is one of ratios. A metric that was not
	// measured in all of them has none.
	Noise map[string]float64 `json:"noise_percent"`
}

// WriteBaseline writes baseline.json.
func (f *Folder) WriteBaseline(b *Baseline) error {
	return f.WriteFile(BaselineFile, func(w io.Writer) error {
		return write(w, b)
	})
}

// ReadBaseline reads baseline.json, of this version or an older one.
func (f *Folder) ReadBaseline() (*Baseline, error) {
	path := filepath.Join(f.path, BaselineFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s %w", f.path, ErrNoBaseline)
	}
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	var b Baseline
	if err := parse(path, text, &b, BaselineVersion); err != nil {
		return nil, err
	}
	for _, run := range b.Runs {
		if !filepath.IsLocal(run) {
			return nil, fmt.Errorf("%s: the run %q is not in the baseline's folder", path, run)
		}
	}
	return &b, nil
}
