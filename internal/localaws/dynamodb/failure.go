package dynamodb

import (
	"errors"
	"fmt"

	"weir/internal/localaws/dynamodb/attribute"
)

// failure is an error of the API that is not a ValidationException; those are [attribute.Invalid].
type failure struct {
	code, message string
	// item is the item that did not meet its condition, where the request asks for it.
	item attribute.Map
	// reasons are those of a throttle.
	reasons []throttlingReason
}

func (f *failure) Error() string { return f.code + ": " + f.message }

// invalid is a request that DynamoDB refuses, in AWS's words.
func invalid(format string, args ...any) error {
	return attribute.Invalid(fmt.Sprintf(format, args...))
}

func notFound(message string) error {
	return &failure{code: "ResourceNotFoundException", message: message}
}

func inUse(message string) error {
	return &failure{code: "ResourceInUseException", message: message}
}

func (in *writeParameters) conditionFailed(old *stored) error {
	f := &failure{code: conditionFailed, message: "The conditional request failed"}
	if in.ReturnValuesOnConditionCheckFailure == "ALL_OLD" {
		f.item = old.attributes()
	}
	return f
}

const conditionFailed = "ConditionalCheckFailedException"

func isConditionFailed(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.code == conditionFailed
}
