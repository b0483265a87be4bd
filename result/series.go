package result

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// Series writes series.csv: one line a second of the run, each on the disk before the next one.
type Series struct {
	file    io.WriteCloser
	columns int
	line    []string
}

// CreateSeries starts series.csv: its first column is second, then come the ones named.
func (f *Folder) CreateSeries(columns []string) (*Series, error) {
	file, err := f.Stream(SeriesFile)
	if err != nil {
		return nil, err
	}
	s := &Series{file: file, columns: len(columns)}
	if err := s.write(append([]string{"second"}, columns...)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// Write appends one line: at is the end of the interval since the start of the run, and NaN, what was not observed, leaves its
// cell empty.
func (s *Series) Write(at time.Duration, values []float64) error {
	if len(values) != s.columns {
		return fmt.Errorf("%s: %d values for %d columns", SeriesFile, len(values), s.columns)
	}
	s.line = append(s.line[:0], plain(math.Round(at.Seconds()*1000)/1000))
	for _, value := range values {
		cell := ""
		if !math.IsNaN(value) {
			cell = plain(value)
		}
		s.line = append(s.line, cell)
	}
	return s.write(s.line)
}

// write writes a line in one piece, so that a run that ends at once leaves whole lines.
func (s *Series) write(fields []string) error {
	var line bytes.Buffer
	writer := csv.NewWriter(&line)
	if err := writer.Write(fields); err != nil {
		return fmt.Errorf("%s: %w", SeriesFile, err)
	}
	writer.Flush()
	_, err := s.file.Write(line.Bytes())
	return err
}

// Close closes the file.
func (s *Series) Close() error { return s.file.Close() }

func plain(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
