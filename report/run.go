// Package report makes of a run folder what people and their tools read: a page, a summary, JUnit's XML, Go's benchmark format. It shows what
// the folder holds and computes nothing that is not in it: what was not measured is said to be so.
package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"weir/result"
)

// ErrNoRun is wrapped by the error of [Read] for a folder that holds no run, or one that is not over. Where there is no folder it is [result.ErrNoFolder].
var ErrNoRun = errors.New("holds no result.json: it is no run folder, or its run is not over, or was killed")

// oldBacklog labels the figures of version 1 of result.json.
const oldBacklog = "made by an older weir (result.json of version 1): each backlog here is only what was stored and not read, and not the whole"

// Run is a run folder that was read.
type Run struct {
	Result *result.Result
	// Series is nil where the run broke before its first second.
	Series *result.Table
	// Scenario is the text of scenario.yaml, as resolved; empty where there is none.
	Scenario string

	latencies latencies
}

// Read reads a run folder. A file that is damaged is an error that names it; one that the run did not come to is not.
func Read(path string) (*Run, error) {
	folder, err := result.Open(path)
	if err != nil {
		return nil, err
	}
	run := &Run{}
	if run.Result, err = folder.ReadResult(); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s %w", path, ErrNoRun)
	}
	if err != nil {
		return nil, err
	}
	if run.Series, err = folder.ReadSeries(); err != nil {
		return nil, err
	}
	if run.latencies, err = readLatencies(path, run.Result.Started); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(path, result.ScenarioFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	run.Scenario = string(text)
	return run, nil
}

// warnings are the run's, behind a label of its backlogs where it is of an old version.
func (r *Run) warnings() []string {
	if r.Result.HasWholeBacklog() {
		return r.Result.Warnings
	}
	return append([]string{oldBacklog}, r.Result.Warnings...)
}
