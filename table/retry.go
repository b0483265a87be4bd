package table

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	// A call that failed is made again after a pause that doubles from firstPause to longestPause.
	firstPause   = 25 * time.Millisecond
	longestPause = 2 * time.Second
	// callTimeout gives up on an answer. DynamoDB answers in milliseconds, and every call that is bounded by it can be repeated.
	callTimeout = 10 * time.Second
)

// throttleCodes are the errors that say that a call is welcome later (DynamoDB developer guide, "Error handling with DynamoDB").
var throttleCodes = map[string]bool{
	"LimitExceededException":                 true,
	"ProvisionedThroughputExceededException": true,
	"RequestLimitExceeded":                   true,
	"ThrottlingException":                    true,
}

// retry makes a call until it succeeds, fails for good or ctx ends.
func retry(ctx context.Context, again func(error) bool, call func(context.Context) error) error {
	for attempt := 0; ; attempt++ {
		err := callOnce(ctx, call)
		if err == nil || !again(err) {
			return err
		}
		if ended := pause(ctx, attempt); ended != nil {
			return fmt.Errorf("%w; the last of %d calls failed: %w", ended, attempt+1, err)
		}
	}
}

// retryFor is retry that gives up after a time.
func retryFor(ctx context.Context, limit time.Duration, again func(error) bool, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return retry(ctx, again, call)
}

func callOnce(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return call(ctx)
}

// pause waits after the given attempt, counted from 0: between half of its pause and the whole, so that calls that were refused
// together do not come back together. The error says that ctx ended first.
func pause(ctx context.Context, attempt int) error {
	longest := min(longestPause, firstPause<<min(attempt, 10))
	return sleep(ctx, longest/2+rand.N(longest/2))
}

func sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func throttled(err error) bool {
	refusal, ok := errors.AsType[smithy.APIError](err)
	return ok && throttleCodes[refusal.ErrorCode()]
}

// transient says that the same call may succeed later: it was throttled, the fault was DynamoDB's, or no answer came.
func transient(err error) bool {
	if _, ok := errors.AsType[*v4.SigningError](err); ok {
		return false
	}
	refusal, ok := errors.AsType[smithy.APIError](err)
	if !ok || throttled(err) || refusal.ErrorFault() == smithy.FaultServer {
		return true
	}
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	return ok && response.HTTPStatusCode() >= 500
}
