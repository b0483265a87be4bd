package report

import (
	"errors"
	"io"

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
