package ledger

import "weir/measure/backlog"

// Undone is what waits in each shard for any of the consumers, in the order of the shards' ids: Stream is what some consumer has not read, and Engine what all
// of them have read and some has not processed. Each consumer has to report progress, to have begun at the beginning of the stream, and never to go back: a
// record then has the same place in all readings. Its price goes with what was read and is not processed.
func (l *Ledger) Undone() []ShardBacklog {
	shards := l.all()
	all := make([]ShardBacklog, len(shards))
	for i, s := range shards {
		l.enter(s)
		all[i] = s.undone()
		l.leave(s)
	}
	return all
}

func (s *shard) undone() ShardBacklog {
	if len(s.views) == 0 {
		return ShardBacklog{Shard: s.id, Stream: backlog.None, Engine: backlog.None}
	}
	last := s.views[0] // the one that has read least
	from := last.taken.done
	for _, v := range s.views[1:] {
		if v.taken.next() < last.taken.next() {
			last = v
		}
		from = min(from, v.taken.done)
	}
	b := last.backlog()
	b.Engine = backlog.None
	for place := from; place < last.taken.next(); place++ {
		for _, v := range s.views {
			if one := v.taken.unprocessed(place); one != nil {
				b.Engine = b.Engine.Plus(one.extent())
				break
			}
		}
	}
	return b
}

// unprocessed is the record at a place, nil where it is processed.
func (t *taken) unprocessed(place int64) *takenRecord {
	if place < t.done {
		return nil
	}
	one := t.records.At(int(place - t.first))
	if one.state&processed != 0 {
		return nil
	}
	return one
}

// extent is what the record adds to a backlog.
func (one *takenRecord) extent() backlog.Extent {
	if one.state&flushRecord != 0 {
		return backlog.None
	}
	return backlog.Extent{Records: 1, Bytes: int64(one.size), Oldest: one.due}
}
