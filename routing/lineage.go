package routing

import (
	"context"
	"fmt"

	"weir/record"
)

// lineage keeps the order of a key over a reshard: a shard is read after its parents were read to their ends.
type lineage struct {
	ended    map[string]chan struct{}
	isParent map[string]bool
}

func newLineage(shards []record.Shard) *lineage {
	l := &lineage{ended: make(map[string]chan struct{}, len(shards)), isParent: make(map[string]bool)}
	for _, shard := range shards {
		l.ended[shard.ID] = make(chan struct{})
		for _, parent := range shard.Parents {
			l.isParent[parent] = true
		}
	}
	return l
}

// wait waits for the parents of a shard, as far as the stream still holds them.
func (l *lineage) wait(ctx context.Context, shard *record.Shard) error {
	for _, parent := range shard.Parents {
		if l.ended[parent] == nil {
			continue
		}
		select {
		case <-l.ended[parent]:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// end starts the children of a shard. A shard that has none was closed after the shards were listed.
func (l *lineage) end(shard *record.Shard) error {
	if !l.isParent[shard.ID] {
		return fmt.Errorf("shard %s was closed while it was read: the shards of a reshard during a run are not followed", shard.ID)
	}
	close(l.ended[shard.ID])
	return nil
}
