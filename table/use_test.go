package table_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"

	"weir/record"
	"weir/table"
)

func TestThrottlesAreCountedByTheirReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		reasons := func(all ...string) (told []types.ThrottlingReason) {
			for _, reason := range all {
				told = append(told, types.ThrottlingReason{Reason: aws.String(reason)})
			}
			return told
		}
		faults := []error{
			&types.ProvisionedThroughputExceededException{ThrottlingReasons: reasons("TableWriteProvisionedThroughputExceeded", "IndexWriteProvisionedThroughputExceeded")},
			&types.ThrottlingException{ThrottlingReasons: reasons("TableWriteKeyRangeThroughputExceeded")},
			&types.RequestLimitExceeded{},
		}
		f.fault = func(_ string, n int) error {
			if n < len(faults) {
				return faults[n]
			}
			return nil
		}
		f.process = func(n, items int) int { return min(items, 4+10*(n-len(faults))) }
		tab, _ := newTable(f)
		if err := tab.Handle(t.Context(), rows(10)); err != nil {
			t.Fatal(err)
		}
		want := table.Use{
			Throttled: map[string]int64{
				"TableWriteProvisionedThroughputExceeded": 10, "IndexWriteProvisionedThroughputExceeded": 10, "TableWriteKeyRangeThroughputExceeded": 10, "no reason given": 10,
			},
			Unprocessed: 6,
		}
		if diff := gocmp.Diff(want, tab.Use()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWritesArePacedToTheUnitsThatTheyMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		tab := table.New(table.Config{Client: f, Name: "rows", Clock: record.NewClock(time.Now()), Pace: 10})
		start := time.Now()
		if err := tab.Handle(t.Context(), rows(100)); err != nil {
			t.Fatal(err)
		}
		// A second's worth at once, and the last call of 25 pays for what it takes after it has gone out.
		if took := time.Since(start); took < 7*time.Second || took > 10*time.Second {
			t.Errorf("100 rows of one unit at 10 units a second took %s", took)
		}
		requireRows(t, tab, rows(100))
	})
}

func TestANewerRowStaysWhereWritesAreConditional(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.dropAnswer = nil
		tab := table.New(table.Config{Client: f, Name: "rows", Clock: record.NewClock(time.Now()), Conditional: true})
		newer, older, same := row(1), row(1), row(2)
		older.Count, newer.Count = 3, 5
		for _, given := range [][]record.Row{{newer, same}, {older}, {same}, {older, newer}} {
			if err := tab.Handle(t.Context(), given); err != nil {
				t.Fatal(err)
			}
		}
		requireRows(t, tab, []record.Row{newer, same})
		if u := tab.Use(); u.Superseded != 2 || f.calls["BatchWriteItem"] != 0 {
			t.Errorf("%+v, calls %v", u, f.calls)
		}
	})
}
