package measure

import (
	"time"

	"weir/measure/backlog"
	"weir/record"
)

// tableRows are the rows that were handed to the table and are not acknowledged, each once. In a direct pipeline that begins with their firing, for nothing but
// the table is behind it. They belong to the lock of [Rows].
type tableRows struct {
	direct bool
	size   func(*record.Row) int // nil where nobody asks
	level  backlog.Level
	ages   backlog.Ages
	handed map[record.RowID]*handedRow // of a routed pipeline
}

// handedRow is a row that waits for the table.
type handedRow struct {
	due   time.Duration
	bytes int64
	times int // how often it was handed over and is not acknowledged
}

func (t *tableRows) add(row *record.Row, due time.Duration) *handedRow {
	h := &handedRow{due: due, times: 1}
	if t.size != nil {
		h.bytes = int64(t.size(row))
	}
	t.level.Add(1, h.bytes)
	t.ages.Add(due, 1)
	return h
}

func (t *tableRows) remove(h *handedRow, at time.Duration) {
	t.level.Add(-1, -h.bytes)
	t.aged(h, at)
}

// aged takes note of how long a row has waited, which waits no longer, or not as the firing that it was.
func (t *tableRows) aged(h *handedRow, at time.Duration) {
	t.ages.Remove(h.due)
	if h.due != record.NoDue {
		t.level.Aged(at - h.due)
	}
}

// fired takes a row of a direct pipeline that comes to be on its way.
func (t *tableRows) fired(f *flight, row *record.Row, due time.Duration) {
	if t.direct {
		f.handed = t.add(row, due)
	}
}

// over takes a row that is not on its way any more.
func (t *tableRows) over(f *flight, at time.Duration) {
	if f.handed != nil {
		t.remove(f.handed, at)
		f.handed = nil
	}
}

// renew takes a row whose oldest firing was written, and that has others.
func (t *tableRows) renew(h *handedRow, due, at time.Duration) {
	t.aged(h, at)
	h.due = due
	t.ages.Add(due, 1)
}

// take takes a row of a routed pipeline that is handed over.
func (t *tableRows) take(row *record.Row, due time.Duration) {
	if t.direct {
		return
	}
	if h := t.handed[row.RowID]; h != nil {
		h.times++
		return
	}
	t.handed[row.RowID] = t.add(row, due)
}

// left takes a row that was acknowledged, or that is no more asked for.
func (t *tableRows) left(id record.RowID, at time.Duration) {
	h := t.handed[id]
	if h == nil {
		return
	}
	if h.times--; h.times == 0 {
		t.remove(h, at)
		delete(t.handed, id)
	}
}
