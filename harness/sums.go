package harness

import (
	"fmt"

	"weir/record"
	"weir/result"
)

// warnOfSums says that rows are without a sum, though they had values: it has more digits than a number of DynamoDB's.
func warnOfSums(res *result.Result, rows []record.Row) {
	without, first := 0, -1
	for i := range rows {
		if rows[i].Sum != "" || rows[i].Min == "" {
			continue
		}
		if without++; first < 0 {
			first = i
		}
	}
	if without == 0 {
		return
	}
	what := "rows are without their sum, which has"
	if without == 1 {
		what = "row is without its sum, which has"
	}
	row := &rows[first]
	res.Warnings = append(res.Warnings, fmt.Sprintf("%d %s over 38 digits, and DynamoDB's numbers have no more: as that of kind %q, key %q, at %s",
		without, what, row.Kind, row.Key, row.Time(row.WindowStart)))
}
