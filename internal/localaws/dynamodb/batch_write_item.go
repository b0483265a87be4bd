package dynamodb

import (
	"context"
	"maps"
	"slices"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/wire"
	"weir/limits"
)

// BatchWriteItem puts and deletes up to 25 items in any tables. A call is checked as a whole, and refused as a whole where
// one of its requests is bad or two have the same key; then each request is done on its own.
//
// What a table has no write units for is left unprocessed; where that is everything, the call is throttled. The bound of 16 MB cannot be reached by 25 items
// of 400 KB; the size of a request's body is bounded in front of this.

type batchWriteItemInput struct {
	RequestItems                map[string][]writeRequest
	ReturnConsumedCapacity      string
	ReturnItemCollectionMetrics string // of tables with local secondary indexes only
}

type writeRequest struct {
	PutRequest    *struct{ Item attribute.Given } `json:",omitempty"`
	DeleteRequest *struct{ Key attribute.Given }  `json:",omitempty"`
}

type batchWriteItemOutput struct {
	UnprocessedItems map[string][]writeRequest
	ConsumedCapacity []*consumedCapacity `json:",omitempty"`
}

// batchWrite is one checked request: the item to put, nil to delete.
type batchWrite struct {
	request writeRequest
	at      place
	item    *stored
}

func (s *Service) batchWriteItem(ctx context.Context, in *batchWriteItemInput) (*batchWriteItemOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(in.RequestItems))
	tables := make([]*table, len(names))
	writes := make([][]batchWrite, len(names))
	seen := make(map[*table]map[place]bool) // for a table has a name and an ARN
	for i, name := range names {
		var err error
		if tables[i], err = s.table(name); err != nil {
			return nil, err
		}
		if seen[tables[i]] == nil {
			seen[tables[i]] = make(map[place]bool)
		}
		if writes[i], err = tables[i].batch(in.RequestItems[name], seen[tables[i]]); err != nil {
			return nil, err
		}
	}
	out := &batchWriteItemOutput{UnprocessedItems: map[string][]writeRequest{}}
	done, first, fault := 0, 0, wire.ActionOf(ctx)
	var why error // of what was throttled last
	for i, t := range tables {
		c, left, throttled := t.writeAll(writes[i], func(n int) bool { return fault.Fails(first + n) })
		first += len(writes[i])
		done += len(writes[i]) - len(left)
		if throttled != nil {
			why = throttled
		}
		if len(left) > 0 {
			out.UnprocessedItems[names[i]] = left
		}
		if consumed := t.consume(c, in.ReturnConsumedCapacity); consumed != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, consumed)
		}
	}
	// None at all (API reference, BatchWriteItem): a fault that leaves everything has no error of its own.
	if done == 0 && why != nil {
		return nil, why
	}
	return out, nil
}

func (in *batchWriteItemInput) check() error {
	if err := checkReturnConsumedCapacity(in.ReturnConsumedCapacity); err != nil {
		return err
	}
	if len(in.RequestItems) == 0 {
		return invalid("1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	count := 0
	for name, requests := range in.RequestItems {
		if len(requests) == 0 {
			return invalid("1 validation error detected: Value '{%s=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]", name)
		}
		count += len(requests)
	}
	if count > limits.BatchWriteItems {
		return invalid("Too many items requested for the BatchWriteItem call")
	}
	return nil
}

// batch checks the requests for one table, of which those for the places seen were already.
func (t *table) batch(requests []writeRequest, seen map[place]bool) ([]batchWrite, error) {
	writes := make([]batchWrite, 0, len(requests))
	for _, r := range requests {
		w := batchWrite{request: r}
		var err error
		switch {
		case r.PutRequest != nil && r.DeleteRequest != nil:
			err = invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
		case r.PutRequest != nil:
			if w.item, w.at, err = t.item(r.PutRequest.Item); err == nil {
				err = t.indexableNow(w.item)
			}
		case r.DeleteRequest != nil:
			_, w.at, err = t.key(r.DeleteRequest.Key)
		default:
			err = invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
		}
		if err != nil {
			return nil, err
		}
		if seen[w.at] {
			return nil, invalid("Provided list of item keys contains duplicates")
		}
		seen[w.at] = true
		writes = append(writes, w)
	}
	return writes, nil
}

// writeAll does the writes that the table has units for and that no fault lets fail, and gives the units that they cost, and the requests that are
// left.
//
// D9: What a batch has no units for is unprocessed, and a batch of which nothing went is an error (API reference, BatchWriteItem)
func (t *table) writeAll(writes []batchWrite, fails func(n int) bool) (all cost, left []writeRequest, throttled error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for n, w := range writes {
		if fails(n) { // and costs nothing
			left = append(left, w.request)
			continue
		}
		change := t.change(w.at, w.item)
		if err := change.admit(); err != nil {
			throttled = err
			left = append(left, w.request)
			continue
		}
		change.apply()
		all.add(change.cost())
	}
	return all, left, throttled
}
