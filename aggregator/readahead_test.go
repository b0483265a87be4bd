package aggregator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/record"
)

// answers is a stream that is polled as stream.Reader does it: each call has room first, takes a while, and may fail, or give nothing.
type answers struct {
	shards int
	// pages are how many pages of ten records each shard has.
	pages int
	takes time.Duration
	poll  time.Duration
	// fails is the share of the calls that do, after which a shard pauses for a second.
	fails float64
	// pushed has the pages come without being asked for.
	pushed bool

	mu      sync.Mutex
	fetched int                        // pages with records
	asked   map[string][]time.Duration // when each shard was, since the start
	begun   time.Time
}

func (a *answers) Shards(context.Context) ([]record.Shard, error) {
	a.begun, a.asked = time.Now(), make(map[string][]time.Duration)
	return shardsOf(a.shards), nil
}

func (a *answers) Read(ctx context.Context, shard record.Shard, _ record.Position, to record.Receiver) error {
	random := rand.New(rand.NewPCG(1, shard.Start.Hi))
	for n := 0; ; {
		if !a.pushed {
			if err := to.Room(ctx); err != nil {
				return err
			}
		}
		a.ask(shard.ID)
		if !sleeps(ctx, a.takes) {
			to.Spare()
			return ctx.Err()
		}
		if random.Float64() < a.fails {
			to.Spare()
			if !sleeps(ctx, time.Second) {
				return ctx.Err()
			}
			continue
		}
		page := record.Page{Shard: shard.ID}
		if n < a.pages {
			for i := range 10 {
				page.Records = append(page.Records, stored(n*10+i, eventOf("k", "a", int64(n*1000+i), "1")))
			}
			n++
			a.fetch()
		}
		if err := to.Take(ctx, page); err != nil {
			return err
		}
		if len(page.Records) == 0 && !sleeps(ctx, a.poll) {
			return ctx.Err()
		}
	}
}

func (a *answers) ask(shard string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked[shard] = append(a.asked[shard], time.Since(a.begun))
}

func (a *answers) fetch() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fetched++
}

func (a *answers) read() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fetched
}

func sleeps(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// shut is a sink that takes nothing until it is opened.
type shut struct {
	*kept
	opened chan struct{}
}

func (s shut) Emit(ctx context.Context, rows []record.Fired) error {
	select {
	case <-s.opened:
		return s.kept.Emit(ctx, rows)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ahead is an aggregator in a bubble that reads ahead of a sink which is shut.
type ahead struct {
	*Aggregator
	told   *kept
	opened chan struct{}
	kill   func()
	ended  chan error
}

func runAhead(t *testing.T, source Source, edit func(*Config)) *ahead {
	r := &ahead{told: new(kept), opened: make(chan struct{}), ended: make(chan error, 1)}
	config := seconds(1)
	config.Source, config.Sink, config.Observer = source, shut{r.told, r.opened}, r.told
	config.Fields, config.Clock = record.DefaultFields(), record.NewClock(time.Now())
	edit(&config)
	r.Aggregator = New(config)
	ctx, kill := context.WithCancel(t.Context())
	r.kill = kill
	go func() { r.ended <- r.Run(ctx, record.Position{}) }()
	return r
}

// end kills it; in a bubble, a goroutine that does not end is found.
func (r *ahead) end(t *testing.T) {
	t.Helper()
	r.kill()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}

// all are the places of all shards that were processed.
func (r *ahead) all() (places int) {
	r.told.mu.Lock()
	defer r.told.mu.Unlock()
	for _, of := range r.told.processed {
		places += len(of)
	}
	return places
}

// The rows of the first window keep the one window subtask, so that a batch of a page is with it and others wait in front of it. All else that was read is the
// source subtask's, and of that there are no more fetches than Flink would have, of one shard as of a hundred. When the sink opens all shards are
// read to their tips.
func TestWhateverTheNumberOfShardsNoMoreIsReadAheadThanFlinkDoes(t *testing.T) {
	for _, capacity := range []int{1, 2, 7} {
		for _, shards := range []int{1, 3, 40} {
			for _, fails := range []float64{0, 0.2} {
				t.Run(fmt.Sprintf("capacity %d, %d shards, %g fail", capacity, shards, fails), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						source := &answers{shards: shards, pages: 25, takes: 20 * time.Millisecond, poll: 250 * time.Millisecond, fails: fails}
						r := runAhead(t, source, func(c *Config) { c.ElementQueueCapacity = capacity })
						most := 0
						for range 400 { // until the sink is in the way, and for long after that
							time.Sleep(50 * time.Millisecond)
							l := r.layout.Load()
							processed := 0
							for _, in := range l.inputs {
								processed += int(in.processedPages.Load())
							}
							most = max(most, source.read()-processed)
						}
						taken := r.all()/10 + queueBatches
						if got := source.read(); most > capacity+2 || got != taken+capacity+2 {
							t.Errorf("%d pages are read and %d are processed or in front of the window subtask; at most %d were with the source subtask, of %d", got, taken, most, capacity+2)
						}
						close(r.opened)
						time.Sleep(10 * time.Minute)
						if want := shards * 25 * 10; r.all() != want {
							t.Errorf("%d records are processed of %d", r.all(), want)
						}
						r.end(t)
					})
				})
			}
		}
	}
}

func TestAKillWhileAllIsReadAheadEndsEveryGoroutine(t *testing.T) {
	for _, pushed := range []bool{false, true} {
		for _, drift := range []time.Duration{0, time.Second} {
			synctest.Test(t, func(t *testing.T) {
				source := &answers{shards: 20, pages: 1000, takes: 20 * time.Millisecond, poll: 250 * time.Millisecond, pushed: pushed}
				r := runAhead(t, source, func(c *Config) { c.Watermark.MaxDrift = drift })
				time.Sleep(time.Minute)
				r.end(t)
			})
		}
	}
}

// Shards that give nothing take their turns, and so do those that have much: with three fetches at a time that take a tenth of a second, each of thirty
// shards is asked again after a second, but for its pause.
func TestAShardWaitsForNoMoreThanOneCallOfEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &answers{shards: 30, pages: 20, takes: 100 * time.Millisecond, poll: 250 * time.Millisecond}
		r := runAhead(t, source, func(c *Config) { c.ElementQueueCapacity = 1 })
		close(r.opened)
		time.Sleep(time.Minute)
		r.end(t)
		for shard, asked := range source.asked {
			for i, at := range asked[1:] {
				if gap := at - asked[i]; gap > 1250*time.Millisecond {
					t.Fatalf("shard %s was asked at %s, and then after %s", shard, asked[i], gap)
				}
			}
			if len(asked) < 40 {
				t.Errorf("shard %s was asked %d times", shard, len(asked))
			}
		}
	})
}

// Of a shard that is pushed to there are three events more, as in Flink: two that wait, and one that is received.
func TestOfAShardThatIsPushedToThreeMoreEventsAreReadAhead(t *testing.T) {
	for _, shards := range []int{1, 5, 50} {
		synctest.Test(t, func(t *testing.T) {
			source := &answers{shards: shards, pages: 50, takes: time.Millisecond, pushed: true, poll: time.Second}
			r := runAhead(t, source, func(*Config) {})
			time.Sleep(time.Minute)
			most := r.all()/10 + queueBatches + DefaultElementQueueCapacity + 2 + shards*(pushedPages+1)
			if got := source.read(); got > most || got < most-1 { // one of the shards may have room for an event that waits
				t.Errorf("%d shards: %d events are read of at most %d", shards, got, most)
			}
			close(r.opened)
			time.Sleep(10 * time.Minute)
			if want := shards * 50 * 10; r.all() != want {
				t.Errorf("%d records are processed of %d", r.all(), want)
			}
			r.end(t)
		})
	}
}

// uneven has one shard whose event time stays behind, and others that hold full pages which are far ahead of it: more of them than there is room for.
type uneven struct{ answers }

func (u *uneven) Read(ctx context.Context, shard record.Shard, _ record.Position, to record.Receiver) error {
	for n := range 60 {
		page := record.Page{Shard: shard.ID, Behind: time.Second}
		for i := range 2 * pieceRecords {
			ts := int64(n*2*pieceRecords + i)
			if shard.ID == "shard-0" {
				ts /= 10
			}
			page.Records = append(page.Records, stored(int(ts), eventOf("k", "a", ts, "1")))
		}
		if n == 59 {
			page.Behind = 0
		}
		if !sleeps(ctx, time.Millisecond) {
			return ctx.Err()
		}
		if err := asked(ctx, to, page); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestShardsThatWaitForAnotherLeaveRoomForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runAhead(t, &uneven{answers{shards: 9}}, func(c *Config) { c.ElementQueueCapacity, c.Watermark.MaxDrift = 1, time.Second })
		close(r.opened)
		time.Sleep(time.Hour)
		if want := 9 * 60 * 2 * pieceRecords; r.all() != want {
			t.Errorf("%d records are processed of %d", r.all(), want)
		}
		r.end(t)
	})
}
