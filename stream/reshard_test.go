package stream

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weir/record"
)

// keyed is a record of one of so many keys, whose hashes are spread evenly.
func keyed(key, keys, number int) record.Record {
	hash := new(big.Int).Lsh(big.NewInt(int64(key)), 128)
	hash.Div(hash, big.NewInt(int64(keys)))
	return record.Record{PartitionKey: "k", ExplicitHashKey: hash.String(), Data: strconv.AppendInt(nil, int64(number), 10)}
}

// Whatever becomes of the calls, and however the stream is split and merged meanwhile, each record is stored once, and those of a
// key in their order, but for disorder within one call.
func TestNothingIsLostTwiceOrOutOfOrderAcrossReshards(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := drawOrdeal(rt)
		reshards := drawReshards(rt)
		var broken []string
		synctest.Test(t, func(t *testing.T) { broken = o.reshard(t, reshards) })
		for _, b := range broken {
			rt.Error(b)
		}
	})
}

// drawReshards draws splits and merges, by the calls in the middle of which they happen.
func drawReshards(t *rapid.T) map[int]func(*fakeStream) {
	reshards := make(map[int]func(*fakeStream))
	for range rapid.IntRange(1, 6).Draw(t, "reshards") {
		at := rapid.IntRange(0, 7).Draw(t, "shard")
		reshard := func(f *fakeStream) { f.split(at) }
		if rapid.Bool().Draw(t, "merge") {
			reshard = func(f *fakeStream) { f.merge(at) }
		}
		reshards[rapid.IntRange(0, 15).Draw(t, "call")] = reshard
	}
	return reshards
}

const keys = 16

// reshard takes a writer through the ordeal while its stream is resharded, and names what went wrong.
func (o ordeal) reshard(t *testing.T, reshards map[int]func(*fakeStream)) (broken []string) {
	f := newFakeStream(o.shards)
	f.reshards = reshards
	f.script = func(i, n int) event {
		if i < len(o.faults) {
			return o.faults[i].event(n)
		}
		return event{takes: time.Millisecond}
	}
	r := start(t, f, func(c *WriterConfig) { c.InFlight = o.inFlight })
	taken := 0
	for _, b := range o.puts {
		var records []record.Record
		for i, shard := range b.shards {
			records = append(records, keyed((shard*5+i*3)%keys, keys, taken+i))
		}
		r.put(t, records...)
		taken += len(records)
		time.Sleep(b.then)
	}
	r.Close()
	if err := r.end(t); err != nil {
		broken = append(broken, err.Error())
	}
	return append(broken, judgeReshard(r, taken)...)
}

func judgeReshard(r *rig, taken int) (broken []string) {
	var all []logged
	where := make(map[string]string) // "shard sequence" by payload
	for id, log := range r.stream.logs {
		all = append(all, log...)
		for _, l := range log {
			if where[l.data] != "" {
				broken = append(broken, fmt.Sprintf("record %s is stored twice", l.data))
			}
			where[l.data] = id + " " + l.sequence
		}
	}
	if len(r.watcher.final) != taken || len(all) != taken {
		broken = append(broken, fmt.Sprintf("%d were taken, %d are final, %d stored", taken, len(r.watcher.final), len(all)))
	}
	for _, s := range r.watcher.final {
		if at := s.Shard + " " + s.Sequence; at != where[string(s.Data)] {
			broken = append(broken, fmt.Sprintf("record %s is %v at %s, and stored at %s", s.Data, s.Outcome, at, where[string(s.Data)]))
		}
	}
	return append(broken, keyDisorder(r, all)...)
}

// keyDisorder names records that were stored before an earlier one of their key which was not in the same call.
func keyDisorder(r *rig, all []logged) (broken []string) {
	slices.SortFunc(all, func(a, b logged) int { return a.order - b.order })
	for i, late := range all {
		for _, early := range all[:i] {
			a, _ := strconv.Atoi(early.data)
			b, _ := strconv.Atoi(late.data)
			if early.hash == late.hash && a > b && !holds(r, early.call, late.data) {
				broken = append(broken, fmt.Sprintf("record %d is stored before %d of its key, which its call did not hold", a, b))
			}
		}
	}
	return broken
}

// A new shard is sent nothing while a call for its parent is on its way, and what comes back of that call goes first.
func TestChildWaitsForItsParentsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(2)
		f.reshards = map[int]func(*fakeStream){1: func(f *fakeStream) { f.split(0) }}
		f.script = func(i, n int) event {
			if i == 0 { // the parent's, which is on its way when the other shard's tells of the reshard
				return event{takes: time.Second, codes: codes(n, throughputExceeded)}
			}
			return event{takes: 10 * time.Millisecond}
		}
		r := start(t, f, func(c *WriterConfig) { c.Linger = -1 })
		r.put(t, keyed(0, keys, 0), keyed(4, keys, 1))
		time.Sleep(time.Millisecond)
		r.stream.mu.Lock()
		r.stream.lanes[1].shard.ID = "shardId-sibling"
		r.stream.shards[1].ID = "shardId-sibling"
		r.stream.mu.Unlock()
		r.put(t, keyed(8, keys, 2))
		time.Sleep(50 * time.Millisecond)
		r.put(t, keyed(0, keys, 3), keyed(4, keys, 4))
		time.Sleep(500 * time.Millisecond)
		if got := f.sizes(); !slices.Equal(got, []int{2, 1}) {
			t.Errorf("calls of %v records left while the parent's was on its way", got)
		}
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		if low, high := f.stored(2), f.stored(3); !slices.Equal(low, []string{"0", "1", "3", "4"}) && (!slices.Equal(low, []string{"0", "3"}) || !slices.Equal(high, []string{"1", "4"})) {
			t.Errorf("the children hold %v and %v", low, high)
		}
	})
}

func TestAShardThatStaysGoesOnWhileTheShardMapIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(2)
		f.reshards = map[int]func(*fakeStream){0: func(f *fakeStream) { f.split(0) }}
		look := make(chan struct{})
		r := start(t, f, func(c *WriterConfig) {
			list := c.List
			c.InFlight, c.Linger = 1, -1
			c.List = func(ctx context.Context) ([]record.Shard, error) {
				<-look
				return list(ctx)
			}
		})
		r.put(t, keyed(0, keys, 0))
		synctest.Wait() // it landed in a shard that is new
		r.put(t, keyed(keys-1, keys, 1))
		synctest.Wait()
		if got := r.watcher.outcomes()[record.Acked]; got != 1 {
			t.Errorf("%d records are acked, and one of a shard that stays is sent", got)
		}
		close(look)
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	})
}

func TestReshardThatCannotBeFollowedEndsTheFeed(t *testing.T) {
	for name, c := range map[string]struct {
		list func(context.Context) ([]record.Shard, error)
		want string
	}{
		"no list":                {nil, "the stream was resharded"},
		"no leave":               {func(context.Context) ([]record.Shard, error) { return nil, errRefused }, "connection refused"},
		"a list without it":      {func(context.Context) ([]record.Shard, error) { return evenShards(1), nil }, "does not list that shard"},
		"a list that has a hole": {func(context.Context) ([]record.Shard, error) { return evenShards(4)[1:], nil }, "each hash key once"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeStream(1)
				f.reshards = map[int]func(*fakeStream){0: func(f *fakeStream) { f.split(0) }}
				r := start(t, f, func(config *WriterConfig) { config.List = c.list })
				r.put(t, keyed(0, keys, 0))
				if err := r.end(t); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("the feed ends with %v", err)
				}
				if got := r.watcher.outcomes()[record.Acked]; got != 1 {
					t.Errorf("%d records are acked", got)
				}
			})
		})
	}
}
