package dynamodb

import "weir/internal/localaws/dynamodb/attribute"

// change is what a write does: to the item at a place, and to the indexes that have it.
type change struct {
	table   *table
	at      place
	old, by *stored // nil for none
	indexes []indexChange
}

// change is that of putting an item, nil for none, at a place. The lock is held for as long as the change is used.
func (t *table) change(at place, by *stored) change {
	c := change{table: t, at: at, old: t.items.get(at), by: by}
	for _, x := range t.indexes {
		if change := x.change(at, c.old, by); change.was != nil || change.is != nil {
			c.indexes = append(c.indexes, change)
		}
	}
	return c
}

// cost is what the change takes of the table and of its indexes. One that is being deleted costs nothing.
func (c *change) cost() cost {
	all := cost{table: writeUnits(c.old, c.by)}
	for i := range c.indexes {
		x := &c.indexes[i]
		if x.index.deleted.IsZero() {
			from, to := x.units()
			all.addIndex(x.index, from+to)
		}
	}
	return all
}

// admit takes the units of the change, of the table and of its indexes, or nothing; its error says what was not there. What is refused has changed
// nothing.
//
// D7: A write is throttled where one of its global indexes has no units for it (Developer Guide, "Global secondary indexes")
func (c *change) admit() error {
	all := c.takings()
	for i, taking := range all {
		if why := taking.of.take(writing, taking.hash, taking.units); why != nil {
			for _, taken := range all[:i] {
				taken.of.spend(writing, taken.hash, -taken.units)
			}
			return taking.of.throttled(*why)
		}
	}
	return nil
}

// taking is units of one partition key.
type taking struct {
	of    *throttle
	hash  uint64
	units float64
}

// takings is what the change takes, and where: an entry of an index is of a partition of its own.
func (c *change) takings() []taking {
	if c.table.throttle.Load() == nil {
		return nil
	}
	all := []taking{{c.table.throttle.Load(), c.at.hash, writeUnits(c.old, c.by)}}
	for i := range c.indexes {
		x := &c.indexes[i]
		if !x.index.deleted.IsZero() {
			continue
		}
		of := c.table.throttleOf(x.index)
		from, to := x.units()
		all = append(all, taking{of, x.from.hash, from}, taking{of, x.to.hash, to})
	}
	return all
}

// apply does it.
func (c *change) apply() {
	t := c.table
	t.bytes += int64(c.by.bytes() - c.old.bytes())
	for i := range c.indexes {
		c.indexes[i].apply()
	}
	if c.by == nil {
		t.items.remove(c.at)
		return
	}
	t.items.put(c.at, c.by)
}

// indexChange is what a write does to an index: an entry goes from one place, and another comes to a place; they may be the same.
type indexChange struct {
	index    *index
	from, to place
	was, is  *stored // nil for none
}

// change is what it is for the index that an item of the table is replaced.
func (x *index) change(at place, old, by *stored) indexChange {
	c := indexChange{index: x}
	c.from, c.was = x.entry(old, at)
	c.to, c.is = x.entry(by, at)
	return c
}

// units is what the change costs, where the entry was and where it is: nothing where it stays as it is; a write where it comes, goes or changes; and
// two where its key changes.
//
// D11: A write costs an index one unit or more where its entry comes, goes or changes, and two or more where the entry's key changes (Developer Guide, "Global secondary indexes")
func (c *indexChange) units() (from, to float64) {
	switch {
	case c.is == nil:
		return writeUnits(c.was, nil), 0
	case c.was == nil:
		return 0, writeUnits(nil, c.is)
	case c.from != c.to:
		return writeUnits(c.was, nil), writeUnits(nil, c.is)
	case attribute.Equal(c.was.item, c.is.item):
		return 0, 0
	}
	return 0, writeUnits(c.was, c.is)
}

// apply does it.
func (c *indexChange) apply() {
	x := c.index
	x.bytes += int64(c.is.bytes() - c.was.bytes())
	if c.was != nil && (c.is == nil || c.from != c.to) {
		x.items.remove(c.from)
	}
	if c.is != nil {
		x.items.put(c.to, c.is)
	}
}
