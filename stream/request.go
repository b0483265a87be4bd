package stream

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/record"
	"weir/stream/kpl"
)

// request is what a call's request is made of. It serves one call after another: the client reads it until the call returns, and keeps nothing of it.
type request struct {
	entries []types.PutRecordsRequestEntry
	packer  kpl.Packer
	// memory is that of the aggregates, one behind the other.
	memory     []byte
	aggregates [][]byte
}

// fill makes the entries of a call's records, part after part.
func (r *request) fill(parts []part) []types.PutRecordsRequestEntry {
	for i := range parts {
		p := &parts[i]
		for j := range p.entries() {
			if sends := p.entry(j); len(sends) > 1 {
				r.entries = append(r.entries, r.aggregate(sends))
			} else {
				r.entries = append(r.entries, plain(&sends[0]))
			}
		}
	}
	kpl.Seal(r.aggregates...)
	return r.entries
}

// empty forgets the records, and keeps the memory.
func (r *request) empty() {
	clear(r.entries)
	clear(r.aggregates)
	r.entries, r.memory, r.aggregates = r.entries[:0], r.memory[:0], r.aggregates[:0]
}

func plain(s *record.Send) types.PutRecordsRequestEntry {
	entry := types.PutRecordsRequestEntry{Data: s.Data, PartitionKey: &s.PartitionKey}
	if s.Data == nil {
		entry.Data = []byte{} // the request must have the member
	}
	if s.ExplicitHashKey != "" {
		entry.ExplicitHashKey = &s.ExplicitHashKey
	}
	return entry
}

// aggregate is the Kinesis record of several records of a shard, to be sealed. It goes by the hash key of the first, as the KPL's does.
func (r *request) aggregate(sends []record.Send) types.PutRecordsRequestEntry {
	for i := range sends {
		r.packer.Add(packable(&sends[i].Record))
	}
	begin := len(r.memory)
	r.memory = r.packer.Append(r.memory)
	aggregate := r.memory[begin:len(r.memory):len(r.memory)] // which stays where it is when the memory grows
	r.aggregates = append(r.aggregates, aggregate)
	hash, _ := hashOf(&sends[0].Record) // it was routed by it before
	return types.PutRecordsRequestEntry{
		Data: aggregate, PartitionKey: aws.String(kpl.PartitionKey), ExplicitHashKey: aws.String(hash.String()),
	}
}
