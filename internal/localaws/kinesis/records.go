package kinesis

import "weir/internal/localaws/wire"

// records are those of one read: some of a log, in their order and without a gap. They share the log's memory, and stay as they are while it
// goes on, so that they are written out when their shard is no longer locked.
type records struct {
	shard int // its number
	first uint64
	parts []segment
	count int
	bytes int64 // of data and keys, which limits count
}

// readRecord is a record as an answer has it.
type readRecord struct {
	SequenceNumber              sequence
	ApproximateArrivalTimestamp wire.Time
	Data                        blob
	PartitionKey                string
}

// list is the records one by one: for CBOR, and wherever else it is not their number that counts.
func (r *records) list() []readRecord {
	list := make([]readRecord, 0, r.count)
	for p := range r.parts {
		part := &r.parts[p]
		for i := range part.places {
			e := part.at(uint64(i))
			at := sequence{e.arrival, r.first + uint64(len(list)), r.shard}
			list = append(list, readRecord{at, wire.Time(e.arrival), e.data, e.key})
		}
	}
	return list
}
