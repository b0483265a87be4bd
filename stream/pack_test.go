package stream

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/record"
	"weir/stream/kpl"
)

// members are the payloads of a Kinesis record: of those in it, if it is an aggregate.
func members(t *testing.T, f *fakeStream, entry *types.PutRecordsRequestEntry) (all []string) {
	t.Helper()
	opened, ok := new(kpl.Opener).Open(entry.Data)
	if !ok {
		return []string{string(entry.Data)}
	}
	if len(opened) < 2 || len(entry.Data)+len(*entry.PartitionKey) > kpl.MaxSize || *entry.PartitionKey != kpl.PartitionKey {
		t.Errorf("an aggregate of %d records and %d bytes with the key %q", len(opened), len(entry.Data), *entry.PartitionKey)
	}
	home := f.shardOf(&record.Record{ExplicitHashKey: aws.ToString(entry.ExplicitHashKey)})
	for _, r := range opened {
		if own := f.shardOf(&record.Record{PartitionKey: r.PartitionKey, ExplicitHashKey: r.ExplicitHashKey}); own != home {
			t.Errorf("a record of %s is packed for %s", own, home)
		}
		all = append(all, string(r.Data))
	}
	return all
}

func packing(c *WriterConfig) { c.Pack = true }

func TestTheRecordsOfAShardArePackedForAHundredMilliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(2)
		r := start(t, f, packing)
		for i := range 100 {
			r.put(t, record.Record{PartitionKey: fmt.Sprint("key-", i), Data: strconv.AppendInt(nil, int64(i), 10)})
		}
		time.Sleep(99 * time.Millisecond)
		if got := f.sizes(); len(got) > 0 {
			t.Errorf("calls of %v records left too early", got)
		}
		time.Sleep(2 * time.Millisecond)
		if got := f.sizes(); !slices.Equal(got, []int{2}) {
			t.Errorf("calls of %v Kinesis records left, want one a shard in one call", got)
		}
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		var all []string
		for i := range f.calls[0] {
			all = append(all, members(t, f, &f.calls[0][i])...)
		}
		if len(all) != 100 {
			t.Errorf("%d records are stored", len(all))
		}
		for _, s := range r.watcher.final {
			if number, place, ok := strings.Cut(s.Sequence, "/"); s.Outcome != record.Acked || !ok || number != "1" || place == "" {
				t.Errorf("record %s is %v at %q", s.Data, s.Outcome, s.Sequence)
			}
		}
	})
}

func TestWhatIsAloneOrTooLargeIsNotPacked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		r := start(t, f, packing)
		large := strings.Repeat("x", kpl.MaxSize)
		for _, data := range []string{large, "a", "b", large, "c"} {
			r.put(t, record.Record{PartitionKey: "k", Data: []byte(data)})
		}
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		var got [][]string
		for i := range f.calls[0] {
			got = append(got, members(t, f, &f.calls[0][i]))
		}
		want := [][]string{{large}, {"a", "b"}, {large}, {"c"}}
		if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Errorf("%d Kinesis records", len(got))
		}
	})
}

// An aggregate that is throttled is throttled whole, and its records are packed anew with those behind them: in their order.
func TestAnAggregateThatIsThrottledIsPackedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		f.script = func(i, n int) event {
			if i == 0 {
				return event{codes: codes(n, throughputExceeded)}
			}
			return event{}
		}
		r := start(t, f, packing)
		put := func(data string) { r.put(t, record.Record{PartitionKey: "k", Data: []byte(data)}) }
		put("a")
		put("b")
		time.Sleep(101 * time.Millisecond)
		put("c")
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		if got := members(t, f, &f.calls[1][0]); !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("the second call holds %v", got)
		}
		for _, s := range r.watcher.final {
			if want := 2; string(s.Data) != "c" && s.Attempts != want {
				t.Errorf("record %s was tried %d times", s.Data, s.Attempts)
			}
		}
	})
}

func TestAPageIsOpened(t *testing.T) {
	var p kpl.Packer
	for _, data := range []string{"b", "c"} {
		p.Add(&kpl.Record{PartitionKey: "key of " + data, Data: []byte(data)})
	}
	packed := p.Append(nil)
	kpl.Seal(packed)
	broken := slices.Clone(packed)
	broken[len(broken)-1]++
	got := open(new(kpl.Opener), []record.Stored{
		{Sequence: "1", PartitionKey: "key of a", Data: []byte("a")}, {Sequence: "2", PartitionKey: "a", Data: packed}, {Sequence: "3", PartitionKey: "a", Data: broken},
	})
	var all []string
	for _, r := range got {
		all = append(all, r.Sequence+" "+r.PartitionKey+" "+string(r.Data))
	}
	if want := []string{"1 key of a a", "2/0 key of b b", "2/1 key of c c", "3 a " + string(broken)}; !slices.Equal(all, want) {
		t.Errorf("%q", all)
	}
}
