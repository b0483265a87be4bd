package dynamodb

import (
	"maps"
	"slices"
	"strings"
	"time"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/dynamodb/expression"
)

// view is what a Query or Scan reads: a table, or one of its indexes.
type view struct {
	*table
	index  *index // nil for the table itself
	schema schema
}

// view is what a read of the table names.
func (t *table) view(indexName string) (view, error) {
	if indexName == "" {
		return view{t, nil, t.schema}, nil
	}
	now := time.Now()
	t.mu.RLock()
	defer t.mu.RUnlock()
	x := t.indexNamed(indexName, now)
	switch {
	case x == nil || x.status(now) == "DELETING":
		return view{}, invalid("The table does not have the specified index: %s", indexName)
	case x.status(now) == "CREATING":
		return view{}, invalid("Cannot read from backfilling global secondary index: %s", indexName)
	}
	return view{t, x, x.schema}, nil
}

// checkReading refuses what an index cannot answer.
//
// D12: A global index is not read consistently (API reference, Query, ConsistentRead)
func (v view) checkReading(in *readParameters) error {
	x := v.index
	switch {
	case x == nil && in.Select == "ALL_PROJECTED_ATTRIBUTES":
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	case x == nil || !x.global:
		return nil
	case in.ConsistentRead:
		return invalid("Consistent reads are not supported on global secondary indexes")
	case in.Select == "ALL_ATTRIBUTES" && x.projected != nil:
		return invalid("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", x.name)
	}
	return nil
}

// checkProjection refuses a projection of what a global index has not got. A local one takes it from the table.
func (v view) checkProjection(p *expression.Projection) error {
	if v.index == nil || !v.index.global || v.index.projected == nil {
		return nil
	}
	missing := slices.DeleteFunc(p.Attributes(), func(name string) bool { return slices.Contains(v.index.projected, name) })
	if len(missing) > 0 {
		return invalid("One or more parameter values were invalid: Global secondary index %s does not project [%s]", v.index.name, strings.Join(missing, ", "))
	}
	return nil
}

// sorted is the items. The lock is held.
func (v view) sorted() *sorted {
	if v.index != nil {
		return &v.index.items
	}
	return &v.items
}

// throttle is what limits reads of the view.
func (v view) limit() *throttle {
	if v.index != nil {
		return v.throttleOf(v.index)
	}
	return v.throttle.Load()
}

// cost is that of a read.
func (v view) cost(units float64) cost {
	if v.index == nil {
		return cost{table: units}
	}
	return cost{indexes: map[*index]float64{v.index: units}}
}

// key is what identifies an item: in an index, the table's key as well.
func (v view) key(item attribute.Map) attribute.Map {
	key := v.schema.key(item)
	if v.index != nil {
		maps.Copy(key, v.table.schema.key(item))
	}
	return key
}

// place is where an item of such a key stands.
func (v view) place(key attribute.Map) (place, error) {
	at, err := v.schema.place(key)
	if err != nil || v.index == nil {
		return at, err
	}
	in, err := v.table.schema.place(key)
	if err != nil {
		return place{}, err
	}
	return v.index.place(key, in)
}

// matches says that a key is such a one.
func (v view) matches(key attribute.Map) bool {
	if v.index == nil {
		return v.schema.matches(key)
	}
	all := make(map[string]attribute.Type)
	for _, s := range []schema{v.schema, v.table.schema} {
		for _, k := range s.attributes() {
			all[k.name] = k.kind
		}
	}
	for name, kind := range all {
		if value, ok := key[name]; !ok || value.Type() != kind {
			return false
		}
	}
	return len(key) == len(all)
}

// whole is an item as a reader of the view wants it: with attributes that a local index has not got, which it takes from the table.
func (v view) whole(s *stored, wanted bool) *stored {
	if v.index == nil || v.index.global || v.index.projected == nil || !wanted {
		return s
	}
	in, err := v.table.schema.place(s.item)
	if err != nil {
		return s
	}
	return v.items.get(in)
}
