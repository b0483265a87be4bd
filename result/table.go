package result

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// Table is series.csv as it was read.
type Table struct {
	// Columns are the names of the columns behind the first, in their order.
	Columns []string
	// Seconds is the first column: the end of each interval, since the start of the run.
	Seconds []float64

	values map[string][]float64
}

// Column has a value for each line, NaN where nothing was observed; nil, if there is no such column.
func (t *Table) Column(name string) []float64 { return t.values[name] }

// ReadSeries reads series.csv. It is nil if the run broke before there was one. A last line that was not written to its end, for the run was killed,
// is left out.
func (f *Folder) ReadSeries() (*Table, error) {
	path := filepath.Join(f.path, SeriesFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	defer func() { _ = file.Close() }() // it was read
	t, err := readTable(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func readTable(r io.Reader) (*Table, error) {
	reader := csv.NewReader(r)
	reader.ReuseRecord = true
	head, err := reader.Read()
	if err == io.EOF {
		return &Table{}, nil
	}
	if err != nil {
		return nil, err
	}
	if head[0] != "second" {
		return nil, fmt.Errorf("its first column is %q, and not second", head[0])
	}
	t := &Table{Columns: append([]string(nil), head[1:]...), values: make(map[string][]float64, len(head))}
	for {
		cells, err := reader.Read()
		if err == io.EOF {
			return t, nil
		}
		if short := errors.Is(err, csv.ErrFieldCount) && len(cells) < len(head); short && ended(reader) {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		if err := t.add(cells); err != nil {
			line, _ := reader.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func ended(reader *csv.Reader) bool {
	_, err := reader.Read()
	return err == io.EOF
}

func (t *Table) add(cells []string) error {
	second, err := strconv.ParseFloat(cells[0], 64)
	if err != nil {
		return err
	}
	t.Seconds = append(t.Seconds, second)
	for i, cell := range cells[1:] {
		value := math.NaN()
		if cell != "" {
			if value, err = strconv.ParseFloat(cell, 64); err != nil {
				return err
			}
		}
		t.values[t.Columns[i]] = append(t.values[t.Columns[i]], value)
	}
	return nil
}
