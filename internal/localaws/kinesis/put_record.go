package kinesis

import "context"

// PutRecord stores one record.
//
// Deviations: SequenceNumberForOrdering is not looked at, for the sequence numbers of a shard always rise.

type putRecordInput struct {
	streamRef
	Data            blob
	PartitionKey    *string
	ExplicitHashKey *string
}

type putRecordOutput struct {
	ShardId        string
	SequenceNumber sequence
	EncryptionType string
}

func (s *Service) putRecord(_ context.Context, in *putRecordInput) (*putRecordOutput, error) {
	r := &putRecordsEntry{in.Data, in.PartitionKey, in.ExplicitHashKey}
	if err := validateRecord("", r); err != nil {
		return nil, err
	}
	st, err := s.findActive(in.streamRef)
	if err != nil {
		return nil, err
	}
	if r.size() > st.maxRecord.Load() {
		return nil, st.tooLarge("")
	}
	hash, err := hash(*in.PartitionKey, in.ExplicitHashKey)
	if err != nil {
		return nil, err
	}
	at, sh, refused := s.store(st, hash, s.now(), *in.PartitionKey, in.Data)
	if refused != nil {
		return nil, refused
	}
	return &putRecordOutput{ShardId: sh.id, SequenceNumber: at, EncryptionType: "NONE"}, nil
}
