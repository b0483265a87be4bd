package dynamodb

import (
	"context"
	"maps"
	"slices"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/wire"
)

// BatchGetItem reads up to 100 items of any tables by their keys. It returns as many as fit into 16 MB, the other keys as
// unprocessed; those that were throttled are, too.

const (
	batchGetKeys  = 100      // keys a call (API reference, BatchGetItem)
	batchGetBytes = 16 << 20 // bytes of items a call (same page)
)

type batchGetItemInput struct {
	RequestItems           map[string]keysAndAttributes
	ReturnConsumedCapacity string
}

type keysAndAttributes struct {
	Keys                     []attribute.Given
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
	ConsistentRead           bool              `json:",omitempty"`

	AttributesToGet []string `json:",omitempty"`
}

type batchGetItemOutput struct {
	Responses        map[string][]attribute.Map
	UnprocessedKeys  map[string]keysAndAttributes
	ConsumedCapacity []*consumedCapacity `json:",omitempty"`

	done      int   // keys that were read
	throttled error // of the last one that was
}

func (s *Service) batchGetItem(ctx context.Context, in *batchGetItemInput) (*batchGetItemOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	out := &batchGetItemOutput{Responses: map[string][]attribute.Map{}, UnprocessedKeys: map[string]keysAndAttributes{}}
	fault, entry := wire.ActionOf(ctx), 0
	fails := func() bool { entry++; return fault.Fails(entry - 1) }
	room := batchGetBytes
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		t, err := s.table(name)
		if err != nil {
			return nil, err
		}
		consumed, err := t.batchGet(name, in, &room, fails, out)
		if err != nil {
			return nil, err
		}
		if consumed != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, consumed)
		}
	}
	if out.done == 0 && out.throttled != nil { // none at all (API reference, BatchGetItem)
		return nil, out.throttled
	}
	return out, nil
}

func (in *batchGetItemInput) check() error {
	if err := checkReturnConsumedCapacity(in.ReturnConsumedCapacity); err != nil {
		return err
	}
	if len(in.RequestItems) == 0 {
		return invalid("1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	count := 0
	for name, request := range in.RequestItems {
		if len(request.Keys) == 0 {
			return invalid("1 validation error detected: Value at 'requestItems.%s.member.keys' failed to satisfy constraint: Member must have length greater than or equal to 1", name)
		}
		count += len(request.Keys)
	}
	if count > batchGetKeys {
		return invalid("Too many items requested for the BatchGetItem call")
	}
	return nil
}

// batchGet reads the items of one table while there is room, and books the other keys as unprocessed; those that were throttled are, too.
func (t *table) batchGet(name string, in *batchGetItemInput, room *int, fails func() bool, out *batchGetItemOutput) (*consumedCapacity, error) {
	request := in.RequestItems[name]
	one := getItemInput{
		ProjectionExpression: request.ProjectionExpression, ExpressionAttributeNames: request.ExpressionAttributeNames,
		AttributesToGet: request.AttributesToGet,
	}
	projection, err := one.read()
	if err != nil {
		return nil, err
	}
	places, err := t.places(request.Keys)
	if err != nil {
		return nil, err
	}
	items := []attribute.Map{}
	var all cost
	var left []attribute.Given
	for i, at := range places {
		if *room < 0 || fails() {
			left = append(left, request.Keys[i])
			continue
		}
		found := t.get(at)
		if *room -= found.bytes(); *room < 0 { // and costs nothing
			left = append(left, request.Keys[i])
			continue
		}
		c, err := t.charge(at, found, request.ConsistentRead)
		if err != nil {
			*room += found.bytes()
			out.throttled = err
			left = append(left, request.Keys[i])
			continue
		}
		all.add(c)
		out.done++
		if found != nil {
			items = append(items, projection.Of(found.item))
		}
	}
	if left != nil {
		request.Keys = left
		out.UnprocessedKeys[name] = request
	}
	out.Responses[name] = items
	return t.consume(all, in.ReturnConsumedCapacity), nil
}

// places finds the places of distinct keys.
func (t *table) places(keys []attribute.Given) ([]place, error) {
	places := make([]place, len(keys))
	seen := make(map[place]bool, len(keys))
	for i, key := range keys {
		_, at, err := t.key(key)
		if err != nil {
			return nil, err
		}
		if seen[at] {
			return nil, invalid("Provided list of item keys contains duplicates")
		}
		seen[at] = true
		places[i] = at
	}
	return places, nil
}
