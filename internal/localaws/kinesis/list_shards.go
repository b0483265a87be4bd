package kinesis

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"weir/internal/localaws/wire"
)

// ListShards lists a stream's shards by the page.
//
// Deviations: as no shard ever closes, every ShardFilter but AFTER_SHARD_ID lets all shards through. A token lives as long as AWS's, five
// minutes. StreamCreationTimestamp is not looked at. A stream that is CREATING lists its shards already.

type listShardsInput struct {
	streamRef
	NextToken             *string
	ExclusiveStartShardId *string
	MaxResults            *int
	ShardFilter           *shardFilter
}

type shardFilter struct {
	Type    string
	ShardId *string
}

type listShardsOutput struct {
	Shards    []shardDescription
	NextToken *string `json:",omitempty"`
}

type shardDescription struct {
	ShardId             string
	HashKeyRange        hashKeyRange
	SequenceNumberRange sequenceNumberRange
}

type hashKeyRange struct{ StartingHashKey, EndingHashKey string }

type sequenceNumberRange struct{ StartingSequenceNumber string }

const (
	listedShards  = 1000 // a page (API reference, ListShards)
	tokenLifetime = 5 * time.Minute
)

var shardFilters = map[string]bool{
	"AT_TRIM_HORIZON": true, "FROM_TRIM_HORIZON": true, "AT_LATEST": true, "AT_TIMESTAMP": true, "FROM_TIMESTAMP": true, "AFTER_SHARD_ID": true,
}

func (s *Service) listShards(_ context.Context, in *listShardsInput) (*listShardsOutput, error) {
	after, err := in.place()
	if err != nil {
		return nil, err
	}
	st, err := s.find(in.streamRef)
	if err != nil {
		return nil, err
	}
	limit, err := bounded("maxResults", in.MaxResults, listedShards, maxPage)
	if err != nil {
		return nil, err
	}
	shards, more := st.describe(after, min(limit, listedShards))
	out := &listShardsOutput{Shards: shards}
	if more {
		token := listToken(st.name, shards[len(shards)-1].ShardId)
		out.NextToken = &token
	}
	return out, nil
}

// place is the shard to go on behind. A token brings the stream's name along.
func (in *listShardsInput) place() (after string, err error) {
	if in.NextToken != nil {
		if in.StreamName != nil || in.StreamARN != nil {
			return "", wire.NewError("InvalidArgumentException", "NextToken and StreamName cannot be provided together.")
		}
		var name string
		if name, after, err = parseListToken(*in.NextToken); err != nil {
			return "", err
		}
		in.StreamName = &name
		return after, nil
	}
	if filter := in.ShardFilter; filter != nil {
		if !shardFilters[filter.Type] {
			return "", invalid("shardFilter.type", filter.Type, "Member must satisfy enum value set: [AFTER_SHARD_ID, AT_TRIM_HORIZON, FROM_TRIM_HORIZON, AT_LATEST, AT_TIMESTAMP, FROM_TIMESTAMP]")
		}
		if filter.Type == "AFTER_SHARD_ID" {
			if filter.ShardId == nil {
				return "", wire.NewError("InvalidArgumentException", "ShardId must be specified when the shard filter is AFTER_SHARD_ID.")
			}
			return *filter.ShardId, nil
		}
	}
	if in.ExclusiveStartShardId != nil {
		return *in.ExclusiveStartShardId, nil
	}
	return "", nil
}

// describe is the shards behind one, at most limit of them, and whether there are more.
func (st *stream) describe(after string, limit int) (shards []shardDescription, more bool) {
	shards = []shardDescription{}
	for _, sh := range st.shards {
		if sh.id <= after {
			continue
		}
		if len(shards) == limit {
			return shards, true
		}
		shards = append(shards, shardDescription{
			ShardId:             sh.id,
			HashKeyRange:        hashKeyRange{sh.start.String(), sh.end.String()},
			SequenceNumberRange: sequenceNumberRange{sequenceNumber(sh.created, 0, sh.number)},
		})
	}
	return shards, false
}

func listToken(stream, after string) string {
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %d", stream, after, time.Now().UnixMilli()))
}

func parseListToken(token string) (stream, after string, err error) {
	text, err := base64.URLEncoding.DecodeString(token)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 3 {
		return "", "", wire.NewError("InvalidArgumentException", "Invalid NextToken.")
	}
	issued, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return "", "", wire.NewError("InvalidArgumentException", "Invalid NextToken.")
	}
	if time.Since(time.UnixMilli(issued)) > tokenLifetime {
		return "", "", wire.NewError("ExpiredNextTokenException", "The NextToken has expired.")
	}
	return parts[0], parts[1], nil
}
