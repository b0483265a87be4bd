package kinesis

import (
	"context"
	"sync"

	"weir/internal/localaws/wire"
	"weir/limits"
)

// GetRecords reads on from an iterator: up to 10,000 records and 10 MiB. MillisBehindLatest is true: 0 if and only if the answer
// reaches the tip of the shard, else the age of the first record that it does not hold.
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
	Records            []readRecord
	MillisBehindLatest int64
	NextShardIterator  string       `json:",omitempty"`
	ChildShards        []childShard `json:",omitempty"`

	pages *sync.Pool // that Records are of
	bytes int64      // of their data and keys
}

// GiveBack has the next call use the memory of the records; see [wire.Op].
func (out *getRecordsOutput) GiveBack() {
	clear(out.Records) // or they would hold on to what was trimmed
	records := out.Records[:0]
	out.Records = nil
	out.pages.Put(&records)
}

// page is memory for up to so many records, of an answer before if there is any.
func (s *Service) page(most int) []readRecord {
	if lent, ok := s.pages.Get().(*[]readRecord); ok && cap(*lent) >= most {
		return *lent
	}
	return make([]readRecord, 0, most)
}

// childShard is what a closed shard became.
//
// K11: At the end of a closed shard there is no next iterator, and the shard's children are told (API reference, GetRecords)
type childShard struct {
	ShardId      string
	ParentShards []string
	HashKeyRange hashKeyRange
}

type readRecord struct {
	SequenceNumber              sequence
	ApproximateArrivalTimestamp wire.Time
	Data                        blob
	PartitionKey                string
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
	p, what := sh.read(now, it.chain, it.index, limit, st.horizon(now.wall), drawn(s.config.Propagation), s.page)
	s.release(p.freed)
	if what != done {
		return nil, s.refusal(what, st, sh)
	}
	out := &getRecordsOutput{pages: &s.pages, Records: p.records, bytes: p.bytes, MillisBehindLatest: p.behind, ChildShards: p.children}
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
