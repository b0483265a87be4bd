package result

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The files of a run folder.
const (
	ResultFile   = "result.json"
	LatencyFile  = "latency.hlog"
	SeriesFile   = "series.csv"
	WindowsFile  = "windows.csv"
	ScenarioFile = "scenario.yaml"
	// OffendersFile is there only if something is wrong.
	OffendersFile = "offenders.csv"
)

// ErrNotEmpty is the error of [Create] where the folder already holds something: a run never overwrites another.
var ErrNotEmpty = errors.New("the run folder is not empty")

// ErrNoFolder is the error of [Open] where there is no folder of that name.
var ErrNoFolder = errors.New("there is no such folder")

// Folder is a run folder.
type Folder struct{ path string }

// DefaultPath is where a run of that scenario, started at that time, goes unless the user says otherwise.
func DefaultPath(scenario string, started time.Time) string {
	return filepath.Join("runs", started.UTC().Format("20060102T150405Z")+"-"+fileName(scenario))
}

// fileName keeps what is harmless in the name of a file.
func fileName(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '-'
	}, text)
}

// Create makes the folder, with its parents. One that is there and empty will do; else the error wraps [ErrNotEmpty].
func Create(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s: %w", path, ErrNotEmpty)
	}
	return &Folder{path: path}, nil
}

// Open opens the folder of a run that is over. The error wraps [ErrNoFolder] where there is none.
func Open(path string) (*Folder, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.IsDir():
		return nil, fmt.Errorf("%s: %w", path, ErrNoFolder)
	case err != nil:
		return nil, fmt.Errorf("run folder: %w", err)
	}
	return &Folder{path: path}, nil
}

// Path is where the folder is.
func (f *Folder) Path() string { return f.path }

// WriteResult writes result.json.
func (f *Folder) WriteResult(r *Result) error {
	return f.WriteFile(ResultFile, func(w io.Writer) error {
		return write(w, r.Complete())
	})
}

// Complete is the result with empty lists where the format promises a list.
func (r *Result) Complete() *Result {
	c := *r
	if c.Version == 0 {
		c.Version = Version
	}
	c.Reasons = orEmpty(c.Reasons)
	c.Warnings = orEmpty(c.Warnings)
	c.Expectations = orEmpty(c.Expectations)
	if c.Latency == nil {
		c.Latency = map[string]Latency{}
	}
	if c.Backlog == nil {
		c.Backlog = map[string]Backlog{}
	}
	return &c
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// ReadResult reads result.json, of this version or an older one.
func (f *Folder) ReadResult() (*Result, error) {
	path := filepath.Join(f.path, ResultFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	var r Result
	if err := parse(path, text, &r, Version); err != nil {
		return nil, err
	}
	return &r, nil
}

// Has says that the folder has a file or a folder of that name.
func (f *Folder) Has(name string) bool {
	_, err := os.Lstat(filepath.Join(f.path, name))
	return err == nil
}
