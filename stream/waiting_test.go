package stream

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weir/record"
)

// Whatever becomes of the calls and of the shards, and in whatever order the records are due.
func TestWhatWaitsByShardIsAllThatIsQueuedAndItsOldestIsTheOldest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := drawOrdeal(rt)
		reshards := drawReshards(rt)
		dues := rapid.SliceOfN(rapid.Custom(drawDue), 1, 40).Draw(rt, "dues")
		packed := rapid.Bool().Draw(rt, "packed")
		var broken []string
		synctest.Test(t, func(t *testing.T) { broken = o.weigh(t, reshards, dues, packed) })
		for _, b := range broken {
			rt.Error(b)
		}
	})
}

// drawDue draws how far a record is due behind the one before; or it has no due time.
func drawDue(t *rapid.T) time.Duration {
	if rapid.IntRange(0, 15).Draw(t, "none") == 0 {
		return record.NoDue
	}
	return time.Duration(rapid.SampledFrom([]int{0, 1, 1, 1, 2, 50, -1, -3, -60}).Draw(t, "step"))
}

// weigh takes a writer through the ordeal, and compares at each of its quiet moments what it says is waiting with what there is.
func (o ordeal) weigh(t *testing.T, reshards map[int]func(*fakeStream), dues []time.Duration, packed bool) (broken []string) {
	f := newFakeStream(o.shards)
	f.reshards = reshards
	f.script = func(i, n int) event {
		if i < len(o.faults) {
			return o.faults[i].event(n)
		}
		return event{takes: time.Millisecond}
	}
	r := start(t, f, func(c *WriterConfig) { c.InFlight, c.Pack = o.inFlight, packed && len(reshards) == 0 })
	taken := make(map[string]record.Record)
	last := time.Duration(1000)
	look := func() {
		synctest.Wait()
		broken = append(broken, weighed(r, taken)...)
	}
	for _, b := range o.puts {
		for i, shard := range b.shards {
			due := dues[len(taken)%len(dues)]
			if due != record.NoDue {
				last += due
				due = last
			}
			one := keyed((shard*5+i*3)%keys, keys, len(taken))
			one.Due = due
			r.put(t, one)
			taken[string(one.Data)] = one
			look()
		}
		for end := time.Now().Add(b.then); time.Now().Before(end); look() {
			time.Sleep(time.Millisecond)
		}
	}
	r.Close()
	for records, _ := r.Queued(); records > 0; records, _ = r.Queued() {
		time.Sleep(time.Millisecond)
		look()
	}
	if err := r.end(t); err != nil {
		broken = append(broken, err.Error())
	}
	return broken
}

// weighed compares what a writer says is waiting with the records that it took and did not end.
func weighed(r *rig, taken map[string]record.Record) (broken []string) {
	want := Waiting{Oldest: record.NoDue}
	r.watcher.mu.Lock()
	final := make(map[string]bool)
	for _, s := range r.watcher.final {
		final[string(s.Data)] = true
	}
	r.watcher.mu.Unlock()
	for data, one := range taken {
		if final[data] {
			continue
		}
		want.Records++
		want.Bytes += int64(one.Size())
		want.Oldest = earlier(want.Oldest, one.Due)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	got := Waiting{Oldest: record.NoDue}
	for _, w := range r.waiting() {
		got.Records += w.Records
		got.Bytes += w.Bytes
		got.Oldest = earlier(got.Oldest, w.Oldest)
	}
	if got != want || got.Records != int64(r.queued) || got.Bytes != int64(r.bytes) {
		broken = append(broken, fmt.Sprintf("it says that %+v wait, and there are %+v; %d records and %d bytes are queued", got, want, r.queued, r.bytes))
	}
	for _, l := range r.lanes() {
		oldest := record.NoDue
		for _, one := range l.queue.All() {
			oldest = earlier(oldest, one.Due)
		}
		if l.oldest() != oldest {
			broken = append(broken, fmt.Sprintf("the oldest of the queue of %s is due at %d, and not at %d", l.shard.ID, oldest, l.oldest()))
		}
	}
	return broken
}

func TestACallForAShardThatWasClosedMeanwhileWaitsUnderThatShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(2)
		f.reshards = map[int]func(*fakeStream){1: func(f *fakeStream) { f.split(0) }}
		f.script = func(i, n int) event {
			if i == 0 { // the parent's, which is on its way when the other shard's tells of the reshard
				return event{takes: time.Second}
			}
			return event{takes: 10 * time.Millisecond}
		}
		r := start(t, f, func(c *WriterConfig) { c.Linger = -1 })
		parent := keyed(0, keys, 10)
		parent.Due = 5
		r.put(t, parent)
		time.Sleep(time.Millisecond)
		r.stream.mu.Lock()
		r.stream.lanes[1].shard.ID = "shardId-sibling"
		r.stream.shards[1].ID = "shardId-sibling"
		r.stream.mu.Unlock()
		r.put(t, keyed(8, keys, 2))
		time.Sleep(50 * time.Millisecond)
		var got []Waiting
		for _, w := range r.Waiting() {
			if w.Records > 0 {
				got = append(got, w)
			}
		}
		if want := []Waiting{{Shard: shardName(0), Records: 1, Bytes: 3, Oldest: 5}}; !slices.Equal(got, want) {
			t.Errorf("%+v waits, and %+v does", got, want)
		}
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	})
}
