package kinesis

import (
	"math"
	"slices"
	"strings"
	"time"

	"weir/internal/localaws/wire"
)

// shardFilter chooses the shards that ListShards lists (API reference, ShardFilter).
type shardFilter struct {
	Type      string
	ShardId   *string
	Timestamp *wire.Time
}

var shardFilters = []string{"AFTER_SHARD_ID", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON", "AT_LATEST", "AT_TIMESTAMP", "FROM_TIMESTAMP"}

// passes is what the filter lets through at a time, of what the retention has left. None lets all of that through.
//
// K18: Shard filters choose by when a shard was open (API reference, ShardFilter)
func (f *shardFilter) passes(st *stream, now time.Time) (func(*shard) bool, error) {
	horizon := st.horizon(now)
	kept := keptSince(horizon)
	if f == nil {
		return kept, nil
	}
	if !slices.Contains(shardFilters, f.Type) {
		return nil, invalid("shardFilter.type", f.Type, "Member must satisfy enum value set: ["+strings.Join(shardFilters, ", ")+"]")
	}
	oldest := max(horizon, st.created.UnixMilli())
	switch f.Type {
	case "AFTER_SHARD_ID":
		if f.ShardId == nil {
			return nil, wire.NewError("InvalidArgumentException", "ShardId must be specified when the shard filter is AFTER_SHARD_ID.")
		}
		return func(sh *shard) bool { return sh.id > *f.ShardId && kept(sh) }, nil
	case "AT_TRIM_HORIZON":
		return st.openAt(oldest), nil
	case "FROM_TRIM_HORIZON":
		return openFrom(oldest), nil
	case "AT_LATEST":
		return func(sh *shard) bool { return sh.after(math.MaxInt64) }, nil
	}
	if f.Timestamp == nil {
		return nil, wire.NewError("InvalidArgumentException", "Timestamp must be specified when the shard filter is %s.", f.Type)
	}
	at := max(oldest, int64(*f.Timestamp))
	if f.Type == "AT_TIMESTAMP" {
		return st.openAt(at), nil
	}
	return openFrom(at), nil
}

// keptSince lets the shards through that the retention has left.
func keptSince(horizon int64) func(*shard) bool {
	return func(sh *shard) bool { return sh.after(horizon) }
}

// openAt lets the shards through that were open at a time. What a stream was created with was open at its beginning, however soon it closed.
func (st *stream) openAt(ms int64) func(*shard) bool {
	if ms <= st.created.UnixMilli() {
		return func(sh *shard) bool { return len(sh.born.parents) == 0 }
	}
	return func(sh *shard) bool { return sh.born.at <= ms && sh.after(ms) }
}

// openFrom lets the shards through that were open at a time or later. One that closed in that very millisecond may have a record of it.
func openFrom(ms int64) func(*shard) bool {
	return func(sh *shard) bool { return sh.after(ms - 1) }
}
