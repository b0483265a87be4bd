package kinesis

import (
	"context"
	"crypto/md5"
	"fmt"
	"net/http"
	"unicode/utf8"

	"weir/internal/localaws/wire"
	"weir/internal/md5lanes"
	"weir/limits"
)

// PutRecords stores up to 500 records and 10 MiB. Each record is tried on its own: one that its shard has no room for fails with
// ProvisionedThroughputExceededException in its place in the answer, and a later one of the same shard may be stored all the same, as
// in AWS.
//
// Deviations: DryRun is not looked at. At the memory bound a record fails with the code WeirMemoryExhausted, which AWS does not have.

type putRecordsInput struct {
	streamRef
	Records []putRecordsEntry
}

type putRecordsEntry struct {
	Data            blob
	PartitionKey    *string
	ExplicitHashKey *string
}

type putRecordsOutput struct {
	FailedRecordCount int
	Records           []putRecordsResult
	EncryptionType    string
}

// putRecordsResult has either the first two members or the others.
type putRecordsResult struct {
	SequenceNumber sequence `json:",omitzero"`
	ShardId        string   `json:",omitempty"`
	ErrorCode      string   `json:",omitempty"`
	ErrorMessage   string   `json:",omitempty"`
}

const (
	throughputExceeded = "ProvisionedThroughputExceededException"
	memoryExhausted    = "WeirMemoryExhausted"
)

func (s *Service) putRecords(ctx context.Context, in *putRecordsInput) (*putRecordsOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	st, err := s.findActive(in.streamRef)
	if err != nil {
		return nil, err
	}
	most := st.maxRecord.Load()
	for i := range in.Records {
		if in.Records[i].size() > most {
			return nil, st.tooLarge(fmt.Sprintf("records.%d.member.", i+1))
		}
	}
	hashes, err := in.hashes()
	if err != nil {
		return nil, err
	}
	out := &putRecordsOutput{Records: make([]putRecordsResult, len(in.Records)), EncryptionType: "NONE"}
	now, fault := s.now(), wire.ActionOf(ctx)
	for i := range in.Records {
		r, result := &in.Records[i], &out.Records[i]
		if fault.Fails(i) {
			out.FailedRecordCount++
			result.ErrorCode, result.ErrorMessage = fault.EntryCode(), "weir: a fault of the scenario"
			continue
		}
		at, sh, err := s.store(st, hashes[i], now, *r.PartitionKey, r.Data)
		if err != nil {
			out.FailedRecordCount++
			result.ErrorCode, result.ErrorMessage = err.Code, err.Message
			continue
		}
		result.SequenceNumber, result.ShardId = at, sh.id
	}
	return out, nil
}

// hashes are the hash keys of the records. The MD5s of their partition keys are made together, which takes a quarter of the time.
func (in *putRecordsInput) hashes() ([][md5.Size]byte, error) {
	keys := make([]string, len(in.Records))
	for i := range in.Records {
		keys[i] = *in.Records[i].PartitionKey
	}
	hashes := make([][md5.Size]byte, len(in.Records))
	md5lanes.Sum(hashes, keys)
	for i := range in.Records {
		explicit := in.Records[i].ExplicitHashKey
		if explicit == nil {
			continue
		}
		hash, err := explicitHash(*explicit)
		if err != nil {
			return nil, err
		}
		hashes[i] = hash
	}
	return hashes, nil
}

// store puts one record into its shard.
//
// K4: PutRecords tries each record on its own, and a later one of the same shard may be stored when an earlier one failed (API reference, PutRecords)
func (s *Service) store(st *stream, hash [16]byte, now instant, key string, data blob) (at sequence, sh *shard, refused *wire.Error) {
	cost := memoryOf(key, data)
	if !s.reserve(cost) {
		return sequence{}, nil, wire.NewError(memoryExhausted, "The embedded AWS holds %d bytes and may drop none of them.", s.memory.Load())
	}
	what := closed
	for what == closed { // once more where a reshard came between
		sh = st.lineage.Load().route(hash)
		at, what = sh.put(now, key, data)
	}
	if what != done {
		s.release(cost)
		return sequence{}, nil, s.refusal(what, st, sh)
	}
	return at, sh, nil
}

// refusal is the error of a call that a shard did not carry out.
func (s *Service) refusal(what outcome, st *stream, sh *shard) *wire.Error {
	switch what {
	case gone:
		return s.notFound(st.name)
	case stopped:
		return &wire.Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: fmt.Sprintf("weir: shard %s in stream %s is stopped by a fault.", sh.id, st.name)}
	}
	return s.rateExceeded(st, sh)
}

// K23: A call of PutRecords has up to 500 records and 10 MiB (API reference, PutRecords)
func (in *putRecordsInput) validate() error {
	if len(in.Records) == 0 {
		return invalid("records", "[]", "Member must have length greater than or equal to 1")
	}
	if len(in.Records) > limits.PutRecordsRecords {
		return wire.NewError("ValidationException",
			"1 validation error detected: Value '[%d records]' at 'records' failed to satisfy constraint: Member must have length less than or equal to %d", len(in.Records), limits.PutRecordsRecords)
	}
	bytes := int64(0)
	for i := range in.Records {
		r := &in.Records[i]
		if validateRecord("", r) != nil {
			return validateRecord(fmt.Sprintf("records.%d.member.", i+1), r) // again, for its words, which the others do without
		}
		bytes += r.size()
	}
	if bytes > limits.PutRecordsBytes {
		return wire.NewError("InvalidArgumentException", "Records size exceeds %d MB limit", limits.PutRecordsBytes>>20)
	}
	return nil
}

func validateRecord(member string, r *putRecordsEntry) error {
	switch key := r.PartitionKey; {
	case r.Data == nil:
		return missing(member + "data")
	case key == nil:
		return missing(member + "partitionKey")
	case *key == "":
		return invalid(member+"partitionKey", "", "Member must have length greater than or equal to 1")
	case len(*key) > limits.PartitionKeyCharacters && utf8.RuneCountInString(*key) > limits.PartitionKeyCharacters:
		return invalid(member+"partitionKey", *key, fmt.Sprintf("Member must have length less than or equal to %d", limits.PartitionKeyCharacters))
	case r.ExplicitHashKey != nil && !hashKeyPattern.MatchString(*r.ExplicitHashKey):
		return invalid(member+"explicitHashKey", *r.ExplicitHashKey, `Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`)
	}
	return nil
}

// size is what a record counts for in limits.
func (r *putRecordsEntry) size() int64 { return int64(len(r.Data) + len(*r.PartitionKey)) }

func (st *stream) tooLarge(member string) *wire.Error {
	return wire.NewError("ValidationException",
		"1 validation error detected: Value at '%sdata' failed to satisfy constraint: data and partition key must have a length of at most %d bytes", member, st.maxRecord.Load())
}
