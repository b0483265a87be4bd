package dynamodb

import (
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/localaws/dynamodb/attribute"
)

// table is one table. The description and the lifecycle belong to the service's lock, the items to
// the table's own, which is never held over I/O.
type table struct {
	name        string
	description tableDescription // as described, without what changes with the items; it belongs to the service's lock
	schema      schema
	tags        []tag

	active  time.Time // when it leaves CREATING
	settled time.Time // when it leaves UPDATING, once it was ACTIVE
	deleted time.Time // when it leaves DELETING for good; zero while nobody deleted it

	throttle atomic.Pointer[throttle] // nil where no limits hold

	mu      sync.RWMutex
	items   sorted
	bytes   int64
	indexes []*index
}

// stored is an item as a table holds it. It is never changed: a write puts another in its place.
type stored struct {
	item attribute.Map
	size int
}

func newStored(item attribute.Map) *stored { return &stored{item, item.ItemSize()} }

// attributes is the item, nil for none.
func (s *stored) attributes() attribute.Map {
	if s == nil {
		return nil
	}
	return s.item
}

// bytes is the item's size, 0 for none.
func (s *stored) bytes() int {
	if s == nil {
		return 0
	}
	return s.size
}

// status is the table's state at a time.
func (t *table) status(now time.Time) string {
	switch {
	case !t.deleted.IsZero():
		return "DELETING"
	case now.Before(t.active):
		return "CREATING"
	case now.Before(t.settled):
		return "UPDATING"
	}
	return "ACTIVE"
}

func (t *table) gone(now time.Time) bool { return !t.deleted.IsZero() && !now.Before(t.deleted) }

// describe is the table as DescribeTable shows it.
func (t *table) describe(now time.Time) *tableDescription {
	d := t.description
	d.TableStatus = t.status(now)
	t.mu.RLock()
	defer t.mu.RUnlock()
	d.ItemCount, d.TableSizeBytes = int64(t.items.count), t.bytes
	for _, x := range t.indexes {
		switch {
		case x.gone(now):
		case x.global:
			d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, x.describe(now))
		default:
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, x.describe(now))
		}
	}
	return &d
}

func (t *table) get(at place) *stored {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.items.get(at)
}

// fetch reads an item, if the units are there, and says what that cost.
func (t *table) fetch(at place, consistent bool) (*stored, cost, error) {
	found := t.get(at)
	c := cost{table: readUnits(found.bytes(), consistent)}
	limit := t.throttle.Load()
	if why := limit.refuses(reading, at.hash, c.table); why != nil {
		return nil, cost{}, limit.throttled(*why)
	}
	limit.spend(reading, at.hash, c.table)
	return found, c, nil
}

// write replaces the item at a place by what change makes of it, nil for none. Nothing else happens to the item between
// the two; after an error it is as it was.
//
// D8: A write whose condition fails is charged as well (Developer Guide, "Provisioned capacity mode")
func (t *table) write(at place, change func(old *stored) (*stored, error)) (old, now *stored, c cost, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old = t.items.get(at)
	now, err = change(old)
	if err == nil {
		err = t.indexable(now)
	}
	c = cost{table: writeUnits(old, now)}
	if err == nil {
		c = t.writeCost(at, old, now)
	}
	// A write whose condition fails is charged as well (developer guide, "Provisioned capacity mode").
	if throttled := t.admit(at, c); throttled != nil {
		return old, nil, c, throttled
	}
	if err != nil {
		return old, nil, c, err
	}
	t.replace(at, now)
	return old, now, c, nil
}

// indexable refuses an item that one of the indexes cannot hold. The lock is held.
func (t *table) indexable(s *stored) error {
	for _, x := range t.indexes {
		if !x.deleted.IsZero() {
			continue
		}
		if err := x.check(s.attributes()); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) indexableNow(s *stored) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.indexable(s)
}

// replace puts an item in place of the one at a place, nil for none, and gives the one that was there. The lock is held.
func (t *table) replace(at place, by *stored) (old *stored) {
	old = t.items.get(at)
	t.bytes += int64(by.bytes() - old.bytes())
	for _, x := range t.indexes {
		x.replace(at, old, by)
	}
	if by == nil {
		t.items.remove(at)
		return old
	}
	t.items.put(at, by)
	return old
}

// clear removes every item.
func (t *table) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.items, t.bytes, t.indexes = sorted{}, 0, nil
}
