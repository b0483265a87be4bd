package stream

import (
	"errors"
	"fmt"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"weir/record"
)

// throttleCodes are the errors that say that a call, or a record of it, is welcome later (Kinesis API reference, PutRecords).
var throttleCodes = map[string]bool{
	"ProvisionedThroughputExceededException": true,
	"LimitExceededException":                 true,
	"KMSThrottlingException":                 true,
	"ThrottlingException":                    true,
	"RequestLimitExceeded":                   true,
}

// answer is what came back of a call.
type answer struct {
	// whole is the outcome of every record, Pending where each has its own.
	whole   record.Outcome
	records []types.PutRecordsResultEntry
	// fatal is what the stream refuses for good.
	fatal error
}

func (w *Writer) newAnswer(output *kinesis.PutRecordsOutput, err error, sent int) answer {
	if err == nil && len(output.Records) == sent {
		return answer{records: output.Records}
	}
	if err == nil {
		// An answer that does not speak of each record says nothing of any.
		return answer{whole: record.Unknown}
	}
	whole := classify(err)
	if whole == record.Failed {
		return answer{whole: whole, fatal: fmt.Errorf("stream %s: %w", w.config.Stream, err)}
	}
	return answer{whole: whole}
}

// classify is what an error says of a call's records. Only an error that was made before the request left, or an answer that AWS
// documents as a refusal, proves that nothing was stored.
func classify(err error) record.Outcome {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return record.Refused
	}
	if _, ok := errors.AsType[*v4.SigningError](err); ok {
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
	if !ok || response.HTTPStatusCode() < 400 || response.HTTPStatusCode() >= 500 {
		return record.Unknown
	}
	return record.Failed
}

// judge sets the outcome of each record.
func (a *answer) judge(parts []part) {
	i := 0
	for _, p := range parts {
		for j := range p.sends {
			send := &p.sends[j]
			if a.whole != record.Pending {
				send.Outcome = a.whole
				continue
			}
			entry := &a.records[i]
			i++
			switch {
			case entry.ErrorCode == nil && entry.SequenceNumber != nil:
				send.Outcome, send.Sequence = record.Acked, *entry.SequenceNumber
			case entry.ErrorCode != nil && throttleCodes[*entry.ErrorCode]:
				send.Outcome = record.Throttled
			default:
				send.Outcome = record.Refused
			}
		}
	}
}
