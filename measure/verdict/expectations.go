package verdict

import (
	"fmt"

	"weir/result"
)

// always judges the expectations that hold for every run. Wrong counts rows that are wrong, missing or must not be there, and
// records that were dropped as late and were not. Not observed is not passed.
func always(f *Facts) []result.Expectation {
	lost := float64(f.Records.Lost)
	expectations := []result.Expectation{
		{Text: "lost == 0", Observed: &lost, Unit: "records", Verdict: passIf(lost == 0)},
		{Text: "wrong == 0", Unit: "rows", Verdict: Fail},
	}
	if f.Rows != nil {
		rows := float64(wrongRows(f.Rows))
		expectations[1].Observed, expectations[1].Verdict = &rows, passIf(rows == 0)
	}
	return expectations
}

// wrongRows are those that are wrong, missing or must not be there, and the records that were dropped as late and were not.
func wrongRows(r *result.Rows) int64 { return r.Wrong + r.Missing + r.Unexpected + r.FalseLate }

func passIf(ok bool) string {
	if ok {
		return Pass
	}
	return Fail
}

// warnings lists what a run may pass with and its reader should know.
func warnings(f *Facts) []string {
	var warnings []string
	for _, trouble := range troubles(&f.Before) {
		warnings = append(warnings, "already before the run, "+trouble)
	}
	r := &f.Records
	for _, part := range []struct {
		records int64
		what    string
	}{
		{r.Skipped, "of the recording skipped, not fit to be scheduled"},
		{r.Unreadable, "unreadable for the aggregator"},
		{r.Late, "dropped as late: their windows had fired"},
		{r.Reordered, "stored after a later one of the same shard"},
		{r.Duplicated, "stored more than once"},
		{r.Phantom, "read that this run did not send"},
	} {
		if part.records > 0 {
			warnings = append(warnings, fmt.Sprintf("%s %s", count(part.records, "record"), part.what))
		}
	}
	if f.Rows != nil && f.Rows.Handled > 0 {
		warnings = append(warnings, fmt.Sprintf("%s taken by functions whose writes are not seen, and not proved", count(f.Rows.Handled, "row")))
	}
	if f.Rows != nil && f.Rows.RoutedTwice > 0 {
		warnings = append(warnings, fmt.Sprintf("%s taken by more than one route", count(f.Rows.RoutedTwice, "row")))
	}
	if f.Rows != nil && f.Rows.Expected > 0 && f.Rows.Flushed == f.Rows.Expected {
		warnings = append(warnings, "every row was fired by the flush, so that no latency of a row was measured")
	}
	return warnings
}
