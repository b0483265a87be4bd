package harness

import (
	"fmt"

	"weir/record"
	"weir/result"
)

// warnOfSums says that rows are without a sum, though they had values: it has more digits than a number of DynamoDB's, or is greater or smaller than one.
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
	what := "rows are without their sum, which"
	if without == 1 {
		what = "row is without its sum, which"
	}
	row := &rows[first]
	res.Warnings = append(res.Warnings, fmt.Sprintf("%d %s no number of DynamoDB's holds: these have 38 digits, and are below 1E+126. An example is that of kind %q, key %q, at %s",
		without, what, row.Kind, row.Key, row.Time(row.WindowStart)))
}
