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

// busy refuses to change a table that is something else than ACTIVE.
func (t *table) busy(now time.Time) error {
	doing := map[string]string{"CREATING": "created", "UPDATING": "updated", "DELETING": "deleted"}[t.status(now)]
	if doing == "" {
		return nil
	}
	return inUse("Attempt to change a resource which is still in use: Table is being " + doing + ": " + t.description.TableName)
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

// charge takes the units of a read of an item, if they are there, and says what they are.
func (t *table) charge(at place, found *stored, consistent bool) (cost, error) {
	c := cost{table: readUnits(found.bytes(), consistent)}
	limit := t.throttle.Load()
	if why := limit.take(reading, at.hash, c.table); why != nil {
		return cost{}, limit.throttled(*why)
	}
	return c, nil
}

// write replaces the item at a place by what update makes of it, nil for none. Nothing else happens to the item between
// the two; after an error it is as it was. With the error that a condition failed, update gives what the item would have been.
//
// D8: A write whose condition fails is charged as well, by the larger of the item that is there and the one that would be (Developer Guide, "Provisioned capacity mode")
func (t *table) write(at place, update func(old *stored) (*stored, error)) (old, now *stored, c cost, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old = t.items.get(at)
	now, failed := update(old)
	if failed == nil {
		failed = t.indexable(now)
	}
	if failed != nil && !isConditionFailed(failed) {
		return old, nil, cost{}, failed
	}
	change := t.change(at, now)
	if failed != nil {
		change.indexes = nil // which it never came to
	}
	if err := change.admit(); err != nil {
		return old, nil, cost{}, err
	}
	if failed != nil {
		return old, nil, cost{}, failed
	}
	change.apply()
	return old, now, change.cost(), nil
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

// clear removes every item.
func (t *table) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.items, t.bytes, t.indexes = sorted{}, 0, nil
}
