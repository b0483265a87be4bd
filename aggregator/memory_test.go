package aggregator

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/record"
)

// memory is a stream whose pages are delivered in one order over all shards, so that a test knows what meets what.
type memory struct {
	shards []record.Shard
	pages  []record.Page
	// settled makes a page wait until everything before it is processed: in a bubble, time moves on only then.
	settled bool
	// delivered[i] is closed when page i was taken; made by Shards.
	delivered []chan struct{}
}

func (m *memory) Shards(context.Context) ([]record.Shard, error) {
	m.delivered = make([]chan struct{}, len(m.pages))
	for i := range m.delivered {
		m.delivered[i] = make(chan struct{})
	}
	return m.shards, nil
}

func (m *memory) Read(ctx context.Context, shard record.Shard, _ record.Position, to record.Receiver) error {
	for i, page := range m.pages {
		if page.Shard != shard.ID {
			continue
		}
		if i > 0 {
			select {
			case <-m.delivered[i-1]:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := asked(ctx, to, page); err != nil {
			return err
		}
		if m.settled {
			time.Sleep(time.Nanosecond)
		}
		close(m.delivered[i])
		if page.End {
			return nil
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// asked hands a page over as a reader does that polls.
func asked(ctx context.Context, to record.Receiver, page record.Page) error {
	if err := to.Room(ctx); err != nil {
		return err
	}
	return to.Take(ctx, page)
}

// shardsOf splits the hash range evenly, as CreateStream does.
func shardsOf(n int) []record.Shard {
	shards := make([]record.Shard, n)
	for i := range shards {
		shards[i] = record.Shard{ID: "shard-" + strconv.Itoa(i), Start: place(i, n), End: place(i+1, n)}
	}
	return shards
}

// place is the place of i/n in the hash range, near enough.
func place(i, n int) record.HashKey {
	if i == n {
		return record.HashKey{Hi: 1<<64 - 1, Lo: 1<<64 - 1}
	}
	return record.HashKey{Hi: (1<<64 - 1) / uint64(n) * uint64(i)}
}

// one is a stream of one shard with these records in pages of so many.
func one(records []record.Stored, size int) *memory {
	m := &memory{shards: shardsOf(1)}
	for page := range slices.Chunk(records, size) {
		m.pages = append(m.pages, record.Page{Shard: m.shards[0].ID, Records: page})
	}
	return m
}

// kept is what an aggregator told, in the order in which it did.
type kept struct {
	mu         sync.Mutex
	rows       []record.Fired
	late       []record.ID   // dropped
	missed     []record.Late // dropped or not
	unreadable []record.ID
	told       map[record.RowID]bool // rows that the observer was told of
	early      int                   // rows that the sink got before that
	processed  map[string][]int64    // places, by shard
}

// done are the places of a shard that were processed.
func (k *kept) done(shard string) []int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.processed[shard])
}

func (k *kept) Processed(shard string, places []int64, _ time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.processed == nil {
		k.processed = make(map[string][]int64)
	}
	k.processed[shard] = append(k.processed[shard], places...)
}

func (k *kept) Emit(_ context.Context, rows []record.Fired) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range rows {
		if !k.told[rows[i].RowID] {
			k.early++
		}
	}
	k.rows = append(k.rows, rows...)
	return nil
}

func (k *kept) Late(late []record.Late) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.missed = append(k.missed, late...)
	for i := range late {
		if late[i].Dropped {
			k.late = append(k.late, late[i].ID)
		}
	}
}

func (k *kept) Unreadable(id record.ID, _ []byte, _ error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unreadable = append(k.unreadable, id)
}

func (k *kept) Fired(rows []record.Fired, _ time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.told == nil {
		k.told = make(map[record.RowID]bool)
	}
	for i := range rows {
		k.told[rows[i].RowID] = true
	}
}

// aggregated is what came of a stream.
type aggregated struct {
	*kept
	status Status
	err    error
}

// aggregate runs a stream through an aggregator until nothing moves any more.
func aggregate(t *testing.T, config Config, source Source) (got aggregated) {
	t.Helper()
	return aggregateFor(t, time.Hour, config, source)
}

// aggregateFor runs it for so long, in a bubble.
func aggregateFor(t *testing.T, long time.Duration, config Config, source Source) (got aggregated) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		got.kept = new(kept)
		config.Source = source
		if config.Observer == nil {
			config.Observer = got.kept
		}
		if config.Sink == nil {
			config.Sink = got.kept
		}
		if len(config.Fields.Key) == 0 {
			config.Fields = record.DefaultFields()
		}
		config.Clock = record.NewClock(time.Now())
		a := New(config)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- a.Run(ctx, record.Position{}) }()
		time.Sleep(long)
		got.status = a.Status()
		cancel()
		got.err = <-ended
	})
	if got.err == nil && config.Restore == nil && config.Observer == Observer(got.kept) {
		got.checkProcessed(t)
	}
	return got
}

// stored makes a record; its number is its sequence number, and its due time in milliseconds.
func stored(number int, data string) record.Stored {
	return record.Stored{
		Sequence: strconv.Itoa(number), PartitionKey: "p", Data: []byte(data), Due: time.Duration(number) * time.Millisecond,
	}
}

// flush makes a flush record of a shard.
func flush(number int) record.Stored {
	s := stored(number, `{"event_time":221845305600000}`) // 8999-12-31
	s.PartitionKey, s.Due = record.FlushKey("test"), record.NoDue
	return s
}

func eventOf(kind, key string, ts int64, value string) string {
	if value != "" {
		value = `,"value":` + value
	}
	return fmt.Sprintf(`{"kind":%q,"key":%q,"event_time":%d%s}`, kind, key, ts, value)
}
