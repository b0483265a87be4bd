package table_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	gocmp "github.com/google/go-cmp/cmp"

	"weir/record"
	"weir/table"
)

// observed keeps how often a row was said to be written, and when last, and the level: what was said to be on its way and is not.
type observed struct {
	mu               sync.Mutex
	times            map[record.RowID]int
	last             time.Duration
	level, abandoned int
	handles          int // calls of Writing
}

func (o *observed) Writing(rows []record.Row, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.level += len(rows)
	o.handles++
}

func (o *observed) Abandoned(rows []record.Row, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.level -= len(rows)
	o.abandoned += len(rows)
}

func (o *observed) Written(rows []record.Row, at time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range rows {
		o.times[rows[i].RowID]++
	}
	o.level -= len(rows)
	o.last = at
}

func newTable(f *fake) (*table.Table, *observed) {
	o := &observed{times: map[record.RowID]int{}}
	return table.New(table.Config{Client: f, Name: "rows", Clock: record.NewClock(time.Now()), Observer: o}), o
}

func row(i int) record.Row {
	return record.Row{
		RowID: record.RowID{Kind: "order", Key: fmt.Sprintf("k%03d", i), WindowStart: 60_000}, WindowEnd: 120_000,
		Count: int64(i + 1), Sum: fmt.Sprintf("%d.5", i), Min: "-1", Max: "0.25",
	}
}

func rows(n int) []record.Row {
	rows := make([]record.Row, n)
	for i := range rows {
		rows[i] = row(i)
	}
	return rows
}

// requireRows fails unless the table holds exactly these rows.
func requireRows(t *testing.T, tab *table.Table, want []record.Row) {
	t.Helper()
	got, malformed, err := tab.Rows(t.Context())
	if err != nil || len(malformed) > 0 {
		t.Fatalf("malformed %q, error %v", malformed, err)
	}
	slices.SortFunc(got, func(a, b record.Row) int { return cmp.Compare(a.Key, b.Key) })
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestRowsAreReadBackAsTheyWereWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.page = 7
		tab, o := newTable(f)
		want := rows(120)
		if err := tab.Handle(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		requireRows(t, tab, want)
		if len(o.times) != len(want) || o.last == 0 {
			t.Errorf("the observer knows %d rows at %v", len(o.times), o.last)
		}
		if f.calls["BatchWriteItem"] != 5 || f.mostUnder < 2 || f.mostUnder > 4 {
			t.Errorf("%d calls, up to %d at once", f.calls["BatchWriteItem"], f.mostUnder)
		}
	})
}

func TestNoRowsAreNoCall(t *testing.T) {
	f := newFake()
	tab, _ := newTable(f)
	if err := tab.Handle(t.Context(), nil); err != nil || len(f.calls) > 0 {
		t.Errorf("error %v, calls %v", err, f.calls)
	}
}

func TestUnprocessedItemsAreWrittenUntilNoneIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.process = func(n, items int) int { return min(items, n%3*4) }
		tab, o := newTable(f)
		want := rows(25)
		if err := tab.Handle(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		requireRows(t, tab, want)
		for id, times := range o.times {
			if times != 1 {
				t.Errorf("row %s was written %d times", id, times)
			}
		}
		if len(o.times) != 25 {
			t.Errorf("the observer knows %d rows", len(o.times))
		}
	})
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	for name, fault := range map[string]error{
		"throttle":     throttle(),
		"server fault": &types.InternalServerError{},
		"no answer":    errors.New("connection refused"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.fault = func(_ string, n int) error {
					if n < 9 {
						return fault
					}
					return nil
				}
				tab, _ := newTable(f)
				want := rows(30)
				if err := tab.Handle(t.Context(), want); err != nil {
					t.Fatal(err)
				}
				requireRows(t, tab, want)
			})
		})
	}
}

func TestAWriteWithoutAnAnswerIsWrittenAgainAndSeenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.dropAnswer = func(n int) bool { return n < 2 }
		tab, o := newTable(f)
		want := rows(3)
		if err := tab.Handle(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		requireRows(t, tab, want)
		if o.times[want[0].RowID] != 1 {
			t.Errorf("written %d times", o.times[want[0].RowID])
		}
	})
}

func TestSilenceIsNotWaitedForWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.silent = func(_ string, n int) bool { return n == 0 }
		tab, o := newTable(f)
		want := rows(1)
		if err := tab.Handle(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if o.last < time.Second || o.last > time.Minute {
			t.Errorf("written at %v", o.last)
		}
		requireRows(t, tab, want)
	})
}

func TestARefusalForGoodNamesARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.fault = func(string, int) error { return invalid("no such attribute") }
		tab, o := newTable(f)
		err := tab.Handle(t.Context(), rows(60))
		if _, ok := errors.AsType[*smithy.GenericAPIError](err); !ok || !strings.Contains(err.Error(), "order k0") {
			t.Errorf("error %v", err)
		}
		if len(o.times) > 0 {
			t.Error("rows were said to be written")
		}
	})
}

func TestTheEndOfTheContextEndsTheRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.fault = func(string, int) error { return throttle() }
		tab, _ := newTable(f)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := tab.Handle(ctx, rows(1))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "slow down") {
			t.Errorf("error %v", err)
		}
		// Pauses of 1 to 2 seconds at the end: neither a flood of calls nor none.
		if n := f.calls["BatchWriteItem"]; n < 30 || n > 70 {
			t.Errorf("%d calls in a minute", n)
		}
	})
}

func TestTheLaterOfTwoRowsOfOneIDStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.process = func(n, items int) int { return min(items, n%2*25) }
		tab, _ := newTable(f)
		want := rows(40)
		given := append(slices.Clone(want[:10]), want...)
		for i := range 10 {
			given[i].Count = -1
		}
		if err := tab.Handle(t.Context(), given); err != nil {
			t.Fatal(err)
		}
		requireRows(t, tab, want)
	})
}

func TestARowThatNoItemHoldsIsRefusedByName(t *testing.T) {
	long, wide := row(1), row(2)
	long.Key = strings.Repeat("k", 2050)
	wide.Sum = strings.Repeat("9", 39)
	for _, bad := range []record.Row{long, wide} {
		f := newFake()
		tab, _ := newTable(f)
		err := tab.Handle(t.Context(), []record.Row{row(0), bad})
		if err == nil || !strings.Contains(err.Error(), "order k") || len(f.calls) > 0 {
			t.Errorf("error %v, calls %v", err, f.calls)
		}
	}
}

func TestForeignItemsAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		tab, _ := newTable(f)
		if err := tab.Handle(t.Context(), rows(1)); err != nil {
			t.Fatal(err)
		}
		foreign := func(pk string) item {
			return item{"pk": &types.AttributeValueMemberS{Value: pk}, "window_start": &types.AttributeValueMemberS{Value: "x"}}
		}
		f.put(foreign("b"))
		f.put(foreign("a"))
		got, malformed, err := tab.Rows(t.Context())
		if err != nil || len(got) != 1 {
			t.Fatalf("%d rows, error %v", len(got), err)
		}
		want := []string{
			`pk "a", window_start "x": kind is not a string`,
			`pk "b", window_start "x": kind is not a string`,
		}
		if diff := gocmp.Diff(want, malformed); diff != "" {
			t.Error(diff)
		}
	})
}

func TestATableThatCannotBeReadIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.exists = false
		tab, _ := newTable(f)
		if _, _, err := tab.Rows(t.Context()); err == nil || !strings.Contains(err.Error(), "rows") {
			t.Errorf("error %v", err)
		}
	})
}

func TestCreateWaitsUntilTheTableIsActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.exists, f.invisible, f.creating = false, 2, 3
		f.fault = func(operation string, n int) error {
			if operation == "CreateTable" && n == 0 {
				return throttle()
			}
			return nil
		}
		tab, _ := newTable(f)
		if err := tab.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
		if f.calls["DescribeTable"] != 6 {
			t.Errorf("%d looks", f.calls["DescribeTable"])
		}
	})
}

func TestCreateRefusesATableThatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tab, _ := newTable(newFake())
		err := tab.Create(t.Context())
		if _, inUse := errors.AsType[*types.ResourceInUseException](err); !inUse {
			t.Errorf("error %v", err)
		}
	})
}

func TestCreateDoesNotGuessAfterALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.exists = false
		f.fault = func(string, int) error { return errors.New("connection reset") }
		tab, _ := newTable(f)
		if err := tab.Create(t.Context()); err == nil || f.calls["CreateTable"] != 1 {
			t.Errorf("error %v after %d calls", err, f.calls["CreateTable"])
		}
	})
}

func TestDeleteWaitsForATableThatIsBeingMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.fault = func(operation string, n int) error {
			if operation == "DeleteTable" && n < 3 {
				return &types.ResourceInUseException{}
			}
			return nil
		}
		tab, _ := newTable(f)
		if err := tab.Delete(t.Context()); err != nil || f.exists {
			t.Errorf("error %v, exists %v", err, f.exists)
		}
		if err := tab.Delete(t.Context()); err != nil {
			t.Errorf("a table that does not exist: %v", err)
		}
	})
}

func TestALevelOfRowsOnTheirWayEndsAtZeroHoweverTheHandlesEnd(t *testing.T) {
	twice := append(rows(60), row(3), row(3))
	for name, c := range map[string]struct {
		rows        []record.Row
		conditional bool
		edit        func(*fake)
		fails       bool
		abandoned   int
		handles     int
	}{
		"all is well":            {rows: rows(60), handles: 1},
		"no rows":                {},
		"throttled":              {rows: rows(60), edit: func(f *fake) { f.fault = failing(5, throttle()) }, handles: 1},
		"some are left undone":   {rows: rows(60), edit: func(f *fake) { f.process = func(n, items int) int { return min(items, 3+n) } }, handles: 1},
		"twice in a call":        {rows: twice, handles: 1},
		"refused":                {rows: rows(60), edit: func(f *fake) { f.fault = failing(99, errRefused) }, fails: true, abandoned: 60, handles: 1},
		"refused later":          {rows: twice, edit: func(f *fake) { f.fault = after(3, errRefused) }, fails: true, abandoned: 2, handles: 1},
		"conditional":            {rows: rows(9), conditional: true, handles: 1},
		"conditional refused":    {rows: rows(9), conditional: true, edit: func(f *fake) { f.fault = failing(99, errRefused) }, fails: true, abandoned: 9, handles: 1},
		"no item can hold a row": {rows: append(rows(2), record.Row{RowID: record.RowID{Key: strings.Repeat("x", 4000)}}), fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				if c.edit != nil {
					c.edit(f)
				}
				o := &observed{times: map[record.RowID]int{}}
				tab := table.New(table.Config{Client: f, Name: "rows", Clock: record.NewClock(time.Now()), Observer: o, Conditional: c.conditional})
				if err := tab.Handle(t.Context(), c.rows); (err != nil) != c.fails {
					t.Error(err)
				}
				if o.level != 0 || o.abandoned != c.abandoned || o.handles != c.handles {
					t.Errorf("a level of %d, %d abandoned, told of %d Handles", o.level, o.abandoned, o.handles)
				}
			})
		})
	}
}

// errRefused is an error that no other attempt mends.
var errRefused = &smithy.GenericAPIError{Code: "AccessDeniedException", Fault: smithy.FaultClient}

// failing fails the first n calls of each operation, after the others.
func failing(n int, err error) func(string, int) error {
	return func(_ string, i int) error {
		if i < n {
			return err
		}
		return nil
	}
}

func after(n int, err error) func(string, int) error {
	return func(_ string, i int) error {
		if i < n {
			return nil
		}
		return err
	}
}
