package kinesis

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"weir/internal/localaws/wire"
)

// ListShards lists a stream's shards by the page: the open ones, and the closed ones until the retention has passed; or those that a filter lets
// through. A token lives for five minutes, as AWS's does, and brings the filter along.
//
// Deviations: StreamCreationTimestamp is not looked at. A stream that is CREATING lists its shards already. There is no quota of calls.

type listShardsInput struct {
	streamRef
	NextToken             *string
	ExclusiveStartShardId *string
	MaxResults            *int
	ShardFilter           *shardFilter
}

type listShardsOutput struct {
	Shards    []shardDescription
	NextToken *string `json:",omitempty"`
}

type shardDescription struct {
	ShardId               string
	ParentShardId         string `json:",omitempty"`
	AdjacentParentShardId string `json:",omitempty"`
	HashKeyRange          hashKeyRange
	SequenceNumberRange   sequenceNumberRange
}

type hashKeyRange struct{ StartingHashKey, EndingHashKey string }

type sequenceNumberRange struct {
	StartingSequenceNumber sequence
	EndingSequenceNumber   sequence `json:",omitzero"` // of a closed shard
}

const (
	listedShards  = 1000 // a page (API reference, ListShards)
	tokenLifetime = 5 * time.Minute
)

func (s *Service) listShards(_ context.Context, in *listShardsInput) (*listShardsOutput, error) {
	limit, err := bounded("maxResults", in.MaxResults, listedShards, maxPage)
	if err != nil {
		return nil, err
	}
	token, err := in.place()
	if err != nil {
		return nil, err
	}
	st, err := s.find(streamRef{StreamName: token.Stream, StreamARN: token.ARN})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	passes, err := token.Filter.passes(st, now)
	if err != nil {
		return nil, err
	}
	shards, more := st.describe(token.After, min(limit, listedShards), passes)
	out := &listShardsOutput{Shards: shards}
	if more {
		token.After, token.Issued = shards[len(shards)-1].ShardId, now.UnixMilli()
		text := token.text()
		out.NextToken = &text
	}
	return out, nil
}

// listToken is the place in a list, and what it lists.
//
// K19: A token of ListShards lives for five minutes, and comes without the stream's name (API reference, ListShards)
type listToken struct {
	Stream, ARN *string
	After       string
	Filter      *shardFilter
	Issued      int64 // ms since the Unix epoch
}

func (t listToken) text() string {
	// It has nothing that cannot be marshalled.
	text, _ := json.Marshal(t)
	return base64.URLEncoding.EncodeToString(text)
}

// place is where a list goes on, or begins.
func (in *listShardsInput) place() (listToken, error) {
	if in.NextToken == nil {
		token := listToken{Stream: in.StreamName, ARN: in.StreamARN, Filter: in.ShardFilter}
		if in.ExclusiveStartShardId != nil {
			token.After = *in.ExclusiveStartShardId
		}
		return token, nil
	}
	if in.StreamName != nil || in.StreamARN != nil {
		return listToken{}, wire.NewError("InvalidArgumentException", "NextToken and StreamName cannot be provided together.")
	}
	var token listToken
	text, err := base64.URLEncoding.DecodeString(*in.NextToken)
	if err != nil || json.Unmarshal(text, &token) != nil {
		return listToken{}, wire.NewError("InvalidArgumentException", "Invalid NextToken.")
	}
	if time.Since(time.UnixMilli(token.Issued)) > tokenLifetime {
		return listToken{}, wire.NewError("ExpiredNextTokenException", "The NextToken has expired.")
	}
	return token, nil
}

// describe is the shards behind one that pass a filter, at most limit of them, and whether there are more.
func (st *stream) describe(after string, limit int, passes func(*shard) bool) (shards []shardDescription, more bool) {
	shards = []shardDescription{}
	for _, sh := range st.lineage.Load().all {
		if sh.id <= after || !passes(sh) {
			continue
		}
		if len(shards) == limit {
			return shards, true
		}
		shards = append(shards, sh.describe())
	}
	return shards, false
}

func (sh *shard) describe() shardDescription {
	d := shardDescription{ShardId: sh.id, HashKeyRange: sh.hashKeys(), SequenceNumberRange: sequenceNumberRange{sh.begin(), sh.finish()}}
	for i, parent := range sh.born.parents {
		if i == 0 {
			d.ParentShardId = parent.id
		} else {
			d.AdjacentParentShardId = parent.id
		}
	}
	return d
}
