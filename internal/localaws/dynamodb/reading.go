package dynamodb

import (
	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/dynamodb/expression"
)

// readParameters are what Query and Scan share. Every read is consistent; ConsistentRead only sets what it costs.
type readParameters struct {
	TableName                 string
	ProjectionExpression      *string
	FilterExpression          *string
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues attribute.Given
	ExclusiveStartKey         attribute.Given
	Limit                     *int64
	Select                    string
	ConsistentRead            bool
	ReturnConsumedCapacity    string
	IndexName                 string

	AttributesToGet, ConditionalOperator unserved
}

// readOutput is what Query and Scan answer. Items are absent where only their count was asked for.
type readOutput struct {
	Items            []attribute.Map `json:",omitzero"`
	Count            int
	ScannedCount     int
	LastEvaluatedKey attribute.Map     `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

// reading is what is done with the items of a page.
type reading struct {
	filter     *expression.Condition
	projection *expression.Projection
}

func (in *readParameters) check() error {
	if err := refuse(parameter{"AttributesToGet", in.AttributesToGet}, parameter{"ConditionalOperator", in.ConditionalOperator}); err != nil {
		return err
	}
	if in.IndexName != "" {
		return invalid("The table does not have the specified index: %s", in.IndexName)
	}
	if err := checkReturnConsumedCapacity(in.ReturnConsumedCapacity); err != nil {
		return err
	}
	if in.Limit != nil && *in.Limit < 1 {
		return atLeastOne("limit", *in.Limit)
	}
	return in.checkSelect()
}

func (in *readParameters) checkSelect() error {
	if err := oneOf("select", in.Select, "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"); err != nil {
		return err
	}
	projected := in.ProjectionExpression != nil
	switch {
	case in.Select == "COUNT" && projected:
		return invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case in.Select == "ALL_ATTRIBUTES" && projected:
		return invalid("Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES")
	case in.Select == "SPECIFIC_ATTRIBUTES" && !projected:
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case in.Select == "ALL_PROJECTED_ATTRIBUTES":
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return nil
}

func (in *readParameters) expressions(scope *expression.Scope) (r reading, err error) {
	if r.filter, err = scope.Condition("FilterExpression", in.FilterExpression); err != nil {
		return r, err
	}
	r.projection, err = scope.Projection("ProjectionExpression", in.ProjectionExpression)
	return r, err
}

// start is the place after which the page starts; ok is false where the request does not say.
func (in *readParameters) start(t *table) (at place, ok bool, err error) {
	if in.ExclusiveStartKey.Absent() {
		return place{}, false, nil
	}
	key, err := in.ExclusiveStartKey.Map()
	if err != nil {
		return place{}, false, err
	}
	if !t.schema.matches(key) {
		return place{}, false, invalid("The provided starting key is invalid: The provided key element does not match the schema")
	}
	at, err = t.schema.place(key)
	if err != nil {
		return place{}, false, invalid("The provided starting key is invalid: %s", err)
	}
	return at, true, nil
}

// answer reads a page of a span, and filters and projects it outside the table's lock.
func (in *readParameters) answer(t *table, s span, forward bool, r reading) *readOutput {
	limit := 0
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	p := t.read(s, forward, limit)
	out := &readOutput{
		ScannedCount:     len(p.items),
		ConsumedCapacity: t.consume(readUnits(p.bytes, in.ConsistentRead), in.ReturnConsumedCapacity),
	}
	if p.more {
		out.LastEvaluatedKey = t.schema.key(p.items[len(p.items)-1].item)
	}
	if in.Select != "COUNT" {
		out.Items = make([]attribute.Map, 0, len(p.items))
	}
	for _, stored := range p.items {
		if !r.filter.Holds(stored.item) {
			continue
		}
		out.Count++
		if in.Select != "COUNT" {
			out.Items = append(out.Items, r.projection.Of(stored.item))
		}
	}
	return out
}
