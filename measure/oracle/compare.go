package oracle

import (
	"cmp"
	"iter"
	"slices"

	"weir/record"
)

// Proof is what a comparison has to know beside the rows.
type Proof struct {
	// Unread are the records that are stored and were not read when the run had to end: rows that depend on them are not proved.
	Unread iter.Seq2[record.ID, record.Event]
	// Undrained says that the flush did not get through, so that windows may still be open: a row that is not in the table is
	// not proved to be missing.
	Undrained bool
	// Strays is how many records were read that are no send's: stored twice, or by somebody else. One of them that comes late is rightly
	// dropped, and no record that the oracle knows.
	Strays int64
	// Elsewhere says that a row was taken by a function that is not seen to write: if it is not in the table, it is not proved to be missing. Nil says it of
	// none.
	Elsewhere func(record.RowID) bool
}

// Comparison is what the table holds against what it should hold. Always: Expected = Matched + Wrong + Missing + Unproven + Elsewhere.
type Comparison struct {
	Expected, Matched, Wrong, Missing, Unexpected, Unproven, Elsewhere int64
	// FalseLate counts records that were reported late and are no may-drops.
	FalseLate int64
	// ByKind counts the expected rows.
	ByKind map[string]int64

	// Each in the order of their windows, kinds and keys, or of their shards and sequence numbers.
	WrongRows, MissingRows, UnexpectedRows []Difference
	FalseLateRecords                       []record.ID
}

// Difference is a row that is not as it should be.
type Difference struct {
	ID record.RowID
	// Expected is nil for an unexpected row, Actual for a missing one.
	Expected, Actual *record.Row
}

// Compare compares the table's rows with the expected ones.
func (o *Oracle) Compare(rows []record.Row, proof Proof) Comparison {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := Comparison{ByKind: make(map[string]int64)}
	seen := make(map[record.RowID]bool, len(rows))
	expected := o.expected()
	for id := range expected {
		c.Expected++
		c.ByKind[id.Kind]++
	}
	open := o.openRows(proof.Unread)
	for i := range rows {
		o.compareRow(&c, &rows[i], expected, open, seen[rows[i].RowID])
		seen[rows[i].RowID] = true
	}
	for id, a := range expected {
		switch {
		case proof.Elsewhere != nil && proof.Elsewhere(id):
			c.Elsewhere++
			continue
		case proof.Undrained || open[id]:
			c.Unproven++
			continue
		}
		row := o.row(id, a)
		c.Missing++
		c.MissingRows = append(c.MissingRows, Difference{ID: id, Expected: &row})
	}
	o.checkLate(&c, proof.Strays)
	sortRows(c.WrongRows)
	sortRows(c.MissingRows)
	sortRows(c.UnexpectedRows)
	return c
}

// compareRow judges one row of the table, and strikes it off the expected ones. A table holds a row once, so a second one under the same id is unexpected.
func (o *Oracle) compareRow(c *Comparison, actual *record.Row, left map[record.RowID]*aggregate, open map[record.RowID]bool, again bool) {
	a, ok := left[actual.RowID]
	if !ok && !again && o.older(actual, false) {
		c.Expected++
		c.ByKind[actual.Kind]++
		c.Matched++
		return
	}
	if !ok {
		c.Unexpected++
		c.UnexpectedRows = append(c.UnexpectedRows, Difference{ID: actual.RowID, Actual: actual})
		return
	}
	delete(left, actual.RowID)
	switch expected := o.row(actual.RowID, a); {
	case *actual == expected, o.older(actual, true):
		c.Matched++
	case open[actual.RowID]:
		c.Unproven++
	default:
		c.Wrong++
		c.WrongRows = append(c.WrongRows, Difference{ID: actual.RowID, Expected: &expected, Actual: actual})
	}
}

func (o *Oracle) row(id record.RowID, a *aggregate) record.Row {
	return a.row(id, id.WindowStart+o.size, o.config.Mean)
}

// expected are the rows as they should be, each made of its panes. One whose records were all dropped is not among them.
func (o *Oracle) expected() map[record.RowID]*aggregate {
	rows := make(map[record.RowID]*aggregate)
	for id, p := range o.panes.all() {
		for row := range o.windows(id) {
			part := o.part(p, row.WindowStart+o.size)
			if part.count == 0 {
				continue
			}
			if a := rows[row]; a != nil {
				a.merge(&part)
			} else {
				rows[row] = &part
			}
		}
	}
	return rows
}

// windows are the rows that a pane is a part of.
func (o *Oracle) windows(pane record.RowID) iter.Seq[record.RowID] {
	return func(yield func(record.RowID) bool) {
		row := pane
		for row.WindowStart = pane.WindowStart + o.slide - o.size; row.WindowStart <= pane.WindowStart; row.WindowStart += o.slide {
			if !yield(row) {
				return
			}
		}
	}
}

// part is what a window that ends at end has of a pane.
func (o *Oracle) part(p *pane, end int64) aggregate {
	part := p.sure
	for _, m := range p.mayDrops {
		over, reported := o.late[m.id]
		if o.single {
			over, reported = m.over, true
		}
		if !reported || end > over {
			part.add(m.value, m.has)
		}
	}
	return part
}

// openRows are the rows that depend on records that were not read.
func (o *Oracle) openRows(unread iter.Seq2[record.ID, record.Event]) map[record.RowID]bool {
	open := make(map[record.RowID]bool)
	if unread == nil {
		return open
	}
	for _, event := range unread {
		if event.Unreadable {
			continue
		}
		for row := range o.windows(record.RowID{Kind: event.Kind, Key: event.Key, WindowStart: o.paneStart(event.Time)}) {
			open[row] = true
		}
	}
	return open
}

// checkLate finds the records that were reported late and are no may-drops, or not of as many windows. Up to so many strays may be among them: of a record
// that is no stray and was dropped, the row is wrong.
func (o *Oracle) checkLate(c *Comparison, strays int64) {
	allowed := o.allowed()
	for id, over := range o.late {
		if most, ok := allowed[id]; !ok || over > most {
			c.FalseLate++
			c.FalseLateRecords = append(c.FalseLateRecords, id)
		}
	}
	if c.FalseLate <= strays {
		c.FalseLate, c.FalseLateRecords = 0, nil
	}
	slices.SortFunc(c.FalseLateRecords, func(a, b record.ID) int {
		return cmp.Or(cmp.Compare(a.Shard, b.Shard), record.CompareSequence(a.Sequence, b.Sequence))
	})
}

// allowed are the may-drops among the records that were reported late, with the end of the last window that may have been over.
func (o *Oracle) allowed() map[record.ID]int64 {
	allowed := make(map[record.ID]int64, len(o.late))
	newest := greatest{}
	for _, g := range o.shards {
		if g.known && (!newest.known || g.time > newest.time) {
			newest = *g
		}
	}
	for _, p := range o.panes.all() {
		for _, m := range p.mayDrops {
			if _, reported := o.late[m.id]; reported {
				allowed[m.id] = min(m.over, newest.over)
			}
		}
	}
	return allowed
}

func sortRows(list []Difference) {
	slices.SortFunc(list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.ID.WindowStart, b.ID.WindowStart), cmp.Compare(a.ID.Kind, b.ID.Kind), cmp.Compare(a.ID.Key, b.ID.Key))
	})
}
