package dynamodb

import (
	"context"
	"errors"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/wire"
)

// targetPrefix is what stands before the operation's name in X-Amz-Target.
const targetPrefix = "DynamoDB_20120810"

// Wire is the service on the wire: its operations behind DynamoDB's JSON protocol.
func (s *Service) Wire(options wire.Options) *wire.Service {
	return wire.NewService("dynamodb", targetPrefix, []wire.Codec{wire.JSON("1.0", attribute.Mismatch)}, options,
		operation("BatchGetItem", s.batchGetItem),
		operation("BatchWriteItem", s.batchWriteItem),
		operation("CreateTable", s.createTable),
		operation("DeleteItem", s.deleteItem),
		operation("DeleteTable", s.deleteTable),
		operation("DescribeTable", s.describeTable),
		operation("GetItem", s.getItem),
		operation("ListTables", s.listTables),
		operation("ListTagsOfResource", s.listTagsOfResource),
		operation("PutItem", s.putItem),
		operation("Query", s.query),
		operation("Scan", s.scan),
		operation("TagResource", s.tagResource),
		operation("UntagResource", s.untagResource),
		operation("UpdateItem", s.updateItem),
		operation("UpdateTable", s.updateTable),
	).WithChecksums()
}

func operation[In, Out any](name string, do func(context.Context, *In) (*Out, error)) wire.Operation {
	return wire.Op(name, func(ctx context.Context, in *In) (*Out, error) {
		out, err := do(ctx, in)
		return out, onWire(err)
	})
}

// failureBody is an error with members of its own.
type failureBody struct {
	Type    string             `json:"__type"`
	Message string             `json:"message"`
	Item    attribute.Map      `json:",omitempty"`
	Reasons []throttlingReason `json:"ThrottlingReasons,omitempty"`
}

// onWire gives an error the shape that the protocol carries.
func onWire(err error) error {
	if invalid, ok := errors.AsType[attribute.Invalid](err); ok {
		return wire.NewError("ValidationException", "%s", string(invalid))
	}
	f, ok := errors.AsType[*failure](err)
	if !ok {
		return err
	}
	onWire := wire.NewError(f.code, "%s", f.message)
	if f.item != nil || f.reasons != nil {
		onWire.Body = failureBody{f.code, f.message, f.item, f.reasons}
	}
	return onWire
}
