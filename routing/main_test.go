package routing

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weir/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// table is one that keeps what it got.
type table struct {
	mu    sync.Mutex
	calls [][]record.Row
	at    []time.Time
	// before, if set, may fail or delay the n-th call, counted from 0.
	before func(ctx context.Context, n int) error
	n      int
}

func (s *table) Handle(ctx context.Context, rows []record.Row) error {
	s.mu.Lock()
	n := s.n
	s.n++
	s.mu.Unlock()
	if s.before != nil {
		if err := s.before(ctx, n); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, rows)
	s.at = append(s.at, time.Now())
	return nil
}

// keys are the keys of all rows, in the order of the calls.
func (s *table) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for _, rows := range s.calls {
		for i := range rows {
			keys = append(keys, rows[i].Key)
		}
	}
	return keys
}

// rowsOf makes a fired row of each key.
func rowsOf(kind string, keys ...string) []record.Fired {
	rows := make([]record.Fired, len(keys))
	for i, key := range keys {
		id := record.RowID{Kind: kind, Key: key, WindowStart: 3_600_000}
		rows[i] = record.Fired{Row: record.Row{RowID: id, WindowEnd: 7_200_000, Count: 2, Sum: "-1.5", Min: "-2", Max: "0.5"}, Trigger: time.Second}
	}
	return rows
}

// writes is a function that does nothing but write.
func writes(to Table) Function { return NewBuiltin(BuiltinConfig{Table: to}) }

// tableFunc is a function as a table.
type tableFunc func(ctx context.Context, rows []record.Row) error

func (f tableFunc) Handle(ctx context.Context, rows []record.Row) error { return f(ctx, rows) }

// function is a function as a function.
type function func(ctx context.Context, batch *Batch) (Answer, error)

func (f function) Invoke(ctx context.Context, batch *Batch) (Answer, error) { return f(ctx, batch) }
