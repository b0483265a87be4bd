package routing

import (
	"context"
	"errors"
	"hash/fnv"
	"sync"
	"time"

	"weir/record"
)

// shardLanes are the items of one shard that wait, in as many lanes as batches may be under way at once. All items of a partition key are in one
// lane, so that they stay in order (AWS Lambda developer guide, "Using Lambda to process records from Amazon Kinesis Data Streams": "Lambda still ensures
// in-order processing at the partition-key level").
type shardLanes struct {
	config *MappingConfig
	id     string

	mu       sync.Mutex
	lanes    []*lane
	waiting  int           // items in all lanes
	taken    chan struct{} // closed and replaced when items leave
	progress progress

	// passed is the places of a page's records that went into no lane. Only the reading uses it.
	passed []int64
}

// lane is a queue of items, and what is to be known of the batch that is under way.
type lane struct {
	items []Item
	size  int           // of their payload
	added chan struct{} // holds one when something was added, or the lane was closed
	ended bool          // no more items come

	blocked *Blocked // the batch under way that fails
}

func newShardLanes(config *MappingConfig, shard string) *shardLanes {
	s := &shardLanes{config: config, id: shard, taken: make(chan struct{}), lanes: make([]*lane, config.ParallelizationFactor)}
	for i := range s.lanes {
		s.lanes[i] = &lane{added: make(chan struct{}, 1)}
	}
	return s
}

// room waits until less than a batch for each lane is left, so that what was read and is not handled is bounded.
func (s *shardLanes) room(ctx context.Context) error {
	for {
		s.mu.Lock()
		taken, full := s.taken, s.waiting >= s.config.BatchSize*len(s.lanes)
		s.mu.Unlock()
		if !full {
			return nil
		}
		select {
		case <-taken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// add puts the items of a page into the lanes of their partition keys. They come all at once, so that a batch has what its page has. The places are those of
// the items that go into no lane; they hold until the next page.
func (s *shardLanes) add(items []Item) (passed []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed = s.passed[:0]
	for _, item := range items {
		item.place = s.progress.add(item.Sequence, item.passed)
		if item.passed {
			s.passed = append(s.passed, int64(item.place))
			continue
		}
		l := s.laneOf(item.PartitionKey)
		l.items = append(l.items, item)
		l.size += item.size
		s.waiting++
		l.wake()
	}
	return s.passed
}

// laneOf is the lane of a partition key.
func (s *shardLanes) laneOf(key string) *lane { return s.lanes[Lane(key, len(s.lanes))] }

// Lane is which of so many lanes a partition key is in: it spreads the keys. How Lambda does it is not stated.
func Lane(key string, lanes int) int {
	if lanes == 1 {
		return 0
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(key))
	return int(hash.Sum32() % uint32(lanes))
}

// end says that no more items come.
func (s *shardLanes) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lanes {
		l.ended = true
		l.wake()
	}
}

func (l *lane) wake() {
	select {
	case l.added <- struct{}{}:
	default:
	}
}

// run hands over the lanes' batches until all have ended and are empty, one at a time a lane.
func (s *shardLanes) run(ctx context.Context, handle func(context.Context, *lane, []Item) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var lanes sync.WaitGroup
	failed := make([]error, len(s.lanes))
	for i, l := range s.lanes {
		lanes.Go(func() {
			if failed[i] = s.runLane(ctx, l, handle); failed[i] != nil {
				cancel()
			}
		})
	}
	lanes.Wait()
	return worst(failed...)
}

func (s *shardLanes) runLane(ctx context.Context, l *lane, handle func(context.Context, *lane, []Item) error) error {
	for {
		items, err := s.next(ctx, l)
		if err != nil || items == nil {
			return err
		}
		if err := handle(ctx, l, items); err != nil {
			return err
		}
	}
}

// worst is the error that says most: a context that ended says least.
func worst(failed ...error) error {
	for _, err := range failed {
		if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// next waits for a lane's next batch; nil is the end.
func (s *shardLanes) next(ctx context.Context, l *lane) ([]Item, error) {
	for {
		items, wait, done := s.poll(l)
		if done {
			return items, nil
		}
		var window <-chan time.Time
		if wait > 0 {
			window = time.After(wait)
		}
		select {
		case <-l.added:
		case <-window:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// poll takes a batch if it is time: the batch is full, by its items or its payload, or the batching window is over, or nothing more comes. Otherwise
// wait, if not zero, is what is left of the window.
func (s *shardLanes) poll(l *lane) (items []Item, wait time.Duration, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(l.items) == 0 {
		return nil, 0, l.ended
	}
	full := len(l.items) >= s.config.BatchSize || eventOverhead+l.size > MaxPayload
	if wait = s.config.BatchingWindow - time.Since(l.items[0].came); wait > 0 && !full && !l.ended {
		return nil, wait, false
	}
	n, size := 0, eventOverhead
	for n < len(l.items) && n < s.config.BatchSize && (n == 0 || size+l.items[n].size <= MaxPayload) {
		size += l.items[n].size
		n++
	}
	items, l.items = l.items[:n:n], l.items[n:]
	l.size -= size - eventOverhead
	s.waiting -= n
	close(s.taken)
	s.taken = make(chan struct{})
	return items, 0, true
}

// finish ends items that need no other invocation, and gives their places.
func (s *shardLanes) finish(items []Item) []int64 {
	places := make([]int64, len(items))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range items {
		places[i] = int64(items[i].place)
		s.progress.finish(items[i].place)
	}
	return places
}

// Blocked is a batch that fails and holds up what is behind it.
type Blocked struct {
	Shard string
	// Sequence is that of the batch's first item, and Key its partition key.
	Sequence, Key string
	// Since is when it first failed, and Attempts how often it did.
	Since    time.Duration
	Attempts int
	// Waiting are the items of the shard that were read and wait, those of the batch among them.
	Waiting int
	Reason  error
}

// block notes that the lane's batch fails; left is all that is left of it.
func (s *shardLanes) block(l *lane, left []work, failure *Failure, at time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.blocked == nil {
		l.blocked = &Blocked{Shard: s.id, Since: at}
	}
	b, first := l.blocked, &left[0].items[0]
	b.Attempts++
	b.Sequence, b.Key, b.Reason, b.Waiting = first.Sequence, first.PartitionKey, failure, 0
	for i := range left {
		b.Waiting += len(left[i].items)
	}
}

func (s *shardLanes) unblock(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.blocked = nil
}

// blockedLanes are the batches that fail now.
func (s *shardLanes) blockedLanes() []Blocked {
	s.mu.Lock()
	defer s.mu.Unlock()
	var blocked []Blocked
	for _, l := range s.lanes {
		if l.blocked != nil {
			b := *l.blocked
			b.Waiting += len(l.items)
			blocked = append(blocked, b)
		}
	}
	return blocked
}

func (s *shardLanes) checkpoint() (record.Position, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.progress.checkpoint()
}
