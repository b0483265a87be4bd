package kinesis

import (
	"context"

	"weir/internal/localaws/wire"
	"weir/limits"
)

// GetRecords reads on from an iterator: up to 10,000 records and 10 MiB. MillisBehindLatest is true: 0 if and only if the answer
// reaches the tip of the shard, else the age of the first record that it does not hold. The tip is that of the records that can be read: with
// Config.Propagation, an answer at the tip may lack a record that is stored, and even acknowledged.
//
// At the end of a closed shard there is no next iterator, but the shard's children.
//
// Deviations: DryRun and StreamARN are not looked at. The end is told by the answer that reaches it, where AWS may give one more that is empty.

type getRecordsInput struct {
	ShardIterator *string
	Limit         *int
}

// Resource is the name of the stream that the iterator is of.
func (in getRecordsInput) Resource() string {
	if in.ShardIterator == nil {
		return ""
	}
	return streamOfIterator(*in.ShardIterator)
}

// K10: MillisBehindLatest is 0 at the tip of the shard, and else how old the next record is (API reference, GetRecords)
type getRecordsOutput struct {
	Records            []readRecord // those that Members lists
	MillisBehindLatest int64
	NextShardIterator  string       `json:",omitempty"`
	ChildShards        []childShard `json:",omitempty"`

	records records
}

// Members is the answer with its records listed; see [wire.CBOR].
func (out *getRecordsOutput) Members() any {
	listed := *out
	listed.Records = out.records.list()
	return listed
}

// childShard is what a closed shard became.
//
// K11: At the end of a closed shard there is no next iterator, and the shard's children are told (API reference, GetRecords)
type childShard struct {
	ShardId      string
	ParentShards []string
	HashKeyRange hashKeyRange
}

func (s *Service) getRecords(_ context.Context, in *getRecordsInput) (*getRecordsOutput, error) {
	if in.ShardIterator == nil {
		return nil, missing("shardIterator")
	}
	limit, err := bounded("limit", in.Limit, limits.GetRecordsRecords, limits.GetRecordsRecords)
	if err != nil {
		return nil, err
	}
	it, err := s.parseIterator(*in.ShardIterator)
	if err != nil {
		return nil, err
	}
	st, sh, err := s.behind(it)
	if err != nil {
		return nil, err
	}
	now := s.now()
	p, what := sh.read(now, it.chain, it.index, limit, st.horizon(now.wall), drawn(s.config.Propagation))
	s.release(p.freed)
	if what != done {
		return nil, s.refusal(what, st, sh)
	}
	out := &getRecordsOutput{records: p.records, MillisBehindLatest: p.behind, ChildShards: p.children}
	if !p.ended {
		out.NextShardIterator = s.token(it.at(p.next, now.wall))
	}
	return out, nil
}

// behind is the stream and shard that an iterator points into.
func (s *Service) behind(it iterator) (*stream, *shard, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, st := range s.streams {
		if st.id == it.stream {
			return st, st.lineage.Load().all[it.shard], nil
		}
	}
	return nil, nil, wire.NewError("ResourceNotFoundException", "The stream of the iterator under account %s not found.", s.config.Account)
}
