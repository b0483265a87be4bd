package dynamodb

import (
	"context"

	"weir/internal/localaws/dynamodb/expression"
)

// Scan reads a whole table, or one of up to a million segments of it, in pages: by a filter and a projection, or by the parameters that these replaced. Items come
// in the order of the hash of their partition keys. A page ends at Limit items or at 1 MB, both counted before the filter;
// the next one goes on behind the key of the last, so an item that is there all the while is met exactly once, whatever
// is written meanwhile.

const scanSegments = 1_000_000 // API reference, Scan, TotalSegments

type scanInput struct {
	readParameters
	Segment, TotalSegments *int64

	ScanFilter map[string]attributeCondition
}

func (s *Service) scan(_ context.Context, in *scanInput) (*readOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := in.checkMixed(named{"ScanFilter", in.ScanFilter != nil}, false, false); err != nil {
		return nil, err
	}
	asked, err := in.segment()
	if err != nil {
		return nil, err
	}
	r, err := in.expressions()
	if err != nil {
		return nil, err
	}
	t, err := s.table(in.TableName)
	if err != nil {
		return nil, err
	}
	v, err := t.view(in.IndexName)
	if err != nil {
		return nil, err
	}
	if err := v.checkReading(&in.readParameters); err != nil {
		return nil, err
	}
	at, ok, err := in.start(v)
	if err != nil {
		return nil, err
	}
	if ok {
		if !asked.holds(at) {
			return nil, invalid("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", *in.TotalSegments, *in.Segment)
		}
		asked.from = at.next()
	}
	return in.answer(v, asked, true, r)
}

func (in *scanInput) segment() (span, error) {
	number, of := in.Segment, in.TotalSegments
	switch {
	case number == nil && of == nil:
		return segment(0, 1), nil
	case of == nil:
		return span{}, invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case number == nil:
		return span{}, invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *of < 1:
		return span{}, atLeastOne("totalSegments", *of)
	case *of > scanSegments:
		return span{}, atMost("totalSegments", *of, scanSegments)
	case *number < 0:
		return span{}, invalid("1 validation error detected: Value '%d' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0", *number)
	case *number >= *of:
		return span{}, invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *number, *of)
	}
	return segment(int(*number), int(*of)), nil
}

func (in *scanInput) expressions() (reader, error) {
	scope, err := expression.NewScope(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return reader{}, err
	}
	r, err := in.readParameters.expressions(scope, "scanFilter", in.ScanFilter)
	if err != nil {
		return reader{}, err
	}
	return r, scope.Close()
}
