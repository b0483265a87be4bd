package harness

import (
	"strings"
	"testing"

	"weir/record"
	"weir/result"
)

func TestARowWhoseSumNoNumberHoldsIsAWarning(t *testing.T) {
	var res result.Result
	warnOfSums(&res, []record.Row{{RowID: record.RowID{Kind: "o", Key: "none"}}, {RowID: record.RowID{Kind: "o", Key: "whole"}, Sum: "1", Min: "1", Max: "1"}})
	if len(res.Warnings) > 0 {
		t.Error(res.Warnings)
	}
	warnOfSums(&res, []record.Row{{RowID: record.RowID{Kind: "o", Key: "a"}, Count: 2, Min: "0.0000000001", Max: "1e30", WindowEnd: 60000}})
	if len(res.Warnings) != 1 || !strings.HasPrefix(res.Warnings[0], `1 row is without its sum, which no number of DynamoDB's holds: these have 38 digits, and are below 1E+126.`) || !strings.Contains(res.Warnings[0], `key "a", at 1970-01-01T00:00:00Z`) {
		t.Error(res.Warnings)
	}
}
