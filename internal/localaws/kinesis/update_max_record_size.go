package kinesis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"weir/limits"
)

// UpdateMaxRecordSize sets how large a record may be, data and partition key: from 1 to 10 MiB. The stream is UPDATING for Config.CreateDelay.
//
// Deviations: it holds at once.

type updateMaxRecordSizeInput struct {
	StreamARN          *string
	MaxRecordSizeInKiB *int
}

func (in updateMaxRecordSizeInput) Resource() string {
	return streamRef{StreamARN: in.StreamARN}.Resource()
}

func (s *Service) updateMaxRecordSize(_ context.Context, in *updateMaxRecordSizeInput) (*empty, error) {
	if in.MaxRecordSizeInKiB == nil {
		return nil, missing("maxRecordSizeInKiB")
	}
	bytes, err := recordBytes(in.MaxRecordSizeInKiB)
	if err != nil {
		return nil, err
	}
	return s.reshape(streamRef{StreamARN: in.StreamARN}, func(st *stream, _ time.Time) error {
		st.maxRecord.Store(int64(bytes))
		return nil
	})
}

// recordBytes is how large a record may be, by a request that may say nothing of it.
//
// K21: A record has up to 1 MiB, data and partition key, or up to 10 MiB where the stream allows that (API reference, UpdateMaxRecordSize)
func recordBytes(size *int) (bytes int, err error) {
	const least, most = limits.RecordBytes / kib, limits.LargestRecordBytes / kib
	switch {
	case size == nil:
		return limits.RecordBytes, nil
	case *size < least:
		return 0, invalid("maxRecordSizeInKiB", strconv.Itoa(*size), fmt.Sprintf("Member must have value greater than or equal to %d", least))
	case *size > most:
		return 0, invalid("maxRecordSizeInKiB", strconv.Itoa(*size), fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
	return *size * kib, nil
}
