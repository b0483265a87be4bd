package stream

import (
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"weir/record"
)

// throttleCodes are the errors that say that a call, or a record of it, is welcome later (Kinesis API reference, PutRecords, and
// "Common Errors").
var throttleCodes = map[string]bool{
	"ProvisionedThroughputExceededException": true,
	"LimitExceededException":                 true,
	"KMSThrottlingException":                 true,
	"ThrottlingException":                    true,
	"RequestLimitExceeded":                   true,
}

// memoryExhausted is the code with which the embedded AWS says that it is full. AWS does not have it.
const memoryExhausted = "WeirMemoryExhausted"

// errStreamFull ends the feed as a full queue does: what is to be sent has nowhere to go.
var errStreamFull = fmt.Errorf("%w: the stream's memory is exhausted", ErrQueueFull)

// internalFailure is the other code that a record of a call may have (Kinesis API reference, PutRecordsResultEntry).
const internalFailure = "InternalFailure"

// refuse gives each record of a call the outcome that an error proves, and returns it where the stream refuses them for good.
func refuse(parts []part, err error) error {
	outcome := classify(err)
	for _, p := range parts {
		for i := range p.sends {
			p.sends[i].Outcome = outcome
		}
	}
	if outcome == record.Failed {
		return err
	}
	return nil
}

// classify is what an error says of a call's records. Only an error from before the request left, or an answer that AWS documents as a
// refusal, proves that nothing was stored; anything else is Unknown.
func classify(err error) record.Outcome {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return record.Refused
	}
	if neverLeft(err) {
		return record.Failed
	}
	refusal, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return record.Unknown
	}
	if throttleCodes[refusal.ErrorCode()] {
		return record.Throttled
	}
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	switch {
	case !ok:
		return record.Unknown
	case response.HTTPStatusCode() == http.StatusTooManyRequests:
		return record.Throttled
	case response.HTTPStatusCode() == http.StatusRequestTimeout:
		return record.Unknown // a proxy's, which may have passed the request on
	case response.HTTPStatusCode() >= 400 && response.HTTPStatusCode() < 500:
		return record.Failed
	}
	return record.Unknown
}

// neverLeft says that the SDK could not make the request, and never will.
func neverLeft(err error) bool {
	if _, ok := errors.AsType[smithy.InvalidParamsError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*smithy.SerializationError](err); ok {
		return true
	}
	_, ok := errors.AsType[*v4.SigningError](err)
	return ok
}

// judge gives each record its own outcome. An answer that does not speak clearly of each record says nothing of any of them. The error
// is one that ends the feed: a record was refused for good, or the stream is full.
func judge(parts []part, results []types.PutRecordsResultEntry) (fatal error) {
	if !speaksOfEach(parts, results) {
		for _, p := range parts {
			for i := range p.sends {
				p.sends[i].Outcome = record.Unknown
			}
		}
		return nil
	}
	for k := range parts {
		p := &parts[k]
		for i := range p.entries() {
			sends := p.entry(i)
			for j := range sends {
				if err := judgeOne(&sends[j], &results[i], p.lane.shard.ID); err != nil && fatal == nil {
					fatal = err
				}
			}
			number(sends)
		}
		results = results[p.entries():]
	}
	return fatal
}

// judgeOne gives one record its outcome.
func judgeOne(send *record.Send, result *types.PutRecordsResultEntry, shard string) error {
	if result.ErrorCode == nil {
		send.Outcome, send.Sequence, send.Shard = record.Acked, *result.SequenceNumber, shard
		if result.ShardId != nil && *result.ShardId != shard {
			send.Shard = *result.ShardId
		}
		return nil
	}
	switch code := *result.ErrorCode; {
	case throttleCodes[code]:
		send.Outcome = record.Throttled
	case code == internalFailure:
		send.Outcome = record.Refused
	case code == memoryExhausted:
		send.Outcome = record.Refused
		return errStreamFull
	default:
		send.Outcome = record.Failed
		return fmt.Errorf("shard %s: %w", shard, &smithy.GenericAPIError{Code: code, Message: aws.ToString(result.ErrorMessage)})
	}
	return nil
}

// speaksOfEach says that an answer has a sequence number or an error for each record.
func speaksOfEach(parts []part, results []types.PutRecordsResultEntry) bool {
	sent := 0
	for i := range parts {
		sent += parts[i].entries()
	}
	for i := range results {
		if results[i].ErrorCode == nil && aws.ToString(results[i].SequenceNumber) == "" {
			return false
		}
	}
	return len(results) == sent
}
