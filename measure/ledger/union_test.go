package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/measure/backlog"
	"weir/record"
)

func TestARecordWaitsForTheConsumerThatIsFurthestBehind(t *testing.T) {
	l := New(Config{Clock: record.NewClock(time.Now())})
	readings := []*Reading{l.Reading(ReadingConfig{Name: "a", Progress: true}), l.Reading(ReadingConfig{Name: "b", Progress: true})}
	var sends []record.Send
	for i := range 6 {
		sends = append(sends, send(int64(i), fmt.Sprint(i), record.Acked, fmt.Sprint(100+i)))
	}
	put(&books{Ledger: l, Reading: readings[0]}, 10*time.Second, sends...)
	next := []int{0, 0}
	give := func(reading, n int) {
		p := &record.Page{Shard: shardID, Asked: 11 * time.Second, At: 11 * time.Second, Behind: time.Second}
		for range n {
			i := next[reading]
			p.Records = append(p.Records, read(sends[i].Sequence, fmt.Sprint(i)))
			next[reading]++
		}
		readings[reading].Join(p)
	}
	size := int64(sends[0].Size())
	extent := func(records, oldest int64) backlog.Extent {
		if records == 0 {
			return backlog.None
		}
		return backlog.Extent{Records: records, Bytes: records * size, Oldest: time.Duration(oldest) * time.Second}
	}
	want := func(stream, oldestUnread, engine, oldestRead int64) {
		t.Helper()
		want := []ShardBacklog{{Shard: shardID, Stream: extent(stream, oldestUnread), Engine: extent(engine, oldestRead)}}
		if d := cmp.Diff(want, l.Undone()); d != "" {
			t.Errorf("undone (-want +got):\n%s", d)
		}
	}
	want(6, 0, 0, 0)
	give(0, 5)
	want(6, 0, 0, 0) // b has read none
	readings[0].Processed(shardID, []int64{0, 1, 2, 3, 4}, 12*time.Second)
	want(6, 0, 0, 0)
	give(1, 3)
	want(3, 3, 3, 0)
	readings[1].Processed(shardID, []int64{1}, 12*time.Second)
	want(3, 3, 2, 0)
	readings[1].Processed(shardID, []int64{0, 2}, 12*time.Second)
	want(3, 3, 0, 0)
	give(1, 3)
	readings[1].Processed(shardID, []int64{3, 5}, 12*time.Second)
	want(1, 5, 1, 4) // a has not read the last one
	give(0, 1)
	want(0, 0, 2, 4)
	readings[0].Processed(shardID, []int64{5}, 12*time.Second)
	readings[1].Processed(shardID, []int64{4}, 12*time.Second)
	want(0, 0, 0, 0)
}
