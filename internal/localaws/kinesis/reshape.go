package kinesis

import (
	"fmt"
	"math/big"
	"time"

	"weir/internal/localaws/wire"
)

// reshape changes an active stream, which then is UPDATING for Config.CreateDelay.
//
// K17: A stream that is resharded is UPDATING and then ACTIVE, takes and gives records meanwhile, and is not resharded again before (API reference, SplitShard)
func (s *Service) reshape(ref streamRef, change func(st *stream, now time.Time) error) (*empty, error) {
	st, err := s.find(ref)
	if err != nil {
		return nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	now := time.Now()
	if status := st.status(now); status != active {
		return nil, wire.NewError("ResourceInUseException", "Stream %s under account %s not ACTIVE, instead in state %s", st.name, s.config.Account, status)
	}
	if err := change(st, now); err != nil {
		return nil, err
	}
	st.settled = now.Add(s.config.CreateDelay)
	return &empty{}, nil
}

// provisioned refuses what only streams that are provisioned do. The stream is locked.
func (s *Service) provisioned(st *stream, operation string) error {
	if st.mode == provisioned {
		return nil
	}
	return wire.NewError("ValidationException", "%s is not supported for stream %s under account %s, which has the on-demand capacity mode.", operation, st.name, s.config.Account)
}

// openShard is a shard that can be split or merged, and its place.
func (s *Service) openShard(st *stream, id string) (sh *shard, i int, err error) {
	l := st.lineage.Load()
	sh = l.find(id, 0)
	if sh == nil {
		return nil, 0, wire.NewError("ResourceNotFoundException", "Could not find shard %s in stream %s under account %s.", id, st.name, s.config.Account)
	}
	i, open := l.place(sh)
	if !open {
		return nil, 0, wire.NewError("InvalidArgumentException",
			"Shard %s in stream %s under account %s has already been merged or split, and thus is not eligible for merging or splitting.", id, st.name, s.config.Account)
	}
	return sh, i, nil
}

// split puts two shards in the place of the ith open one: the second begins at a hash key. The stream is locked.
func (s *Service) split(st *stream, i int, at *big.Int, now time.Time) {
	parent := st.lineage.Load().open[i]
	st.replace(i, 1, now, hashRange{parent.start, before(at)}, hashRange{at, parent.end})
}

// merge puts one shard in the place of the ith open one and the next. The stream is locked.
func (s *Service) merge(st *stream, i int, now time.Time) {
	l := st.lineage.Load()
	st.replace(i, 2, now, hashRange{l.open[i].start, l.open[i+1].end})
}

// scale gives the stream that many open shards of equal ranges, by splits and then by merges, as UpdateShardCount does. Shards that stand as they
// shall be are left alone. The stream is locked.
//
// K16: A stream that was scaled has shards of equal ranges (API reference, UpdateShardCount, UNIFORM_SCALING)
func (s *Service) scale(st *stream, shards int, now time.Time) {
	bounds := evenly(shards)
	i := 0
	for _, bound := range bounds[1:shards] {
		for st.lineage.Load().open[i].end.Cmp(bound) < 0 {
			i++
		}
		if st.lineage.Load().open[i].start.Cmp(bound) != 0 {
			s.split(st, i, bound, now)
			i++
		}
	}
	for i := range shards {
		for st.lineage.Load().open[i].end.Cmp(before(bounds[i+1])) < 0 {
			s.merge(st, i, now)
		}
	}
}

// Reshard gives a stream that many shards of equal ranges at once, whatever the rules of UpdateShardCount. It is for faults.
func (s *Service) Reshard(name string, shards int) error {
	if shards < 1 {
		return fmt.Errorf("reshard stream %s: %d shards", name, shards)
	}
	_, err := s.reshape(streamRef{StreamName: &name}, func(st *stream, now time.Time) error {
		s.scale(st, shards, now)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reshard: %w", err)
	}
	return nil
}

// StopShard has a shard neither take nor give records, or do so again: in the meantime they fail with InternalFailure. It is for faults.
func (s *Service) StopShard(name, id string, stopped bool) error {
	st, err := s.find(streamRef{StreamName: &name})
	if err != nil {
		return fmt.Errorf("stop shard: %w", err)
	}
	sh, err := s.findShard(st, id)
	if err != nil {
		return fmt.Errorf("stop shard: %w", err)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.stopped = stopped
	return nil
}
