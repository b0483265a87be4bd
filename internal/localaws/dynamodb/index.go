package dynamodb

import (
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"weir/internal/localaws/dynamodb/attribute"
)

// index is a secondary index: those items of its table that have its key, in the order of that key, each with the attributes that the index
// projects. The table's lock guards it.
type index struct {
	global     bool
	name, arn  string
	keySchema  []keySchemaElement
	projection projection
	throughput throughput               // of a global one
	throttle   atomic.Pointer[throttle] // of a global one; nil where no limits hold
	schema     schema
	projected  []string // nil for all attributes
	active     time.Time
	deleted    time.Time // when it leaves DELETING for good; zero while nobody deleted it
	items      sorted
	bytes      int64
}

// projection is what an index holds of an item beside the keys.
type projection struct {
	ProjectionType   string
	NonKeyAttributes []string `json:",omitempty"`
}

// describedIndex is an index as the operations on tables show it. A local one has no status and no throughput.
type describedIndex struct {
	IndexName             string
	IndexArn              string
	KeySchema             []keySchemaElement
	Projection            projection
	IndexStatus           string               `json:",omitempty"`
	Backfilling           bool                 `json:",omitempty"`
	ProvisionedThroughput *describedThroughput `json:",omitempty"`
	IndexSizeBytes        int64
	ItemCount             int64
}

func (x *index) status(now time.Time) string {
	switch {
	case !x.deleted.IsZero():
		return "DELETING"
	case now.Before(x.active):
		return "CREATING"
	}
	return "ACTIVE"
}

func (x *index) gone(now time.Time) bool { return !x.deleted.IsZero() && !now.Before(x.deleted) }

func (x *index) describe(now time.Time) describedIndex {
	d := describedIndex{
		IndexName: x.name, IndexArn: x.arn, KeySchema: x.keySchema, Projection: x.projection, IndexSizeBytes: x.bytes, ItemCount: int64(x.items.count),
	}
	if x.global {
		d.IndexStatus = x.status(now)
		d.Backfilling = d.IndexStatus == "CREATING"
		d.ProvisionedThroughput = &describedThroughput{throughput: x.throughput}
	}
	return d
}

// check refuses an item whose attribute is a key of the index and cannot be one. One that has not all of them is not in the index, and may be.
func (x *index) check(item attribute.Map) error {
	for _, k := range x.schema.attributes() {
		v, ok := item[k.name]
		if !ok {
			continue
		}
		if v.Type() != k.kind {
			return invalid("One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", k.name, k.kind, v.Type(), x.name)
		}
		if text, _ := attribute.SortKey(v); text == "" {
			return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: %s, IndexKey: %s", x.name, k.name)
		}
	}
	if x.has(item) {
		_, err := x.schema.place(item)
		return err
	}
	return nil
}

// has says that an item has the index's key.
func (x *index) has(item attribute.Map) bool {
	for _, k := range x.schema.attributes() {
		if v, ok := item[k.name]; !ok || v.Type() != k.kind {
			return false
		}
	}
	return item != nil
}

// place is where an item that has the index's key stands: items with the same key, in the order of their places in the table.
func (x *index) place(item attribute.Map, at place) (place, error) {
	in, err := x.schema.place(item)
	in.item = strconv.Itoa(len(at.pk)) + ":" + at.pk + at.order
	return in, err
}

// entry is an item as it stands in the index; nil if it does not.
//
// D10: An item is in an index if it has the index's key (Developer Guide, "Take advantage of sparse indexes")
func (x *index) entry(s *stored, at place) (place, *stored) {
	if s == nil || !x.has(s.item) {
		return place{}, nil
	}
	in, err := x.place(s.item, at)
	if err != nil { // a backfill passes over what could not be written now
		return place{}, nil
	}
	return in, x.project(s)
}

// project is an item with what the index holds of it.
func (x *index) project(s *stored) *stored {
	if x.projection.ProjectionType == "ALL" {
		return s
	}
	return newStored(only(s.item, x.projected))
}

// only is an item's attributes of these names.
func only(item attribute.Map, names []string) attribute.Map {
	some := attribute.Map{}
	for name, v := range item {
		if slices.Contains(names, name) {
			some[name] = v
		}
	}
	return some
}

// newIndex makes an index of what a request says of it.
func (t *table) newIndex(in *indexInput, global bool, keys schema, active time.Time) *index {
	x := &index{
		global: global, name: in.IndexName, arn: t.description.TableArn + "/index/" + in.IndexName, keySchema: in.KeySchema, projection: *in.Projection,
		schema: keys, active: active,
	}
	if in.ProvisionedThroughput != nil {
		x.throughput = *in.ProvisionedThroughput
	}
	if x.projection.ProjectionType != "ALL" {
		for _, s := range []schema{t.schema, keys} {
			for _, k := range s.attributes() {
				x.projected = append(x.projected, k.name)
			}
		}
		x.projected = append(x.projected, x.projection.NonKeyAttributes...)
	}
	return x
}

// fill puts the table's items into a new index. The lock is held.
func (t *table) fill(x *index) {
	for e := range t.items.from(place{}) {
		change := x.change(e.place, nil, e.stored)
		change.apply()
	}
}

// indexNamed is an index of the table that can be read or changed, nil for none. The lock is held.
func (t *table) indexNamed(name string, now time.Time) *index {
	for _, x := range t.indexes {
		if x.name == name && !x.gone(now) {
			return x
		}
	}
	return nil
}

// forget drops the indexes that are gone. The lock is held.
func (t *table) forget(now time.Time) {
	t.indexes = slices.DeleteFunc(t.indexes, func(x *index) bool { return x.gone(now) })
}
