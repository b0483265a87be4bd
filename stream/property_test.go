package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"pgregory.net/rapid"

	"weir/record"
)

// ordeal is what a writer goes through: what it is given, and what becomes of its calls. After the last of the faults all goes well.
type ordeal struct {
	shards, inFlight int
	puts             []batch
	faults           []fault
	stopAfter        time.Duration // 0: never
	resolverFails    bool
}

// batch is records, one of each shard named, and the time until the next ones.
type batch struct {
	shards []int
	then   time.Duration
}

// fault is what becomes of a call.
type fault struct {
	kind  string
	takes time.Duration
	seed  uint64 // of the choice of records
}

func drawOrdeal(t *rapid.T) ordeal {
	o := ordeal{
		shards: rapid.IntRange(1, 4).Draw(t, "shards"), inFlight: rapid.IntRange(1, 4).Draw(t, "in flight"),
		resolverFails: rapid.IntRange(0, 9).Draw(t, "resolver") == 0,
	}
	ms := func(most int, label string) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(t, label)) * time.Millisecond
	}
	o.puts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) batch {
		return batch{rapid.SliceOfN(rapid.IntRange(0, o.shards-1), 1, 12).Draw(t, "records"), ms(30, "then")}
	}), 1, 12).Draw(t, "puts")
	o.faults = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fault {
		return fault{
			rapid.SampledFrom([]string{"none", "some fail", "some fail", "all throttled", "lost before", "lost after", "lost in between", "away", "garbled", "slow"}).Draw(t, "kind"),
			ms(40, "takes"), rapid.Uint64().Draw(t, "seed"),
		}
	}), 0, 20).Draw(t, "faults")
	if rapid.IntRange(0, 3).Draw(t, "stops") == 0 {
		o.stopAfter = ms(300, "after") + time.Millisecond
	}
	return o
}

// event is what the fault makes of a call of n records.
func (f fault) event(n int) event {
	random := rand.New(rand.NewPCG(f.seed, 0))
	some := func(names ...string) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = names[random.IntN(len(names))]
		}
		return list
	}
	e := event{takes: f.takes}
	switch f.kind {
	case "some fail":
		e.codes = some("", throughputExceeded, internalFailure)
	case "all throttled":
		e.codes, e.err = codes(n, "no"), apiError(400, throughputExceeded)
	case "lost before":
		e.codes, e.err = codes(n, "no"), errReset
	case "lost after":
		e.err = apiError(500, "InternalFailure")
	case "lost in between":
		e.codes, e.err = some("", "no"), errReset
	case "away":
		e.codes, e.err = codes(n, "no"), errRefused
	case "garbled":
		e.codes = some("", throughputExceeded)
		e.garble = func(o *kinesis.PutRecordsOutput) { o.Records = o.Records[:n-1] }
	case "slow":
		e.takes = defaultRequestTimeout * 6 / 5 // stored at half of that, and the answer is too late
		if random.IntN(2) == 0 {
			e.takes *= 2 // not stored when the writer gives up
		}
	}
	return e
}

func TestNothingIsLostTwiceOrOutOfOrderWhateverBecomesOfTheCalls(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := drawOrdeal(rt)
		var broken []string
		synctest.Test(t, func(t *testing.T) { broken = o.run(t) })
		for _, b := range broken {
			rt.Error(b)
		}
	})
}

// run takes a writer through it, and names what went wrong.
func (o ordeal) run(t *testing.T) (broken []string) {
	f := newFakeStream(o.shards)
	f.script = func(i, n int) event {
		if i < len(o.faults) {
			return o.faults[i].event(n)
		}
		return event{takes: time.Millisecond}
	}
	r := start(t, f, func(c *WriterConfig) {
		c.InFlight = o.inFlight
		if o.resolverFails {
			c.Resolver = sometimes{f}
		}
	})
	if o.stopAfter > 0 {
		defer time.AfterFunc(o.stopAfter, r.stop).Stop()
	}
	taken := 0
	for _, b := range o.puts {
		var records []record.Record
		for i, shard := range b.shards {
			records = append(records, inShard(shard, o.shards, strconv.Itoa(taken+i)))
		}
		n, err := r.Put(records)
		if taken += n; err != nil {
			break // it was stopped
		}
		time.Sleep(b.then)
	}
	r.Close()
	if err := r.end(t); err != nil {
		broken = append(broken, err.Error())
	}
	return append(broken, o.judge(r, taken)...)
}

// sometimes fails every other time.
type sometimes struct{ *fakeStream }

func (s sometimes) Resolve(ctx context.Context, shard string, sends []record.Send) error {
	if sends[0].Position%2 == 0 {
		return errUnresolved
	}
	return s.fakeStream.Resolve(ctx, shard, sends)
}

// judge compares what the writer told with what the stream holds.
func (o ordeal) judge(r *rig, taken int) (broken []string) {
	complain := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	if len(r.watcher.final) != taken {
		complain("%d records were taken, and %d have a final outcome", taken, len(r.watcher.final))
	}
	stored := make(map[string]string) // sequence numbers by payload
	for shard := range o.shards {
		for _, l := range r.stream.logs[shardName(shard)] {
			if _, twice := stored[l.data]; twice {
				complain("record %s is stored twice", l.data)
			}
			stored[l.data] = l.sequence
		}
		for _, b := range disorder(r, shardName(shard)) {
			complain("%s", b)
		}
	}
	for _, s := range r.watcher.final {
		sequence, there := stored[string(s.Data)]
		switch s.Outcome {
		case record.Acked, record.Found:
			if sequence == "" || sequence != s.Sequence {
				complain("record %s is %v at %q, and stored at %q", s.Data, s.Outcome, s.Sequence, sequence)
			}
		case record.Unsent:
			if there {
				complain("record %s is unsent, and stored", s.Data)
			}
		case record.Unresolved:
			if o.stopAfter == 0 && !o.resolverFails {
				complain("record %s is unresolved", s.Data)
			}
		default:
			complain("record %s ends as %v", s.Data, s.Outcome)
		}
	}
	return broken
}

// disorder names records of a shard that were stored before an earlier one which was not in the same call.
func disorder(r *rig, shard string) (broken []string) {
	log := r.stream.logs[shard]
	for i, late := range log {
		for _, early := range log[:i] {
			a, _ := strconv.Atoi(early.data)
			b, _ := strconv.Atoi(late.data)
			if a > b && !holds(r, early.call, late.data) {
				broken = append(broken, fmt.Sprintf("%s: record %d is stored before %d, which its call did not hold", shard, a, b))
			}
		}
	}
	return broken
}

// holds says whether a call held a payload.
func holds(r *rig, call int, data string) bool {
	for _, entry := range r.stream.calls[call] {
		if string(entry.Data) == data {
			return true
		}
	}
	return false
}
