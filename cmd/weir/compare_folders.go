package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"weir/measure/regression"
	"weir/measure/verdict"
	"weir/report"
	"weir/result"
)

// folders compares runs that were made before.
func (c *comparison) folders(a, b string) (int, error) {
	if sameFolder(a, b) {
		return 0, hinted("name the folder of another run, or of other runs", fmt.Errorf("what is compared is one folder: %s", a))
	}
	sideA, err := c.readSide(regression.SideA, a)
	if err != nil {
		return 0, err
	}
	sideB, err := c.readSide(regression.SideB, b)
	if err != nil {
		return 0, err
	}
	return c.unpaired(a, b, sideA, sideB, nil, regression.Facts{Void: sideA.void(sideB)})
}

func sameFolder(a, b string) bool {
	infoA, err := os.Stat(a)
	if err != nil {
		return false
	}
	infoB, err := os.Stat(b)
	return err == nil && os.SameFile(infoA, infoB)
}

// unpaired compares runs that are no pairs, and finishes.
func (c *comparison) unpaired(nameA, nameB string, a, b *runsOfSide, noise map[string]float64, facts regression.Facts) (int, error) {
	if c.options.out != "" && c.folder == nil {
		if err := c.makeFolder(c.options.out); err != nil {
			return 0, err
		}
	}
	c.result.A, c.result.B = a.side(nameA), b.side(nameB)
	c.result.Metrics = regression.Unpaired(c.gates, a.counted, b.counted, noise)
	if len(a.counted) > 0 && len(b.counted) > 0 {
		c.result.Warnings = append(c.result.Warnings, differences(&a.counted[0], &b.counted[0])...)
	}
	if len(a.counted) == 1 && len(b.counted) == 1 {
		c.result.Warnings = append(c.result.Warnings,
			"one run of each: they differ as shown, and how much two runs of the same differ is not known; several runs, in two folders or by scenario, can tell")
	}
	facts.A, facts.B = a.counted, b.counted
	return c.finish(facts)
}

// differences are what keeps the numbers of two runs from being compared without a thought.
func differences(a, b *regression.Run) []string {
	var warnings []string
	for _, part := range []struct{ what, a, b string }{
		{"the scenario", a.Result.Scenario, b.Result.Scenario},
		{"the target", a.Result.Target, b.Result.Target},
		{"the machine", machine(&a.Result.Host), machine(&b.Result.Host)},
		{"weir", a.Result.Weir, b.Result.Weir},
	} {
		if part.a != part.b {
			warnings = append(warnings, fmt.Sprintf("%s of A is %s, and of B %s", part.what, part.a, part.b))
		}
	}
	return warnings
}

// machine is what a run folder knows of its machine.
func machine(h *result.Host) string {
	return strings.TrimSpace(fmt.Sprintf("%s/%s, %d CPUs %s", h.OS, h.Arch, h.CPUs, h.CPU))
}

// runsOfSide are the runs of a side that was given as a folder.
type runsOfSide struct {
	counted []regression.Run
	voids   int
}

func (s *runsOfSide) side(name string) result.ComparedSide {
	side := result.ComparedSide{Name: name}
	if len(s.counted) > 0 {
		side.Scenario = s.counted[0].Result.Scenario
	}
	return side
}

// void says that a side has void runs, and no other.
func (s *runsOfSide) void(other *runsOfSide) string {
	for name, side := range map[string]*runsOfSide{"A": s, "B": other} {
		if side.voids > 0 && len(side.counted) == 0 {
			return fmt.Sprintf("void: all runs of %s are void", name)
		}
	}
	return ""
}

// readSide reads a run folder, or a folder of run folders. A run that says nothing is left out, and named; it is a mistake where it is the only one, unless
// it is void.
func (c *comparison) readSide(side, path string) (*runsOfSide, error) {
	folders := []string{path}
	if _, err := os.Stat(filepath.Join(path, result.ResultFile)); errors.Is(err, os.ErrNotExist) {
		if folders, err = runFolders(path); err != nil {
			return nil, err
		}
	}
	runs := &runsOfSide{}
	for _, folder := range folders {
		run, err := readRunFolder(folder)
		if err != nil {
			return nil, asNoRun(err)
		}
		counts := regression.Counts(run.Result)
		c.result.Runs = append(c.result.Runs, result.ComparedRun{Side: side, Folder: folder, Verdict: run.Result.Verdict, Counted: counts})
		switch {
		case counts:
			runs.counted = append(runs.counted, run)
			continue
		case run.Result.Verdict == verdict.Void:
			runs.voids++
		case len(folders) == 1:
			return nil, usage("%s: the run's verdict is %s: its figures are not those of a whole run", folder, run.Result.Verdict)
		}
		c.result.Warnings = append(c.result.Warnings, fmt.Sprintf("%s is left out: its verdict is %s", folder, run.Result.Verdict))
	}
	if len(runs.counted) == 0 && runs.voids == 0 {
		return nil, usage("%s: no run in it is whole", path)
	}
	return runs, nil
}

// runFolders are the folders below a folder that hold a run. One that is being written, or was left by a run that was killed, is an error.
func runFolders(path string) ([]string, error) {
	if _, err := os.Stat(filepath.Join(path, result.ComparisonFile)); err == nil {
		return nil, usage("%s is the folder of a comparison, and has the runs of both sides", path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, entry := range entries {
		folder := filepath.Join(path, entry.Name())
		_, started := os.Stat(filepath.Join(folder, result.ScenarioFile))
		_, over := os.Stat(filepath.Join(folder, result.ResultFile))
		if started == nil || over == nil {
			folders = append(folders, folder)
		}
	}
	if len(folders) == 0 {
		return nil, &usageError{err: fmt.Errorf("%s %w", path, report.ErrNoRun)}
	}
	return folders, nil
}

// readRunFolder reads what a comparison needs of a run folder, and refuses one of an older version.
func readRunFolder(path string) (regression.Run, error) {
	folder, err := result.Open(path)
	if err != nil {
		return regression.Run{}, err
	}
	r, err := folder.ReadResult()
	if errors.Is(err, os.ErrNotExist) {
		return regression.Run{}, fmt.Errorf("%s %w", path, report.ErrNoRun)
	}
	if err != nil {
		return regression.Run{}, err
	}
	if err := r.CheckCurrent(path); err != nil {
		return regression.Run{}, err
	}
	series, err := folder.ReadSeries()
	if err != nil {
		return regression.Run{}, err
	}
	return regression.Run{Folder: path, Result: r, CPUPerRecord: regression.CPUPerRecord(series)}, nil
}
