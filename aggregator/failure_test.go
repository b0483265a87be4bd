package aggregator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/record"
)

// broken is a stream or a sink that fails.
type broken struct {
	memory
	list, read, emit error
}

func (b *broken) Shards(ctx context.Context) ([]record.Shard, error) {
	if b.list != nil {
		return nil, b.list
	}
	return b.memory.Shards(ctx)
}

func (b *broken) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := b.memory.Read(ctx, shard, from, to); err == nil || b.read == nil {
		return err
	}
	return b.read
}

func (b *broken) Emit(context.Context, []record.Fired) error { return b.emit }

func TestRunEndsWithTheFirstErrorAndNamesTheCause(t *testing.T) {
	gone := errors.New("no such stream")
	fires := []record.Stored{stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "a", 9000, "2"))}
	badFlush := flush(1)
	badFlush.Data = []byte("{}")
	end := one(fires, 10)
	end.pages[0].End = true
	for _, c := range []struct {
		name   string
		stream broken
		want   string
	}{
		{"shards cannot be listed", broken{list: gone}, "aggregator: no such stream"},
		{"a stream without shards", broken{}, "aggregator: the stream has no shards"},
		{"a shard cannot be read", broken{memory: *one(nil, 1), read: gone}, "aggregator: shard shard-0: no such stream"},
		{"the sink fails", broken{memory: *one(fires, 10), emit: gone}, "aggregator: emit 1 rows: no such stream"},
		{"a flush without event time", broken{memory: *one([]record.Stored{badFlush}, 1)}, "aggregator: flush record 1 of shard shard-0: "},
		{"a reshard", broken{memory: *end}, "aggregator: shard shard-0 was closed while it was read, and the stream told of no shard that came of it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := seconds(2)
			config.Sink = &c.stream
			got := aggregate(t, config, &c.stream)
			if got.err == nil || !strings.HasPrefix(got.err.Error(), c.want) {
				t.Errorf("%v, want %s", got.err, c.want)
			}
			if strings.Contains(c.want, gone.Error()) && !errors.Is(got.err, gone) {
				t.Errorf("%v hides its cause", got.err)
			}
		})
	}
}

func TestPageOfAShardThatIsNotAssignedIsAnError(t *testing.T) {
	stream := lying{one([]record.Stored{stored(1, "{}")}, 1)}
	got := aggregate(t, seconds(1), stream)
	if got.err == nil || !strings.Contains(got.err.Error(), `shard "elsewhere"`) {
		t.Error(got.err)
	}
}

// lying is a stream whose pages name another shard.
type lying struct{ *memory }

func (l lying) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	return l.memory.Read(ctx, shard, from, record.ReceiverFunc(func(ctx context.Context, page record.Page) error {
		page.Shard = "elsewhere"
		return asked(ctx, to, page)
	}))
}

func TestReadingThatEndsBeforeItsShardIsAnError(t *testing.T) {
	got := aggregate(t, seconds(1), short{one(nil, 1)})
	if got.err == nil || !strings.Contains(got.err.Error(), "the reading ended before the shard did") {
		t.Error(got.err)
	}
}

// short is a stream whose reading ends at once.
type short struct{ *memory }

func (s short) Read(context.Context, record.Shard, record.Position, record.Receiver) error {
	return nil
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
	}{
		{"parallelism", func(c *Config) { c.Parallelism = 0 }},
		{"queue", func(c *Config) { c.ElementQueueCapacity = -1 }},
		{"window", func(c *Config) { c.Window = 0 }},
		{"out-of-orderness", func(c *Config) { c.OutOfOrderness = -time.Second }},
		{"observer", func(c *Config) { c.Observer = nil }},
		{"sink", func(c *Config) { c.Sink = nil }},
	} {
		config := seconds(1)
		config.Source, config.Sink, config.Observer = one(nil, 1), new(kept), new(kept)
		config.Fields, config.Clock = record.DefaultFields(), record.NewClock(time.Now())
		c.change(&config)
		if err := New(config).Run(t.Context(), record.Position{}); err == nil || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRunEndsWithItsContextAndRunsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := seconds(1)
		config.Source, config.Sink, config.Observer = one(nil, 1), new(kept), new(kept)
		config.Fields, config.Clock = record.DefaultFields(), record.NewClock(time.Now())
		a := New(config)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if status := a.Status(); status.Watermark >= 0 || status.Sources != nil {
			t.Errorf("before the run: %+v", status)
		}
		if err := a.Run(ctx, record.Position{}); err != nil {
			t.Error(err)
		}
		if err := a.Run(ctx, record.Position{}); err == nil {
			t.Error("it ran twice")
		}
	})
}
