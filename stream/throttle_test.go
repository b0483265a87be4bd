package stream

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"weir/limits"
	"weir/record"
)

// limited gives each shard of a fake stream AWS's 1,000 records a second, and takes later records of a call if there is room for
// them, as AWS may.
func limited(f *fakeStream, clock record.Clock) func(i, n int) event {
	buckets := make(map[string]*limits.Bucket)
	for _, s := range f.shards {
		buckets[s.ID] = limits.NewBucket(limits.ShardWriteRecordsPerSecond, limits.ShardWriteRecordsPerSecond)
	}
	return func(i, n int) event {
		f.mu.Lock()
		defer f.mu.Unlock()
		e := event{takes: 4 * time.Millisecond, codes: make([]string, n)}
		for j, entry := range f.calls[i] {
			id := f.shardOf(&record.Record{PartitionKey: "k", ExplicitHashKey: aws.ToString(entry.ExplicitHashKey)})
			if !buckets[id].Take(clock.Now(), 1) {
				e.codes[j] = throughputExceeded
			}
		}
		return e
	}
}

// A shard that is offered half as much again as it takes is kept at its limit, most of what is sent is taken, and the other
// shards do not notice.
func TestThrottledShardIsKeptAtItsLimitAndHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(4)
		clock := record.NewClock(time.Now())
		f.script = limited(f, clock)
		r := start(t, f, func(c *WriterConfig) { c.Clock = clock })
		const seconds = 10
		quiet := make(map[int64]time.Duration)
		position := int64(0)
		for range seconds * 100 {
			r.put(t, numbered(0, 4, 0, 15)...)
			position += 15
			for shard := 1; shard < 4; shard++ {
				r.put(t, numbered(shard, 4, 0, 3)...)
				for range 3 {
					quiet[position] = clock.Now()
					position++
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		r.stop()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		stored := len(f.stored(0))
		if least := seconds*1000*97/100 + 1000; stored < least {
			t.Errorf("the throttled shard took %d records in %d s, want at least %d", stored, seconds, least)
		}
		sent, slowest := 0, time.Duration(0)
		for position, s := range r.watcher.final {
			came, isQuiet := quiet[position]
			if !isQuiet {
				sent += s.Attempts
			} else if s.Outcome == record.Acked {
				slowest = max(slowest, r.watcher.at[position]-came)
			}
		}
		if sent > 2*stored {
			t.Errorf("the throttled shard was sent %d records and took %d", sent, stored)
		}
		if slowest > 30*time.Millisecond {
			t.Errorf("a record of another shard took %v", slowest)
		}
	})
}

func TestShareFollowsWhatAThrottledShardTakes(t *testing.T) {
	l := newLanes(evenShards(1))[0]
	for i, step := range []struct {
		acked, throttled int
		share            int
		pauses           bool
	}{
		{acked: 500, share: 500},
		{acked: 120, throttled: 380, share: 120, pauses: true},
		{acked: 3, throttled: 117, share: minShare, pauses: true},
		{throttled: 8, share: minShare, pauses: true},
		{acked: 5, share: minShare}, // less than its share says nothing
		{acked: 8, share: 16},
		{acked: 16, share: 32},
		{acked: 400, share: 64},
	} {
		sends := make([]record.Send, step.acked+step.throttled)
		for j := range sends {
			sends[j].Outcome = record.Acked
			if j >= step.acked {
				sends[j].Outcome = record.Throttled
			}
		}
		now := time.Duration(i) * time.Second
		l.settle(&part{lane: l, sends: sends}, now)
		if pause := l.notBefore - now; l.share != step.share || pause > maxThrottlePause || (pause >= minThrottlePause) != step.pauses {
			t.Errorf("step %d: share %d after a pause of %v, want %d", i, l.share, pause, step.share)
		}
	}
}

// An endpoint that is away is asked ever more rarely, and what waits for it goes when it is back.
func TestUnreachableStreamIsTriedEverMoreRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		clock := record.NewClock(time.Now())
		f.script = func(_, n int) event {
			if clock.Now() < time.Minute {
				return event{codes: codes(n, "away"), err: errRefused}
			}
			return event{}
		}
		r := start(t, f, func(c *WriterConfig) { c.Clock = clock })
		r.put(t, numbered(0, 1, 0, 700)...)
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		if n := len(f.calls); n < 30 || n > 80 {
			t.Errorf("%d calls in a minute", n)
		}
		if got := r.watcher.outcomes(); got[record.Acked] != 700 || clock.Now() > 63*time.Second {
			t.Errorf("outcomes %v after %v", got, clock.Now())
		}
	})
}

func TestShardThatIsRefusedOrAbsentPausesLongerEachTime(t *testing.T) {
	for _, outcome := range []record.Outcome{record.Refused, record.Absent} {
		l := newLanes(evenShards(1))[0]
		for i, least := range []time.Duration{50, 100, 200, 400, 800, 1000, 1000} {
			l.settle(&part{lane: l, sends: []record.Send{{Outcome: outcome}}}, 0)
			if least *= time.Millisecond; l.notBefore < least || l.notBefore > 2*least {
				t.Errorf("%v, time %d: a pause of %v, want %v to twice that", outcome, i, l.notBefore, least)
			}
		}
		l.settle(&part{lane: l, sends: []record.Send{{Outcome: record.Acked}}}, 0)
		l.settle(&part{lane: l, sends: []record.Send{{Outcome: outcome}}}, 0)
		if l.notBefore > 2*minRefusedPause {
			t.Errorf("%v: a pause of %v after a success", outcome, l.notBefore)
		}
	}
}
