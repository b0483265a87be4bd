package result

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WindowsHeader is the header of windows.csv: window_start, kind, the key fields, count, and sum, min and max of the value, and its mean if the rows have
// one. A column is named by the last part of its field's dotted path, and by the full path where two columns would share a name.
func WindowsHeader(keyPaths []string, valuePath string, mean bool) []string {
	columns := append([]string{"window_start", "kind"}, keyPaths...)
	columns = append(columns, "count")
	for _, of := range []string{"sum", "min", "max", "mean"} {
		if mean || of != "mean" {
			columns = append(columns, valuePath+"_"+of)
		}
	}
	uses := make(map[string]int)
	for _, path := range columns {
		uses[lastPart(path)]++
	}
	for i, path := range columns {
		if last := lastPart(path); uses[last] == 1 {
			columns[i] = last
		}
	}
	return columns
}

// lastPart is what follows the last dot of a path; a dot inside a name is written \. there.
func lastPart(path string) string {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '.' && path[i-1] != '\\' {
			return strings.ReplaceAll(path[i+1:], `\.`, ".")
		}
	}
	return strings.ReplaceAll(path, `\.`, ".")
}

// WriteWindows writes windows.csv: RFC 4180 with LF, and below the header whole lines sorted by their bytes.
func (f *Folder) WriteWindows(header []string, rows [][]string) error {
	return f.WriteFile(WindowsFile, func(w io.Writer) error { return writeWindows(w, header, rows) })
}

func writeWindows(w io.Writer, header []string, rows [][]string) error {
	var text bytes.Buffer
	writer := csv.NewWriter(&text)
	ends := make([]int, 1+len(rows)) // of the lines, the header's first
	for i, row := range slices.Concat([][]string{header}, rows) {
		if len(row) != len(header) {
			return fmt.Errorf("row %d has %d columns, and the header %d: %q", i-1, len(row), len(header), row)
		}
		if err := writer.Write(row); err != nil {
			return fmt.Errorf("row %d: %w", i-1, err)
		}
		writer.Flush()
		ends[i] = text.Len()
	}
	if err := writer.Error(); err != nil {
		return err
	}
	lines := make([][]byte, len(rows))
	for i := range lines {
		lines[i] = text.Bytes()[ends[i]:ends[i+1]]
	}
	slices.SortFunc(lines, bytes.Compare)
	for _, line := range slices.Insert(lines, 0, text.Bytes()[:ends[0]]) {
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}
