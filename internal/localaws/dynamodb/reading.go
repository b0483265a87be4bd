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

	AttributesToGet     []string
	ConditionalOperator string
}

// readOutput is what Query and Scan answer. Items are absent where only their count was asked for.
type readOutput struct {
	Items            []attribute.Map `json:",omitzero"`
	Count            int
	ScannedCount     int
	LastEvaluatedKey attribute.Map     `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

// reader is what is done with the items of a page.
type reader struct {
	filter     *expression.Condition
	projection *expression.Projection
}

func (in *readParameters) check() error {
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
	projected := given(named{"AttributesToGet", in.AttributesToGet != nil}, named{"ProjectionExpression", in.ProjectionExpression != nil})
	switch {
	case in.Select == "COUNT" && projected != nil:
		return invalid("Cannot specify the %s when choosing to get only the Count", projected[0])
	case in.Select == "ALL_ATTRIBUTES" && projected != nil:
		return invalid("Cannot specify the %s when choosing to get ALL_ATTRIBUTES", projected[0])
	case in.Select == "SPECIFIC_ATTRIBUTES" && projected == nil:
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	}
	return nil
}

// checkMixed refuses expressions beside the parameters that they replaced, of which one is the filter. KeyConditions is taken beside all of them but its own.
func (in *readParameters) checkMixed(filter named, keyConditions, keyExpression bool) error {
	return checkMixed(given(
		named{"AttributesToGet", in.AttributesToGet != nil}, filter, named{"ConditionalOperator", in.ConditionalOperator != ""},
		named{"KeyConditions", keyConditions && keyExpression},
	), given(
		named{"ProjectionExpression", in.ProjectionExpression != nil}, named{"FilterExpression", in.FilterExpression != nil},
		named{"KeyConditionExpression", keyExpression},
	))
}

// expressions reads the filter, which may be given as a parameter of before there were expressions, and the projection.
func (in *readParameters) expressions(scope *expression.Scope, parameter string, filter map[string]attributeCondition) (r reader, err error) {
	if r.filter, err = scope.Condition("FilterExpression", in.FilterExpression); err != nil {
		return r, err
	}
	if r.filter == nil {
		if r.filter, err = legacyCondition(filter, in.ConditionalOperator, testOf(parameter)); err != nil {
			return r, err
		}
	}
	r.projection, err = projectionOf(scope, in.ProjectionExpression, in.AttributesToGet)
	return r, err
}

// start is the place after which the page starts; ok is false where the request does not say.
func (in *readParameters) start(v view) (at place, ok bool, err error) {
	if in.ExclusiveStartKey.Absent() {
		return place{}, false, nil
	}
	key, err := in.ExclusiveStartKey.Map()
	if err != nil {
		return place{}, false, err
	}
	if !v.matches(key) {
		return place{}, false, invalid("The provided starting key is invalid: The provided key element does not match the schema")
	}
	at, err = v.place(key)
	if err != nil {
		return place{}, false, invalid("The provided starting key is invalid: %s", err)
	}
	return at, true, nil
}

// answer reads a page of a span, and filters and projects it outside the table's lock.
func (in *readParameters) answer(v view, s span, forward bool, r reader) (*readOutput, error) {
	if err := v.checkProjection(r.projection); err != nil {
		return nil, err
	}
	hash := uint64(manyPartitions)
	if s.from.pk != "" && s.from.hash == s.to.hash { // a Query: a Scan goes through many
		hash = s.from.hash
	}
	if why := v.limit().refuses(reading, hash, leastRead); why != nil {
		return nil, v.limit().throttled(*why)
	}
	limit := 0
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	p := v.read(s, forward, limit, in.Select == "ALL_ATTRIBUTES" || r.projection != nil)
	units := readUnits(p.bytes, in.ConsistentRead)
	// What a page costs is known when it is read: it may be owed for a while. Of those who read at once, the next may not go on what the first took.
	if why := v.limit().borrow(reading, hash, leastRead, units); why != nil {
		return nil, v.limit().throttled(*why)
	}
	out := &readOutput{
		ScannedCount:     len(p.items),
		ConsumedCapacity: v.consume(v.cost(units), in.ReturnConsumedCapacity),
	}
	if p.more {
		out.LastEvaluatedKey = v.key(p.items[len(p.items)-1].item)
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
	return out, nil
}

// leastRead is what has to be there for a page to be read.
const leastRead = 0.5
