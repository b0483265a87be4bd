package dynamodb

import (
	"sync"
	"time"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/limits"
)

// table is one table. The description is fixed at its creation; the lifecycle belongs to the service's lock, the items to
// the table's own, which is never held over I/O.
type table struct {
	description tableDescription // as described, without what changes
	schema      schema
	tags        []tag

	active  time.Time // when it leaves CREATING
	deleted time.Time // when it leaves DELETING for good; zero while nobody deleted it

	start   time.Time      // of the clock of writes
	writes  *limits.Bucket // write units; nil where no limits hold
	savedUp float64        // write units, at most

	mu    sync.RWMutex
	items sorted
	bytes int64
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
	return &d
}

func (t *table) get(at place) *stored {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.items.get(at)
}

// write replaces the item at a place by what change makes of it, nil for none. Nothing else happens to the item between
// the two; after an error it is as it was.
func (t *table) write(at place, change func(old *stored) (*stored, error)) (old, now *stored, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old = t.items.get(at)
	now, err = change(old)
	// A write whose condition fails is charged as well (developer guide, "Provisioned capacity mode").
	if !t.admit(writeUnits(old, now)) {
		return old, nil, throttled()
	}
	if err != nil {
		return old, nil, err
	}
	t.replace(at, now)
	return old, now, nil
}

// replace puts an item in place of the one at a place, nil for none, and gives the one that was there. The lock is held.
func (t *table) replace(at place, by *stored) (old *stored) {
	old = t.items.get(at)
	t.bytes += int64(by.bytes() - old.bytes())
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
	t.items, t.bytes = sorted{}, 0
}
