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
}

// Comparison is what the table holds against what it should hold. Always: Expected = Matched + Wrong + Missing + Unproven.
type Comparison struct {
	Expected, Matched, Wrong, Missing, Unexpected, Unproven int64
	// FalseLate counts records that were reported late and are no may-drops.
	FalseLate int64
	// ByKind counts the expected rows.
	ByKind map[string]int64

	// The first of each, in the order of their windows, kinds and keys.
	WrongRows, MissingRows, UnexpectedRows []Difference
	FalseLateRecords                       []record.ID
}

// Difference is a row that is not as it should be.
type Difference struct {
	ID record.RowID
	// Expected is nil for an unexpected row, Actual for a missing one.
	Expected, Actual *record.Row
}

// OffendersKept bounds each list of a [Comparison].
const OffendersKept = 20

// Compare compares the table's rows with the expected ones.
func (o *Oracle) Compare(rows []record.Row, proof Proof) Comparison {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := Comparison{ByKind: make(map[string]int64)}
	open := o.openRows(proof.Unread)
	seen := make(map[record.RowID]bool, len(rows))
	for i := range rows {
		o.compareRow(&c, &rows[i], seen, open)
	}
	for id, r := range o.rows {
		expected, ok := o.expected(id, r)
		if !ok {
			continue
		}
		c.Expected++
		c.ByKind[id.Kind]++
		switch {
		case seen[id]:
		case proof.Undrained || open[id]:
			c.Unproven++
		default:
			c.Missing++
			c.MissingRows = append(c.MissingRows, Difference{ID: id, Expected: &expected})
		}
	}
	o.checkLate(&c, proof.Strays)
	c.WrongRows, c.MissingRows, c.UnexpectedRows = first(c.WrongRows), first(c.MissingRows), first(c.UnexpectedRows)
	return c
}

// compareRow judges one row of the table. A table holds a row once, so a second one under the same id is unexpected.
func (o *Oracle) compareRow(c *Comparison, actual *record.Row, seen, open map[record.RowID]bool) {
	var expected record.Row
	r, ok := o.rows[actual.RowID]
	if ok {
		expected, ok = o.expected(actual.RowID, r)
	}
	switch {
	case !ok || seen[actual.RowID]:
		c.Unexpected++
		c.UnexpectedRows = append(c.UnexpectedRows, Difference{ID: actual.RowID, Actual: actual})
		return
	case *actual == expected:
		c.Matched++
	case open[actual.RowID]:
		c.Unproven++
	default:
		c.Wrong++
		c.WrongRows = append(c.WrongRows, Difference{ID: actual.RowID, Expected: &expected, Actual: actual})
	}
	seen[actual.RowID] = true
}

// expected is the row as it should be; ok is false where all its records were dropped.
func (o *Oracle) expected(id record.RowID, r *row) (expected record.Row, ok bool) {
	total := r.sure
	if !o.single {
		for _, m := range r.mayDrops {
			if _, dropped := o.late[m.id]; !dropped {
				total.add(m.value, m.has)
			}
		}
	}
	expected = record.Row{RowID: id, WindowEnd: id.WindowStart + o.size, Count: total.count}
	expected.Sum, expected.Min, expected.Max = total.text()
	return expected, total.count > 0
}

// openRows are the rows that depend on records that were not read.
func (o *Oracle) openRows(unread iter.Seq2[record.ID, record.Event]) map[record.RowID]bool {
	open := make(map[record.RowID]bool)
	if unread == nil {
		return open
	}
	for _, event := range unread {
		if !event.Unreadable {
			open[record.RowID{Kind: event.Kind, Key: event.Key, WindowStart: o.windowStart(event.Time)}] = true
		}
	}
	return open
}

// checkLate finds the records that were reported late and are no may-drops. Up to so many strays may be among them: of a record that is
// no stray and was dropped, the row is wrong.
func (o *Oracle) checkLate(c *Comparison, strays int64) {
	allowed := make(map[record.ID]bool)
	for _, r := range o.rows {
		for _, m := range r.mayDrops {
			allowed[m.id] = true
		}
	}
	for id := range o.late {
		if !allowed[id] {
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
	c.FalseLateRecords = c.FalseLateRecords[:min(len(c.FalseLateRecords), OffendersKept)]
}

func first(list []Difference) []Difference {
	slices.SortFunc(list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.ID.WindowStart, b.ID.WindowStart), cmp.Compare(a.ID.Kind, b.ID.Kind), cmp.Compare(a.ID.Key, b.ID.Key))
	})
	return list[:min(len(list), OffendersKept)]
}
