package report

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"weir/result"
)

// WriteAll reads a run folder and writes into it everything that is made of it: the page, the summary, JUnit's XML and the benchmark
// format. What is there already is written again.
func WriteAll(path string) error {
	run, err := Read(path)
	if err != nil {
		return err
	}
	folder, err := result.Open(path)
	if err != nil {
		return err
	}
	var failed []error
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{{HTMLFile, run.WriteHTML}, {SummaryFile, run.WriteSummary}, {JUnitFile, run.WriteJUnit}, {BenchFile, run.WriteBench}} {
		failed = append(failed, folder.WriteFile(file.name, file.write))
	}
	return errors.Join(failed...)
}

// ErrNothing is wrapped by the error of [Again] for a folder that holds nothing that could be rendered.
var ErrNothing = errors.New("holds none of " + result.ResultFile + ", " + result.ComparisonFile + " and " + result.SizingFile +
	": it is no folder of weir's, or what it is of is not over, or was killed")

// Again renders a folder again: of a run as [WriteAll] does, of a comparison its summary and JUnit's XML, of a search for a size its page. It gives the file that
// is to be looked at.
func Again(path string) (file string, err error) {
	folder, err := result.Open(path)
	if err != nil {
		return "", err
	}
	switch {
	case folder.Has(result.ResultFile):
		file, err = HTMLFile, WriteAll(path)
	case folder.Has(result.SizingFile):
		file, err = SizingHTMLFile, WriteSizing(folder)
	case folder.Has(result.ComparisonFile):
		file, err = SummaryFile, writeComparison(folder)
	default:
		return "", fmt.Errorf("%s %w", path, ErrNothing)
	}
	return filepath.Join(path, file), err
}

func writeComparison(folder *result.Folder) error {
	c, err := folder.ReadComparison()
	if err != nil {
		return err
	}
	return Comparison{c}.write(folder)
}

// Page writes the HTML page of a run, or of a search for a size.
func Page(path string, w io.Writer) error {
	folder, err := result.Open(path)
	if err != nil || !folder.Has(result.SizingFile) {
		run, err := Read(path)
		if err != nil {
			return err
		}
		return run.WriteHTML(w)
	}
	s, err := folder.ReadSizing()
	if err != nil {
		return err
	}
	return writeSizingHTML(w, s)
}
