package measure

import (
	"strconv"

	"weir/record"
)

// WindowLines are rows as the lines of windows.csv, for that many key fields, with their means or without: see [result.WindowsHeader]. A row that somebody
// else put into the table, with another number of key parts, is shown all the same: parts that it lacks are empty, and what it has
// too many of stands joined in the last column.
func WindowLines(rows []record.Row, keys int, mean bool) [][]string {
	lines := make([][]string, len(rows))
	for i := range rows {
		row := &rows[i]
		line := append([]string{row.Time(row.WindowStart), row.Kind}, keyColumns(row.Key, keys)...)
		lines[i] = append(line, strconv.FormatInt(row.Count, 10), row.Sum, row.Min, row.Max)
		if mean {
			lines[i] = append(lines[i], row.Mean)
		}
	}
	return lines
}

func keyColumns(key string, keys int) []string {
	parts := record.SplitKey(key)
	if len(parts) > keys && keys > 0 {
		parts = append(parts[:keys-1:keys-1], record.JoinKey(parts[keys-1:]))
	}
	columns := make([]string, keys)
	copy(columns, parts)
	return columns
}
