package oracle

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"weir/record"
)

// pane is what one row has of one pane, a part of a slide's length that windows are made of.
type pane struct {
	start    int64
	sure     aggregate
	mayDrops []mayDrop
}

// mayDrop is a record that may have come when windows were over.
type mayDrop struct {
	id    record.ID
	over  int64 // the end of the last of them, or asTheStream
	value decimal
	has   bool
}

// panes are those with a record, of each kind and key in the order of their starts: a record's is nearly always the last of its key, and is found without a look
// at another pane.
type panes struct {
	byName map[name]*series
}

// name is what rows of different windows have in common.
type name struct{ kind, key string }

// series is the panes of one name.
type series struct{ panes []pane }

func newPanes() panes { return panes{byName: make(map[name]*series)} }

// at finds or makes a pane, to be used before the next one is made. Its names are copied, so that they do not keep the data of a whole record in memory.
func (p *panes) at(kind, key string, start int64) *pane {
	s := p.byName[name{kind, key}]
	if s == nil {
		s = &series{}
		p.byName[name{strings.Clone(kind), strings.Clone(key)}] = s
	}
	if last := len(s.panes) - 1; last >= 0 && s.panes[last].start == start {
		return &s.panes[last]
	}
	i, found := s.find(start)
	if !found {
		s.panes = slices.Insert(s.panes, i, pane{start: start})
	}
	return &s.panes[i]
}

// find is where the pane is that starts then, or where it is to be.
func (s *series) find(start int64) (i int, found bool) {
	if last := len(s.panes) - 1; last < 0 || s.panes[last].start < start {
		return len(s.panes), false
	}
	return slices.BinarySearchFunc(s.panes, start, func(p pane, start int64) int { return cmp.Compare(p.start, start) })
}

// get is a pane, nil where no record is in it.
func (p *panes) get(id record.RowID) *pane {
	s := p.byName[name{id.Kind, id.Key}]
	if s == nil {
		return nil
	}
	if i, found := s.find(id.WindowStart); found {
		return &s.panes[i]
	}
	return nil
}

// all goes over the panes. The id is that of a row whose window starts where the pane does.
func (p *panes) all() iter.Seq2[record.RowID, *pane] {
	return func(yield func(record.RowID, *pane) bool) {
		for name, s := range p.byName {
			for i := range s.panes {
				if !yield(record.RowID{Kind: name.kind, Key: name.key, WindowStart: s.panes[i].start}, &s.panes[i]) {
					return
				}
			}
		}
	}
}
