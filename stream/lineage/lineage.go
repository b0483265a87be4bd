// Package lineage keeps the order of a key while a stream is resharded: a shard is read once those that it came of were read to their ends (Developer
// Guide, "Resharding a stream", "After resharding").
package lineage

import (
	"context"
	"fmt"
	"sync"

	"weir/record"
)

// Lineage knows the shards of a stream that are read or will be, and which of them were read to their ends. It is safe for concurrent use.
type Lineage struct {
	mu     sync.Mutex
	shards map[string]*shard
}

type shard struct {
	ended  chan struct{}
	told   bool // somebody knows more of it than that it is a parent
	parent bool // of a shard that was told
}

// New knows the shards that a stream has now, closed ones too. Parents that are not among them are gone.
func New(shards []record.Shard) *Lineage {
	l := &Lineage{shards: make(map[string]*shard, len(shards))}
	for i := range shards {
		l.shard(shards[i].ID).told = true
	}
	for i := range shards {
		for _, id := range shards[i].Parents {
			if parent := l.shards[id]; parent != nil {
				parent.parent = true
			}
		}
	}
	return l
}

func (l *Lineage) shard(id string) *shard {
	if l.shards[id] == nil {
		l.shards[id] = &shard{ended: make(chan struct{})}
	}
	return l.shards[id]
}

// Wait waits until the parents of a shard have ended, as far as the stream still holds them, or ctx does.
func (l *Lineage) Wait(ctx context.Context, s *record.Shard) error {
	for _, ended := range l.parents(s) {
		select {
		case <-ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (l *Lineage) parents(s *record.Shard) (ended []chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range s.Parents {
		if parent := l.shards[id]; parent != nil {
			ended = append(ended, parent.ended)
		}
	}
	return ended
}

// End says that a shard was read to its end, where it was told that children came of it. Those of them that nobody knew of are born: they have to be
// read, from their beginning. A shard that ends with no child known is an error, for what came after it would be missed.
func (l *Lineage) End(id string, children []record.Shard) (born []record.Shard, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range children {
		child := l.shard(children[i].ID)
		if child.told {
			continue
		}
		child.told = true
		born = append(born, children[i])
		for _, id := range children[i].Parents {
			l.shard(id).parent = true // it may be another's child that nobody has told of yet
		}
	}
	s := l.shard(id)
	if len(children) == 0 && !s.parent {
		return nil, fmt.Errorf("shard %s was closed while it was read, and the stream told of no shard that came of it", id)
	}
	close(s.ended)
	return born, nil
}
