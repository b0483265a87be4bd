package kinesis_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/localaws/kinesis"
)

// late is the configuration of a Kinesis whose records can be read so long after they were stored.
func late(by time.Duration) kinesis.Config {
	c := config
	c.Propagation, c.FanOut = func() time.Duration { return by }, func() time.Duration { return by }
	return c
}

// So an answer at the tip does not prove that a record is not stored: whoever wants to know has to ask again later.
//
// It shows K35.
func TestAnAnswerAtTheTipMayLackARecordThatIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, late(700*time.Millisecond)), "s", 1)
		iterator, begun := iterate(t, client, horizon()), time.Now()
		put(t, client, "s", "k", "first")
		time.Sleep(500 * time.Millisecond)
		put(t, client, "s", "k", "second")
		for _, c := range []struct {
			at   time.Duration
			want string
		}{
			{500 * time.Millisecond, ""},
			{699 * time.Millisecond, ""},
			{700 * time.Millisecond, "first"},
			{1199 * time.Millisecond, ""},
			{1200 * time.Millisecond, "second"},
			{1300 * time.Millisecond, ""},
		} {
			time.Sleep(time.Until(begun.Add(c.at)))
			out := get(t, client, iterator, 0)
			var all []string
			for _, r := range out.Records {
				all = append(all, string(r.Data))
			}
			got := strings.Join(all, ", ")
			if got != c.want || *out.MillisBehindLatest != 0 {
				t.Errorf("at %v: %q, %d ms behind; want %q at the tip", c.at, got, *out.MillisBehindLatest, c.want)
			}
			iterator = out.NextShardIterator
		}
	})
}

// What can be read and is left is behind the tip all the same, by its age.
//
// It shows K35.
func TestARecordThatCanBeReadAndIsLeftIsBehindTheTip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, late(700*time.Millisecond)), "s", 1)
		iterator := iterate(t, client, horizon())
		for _, data := range []string{"a", "b", "c"} {
			put(t, client, "s", "k", data)
			time.Sleep(400 * time.Millisecond)
		}
		// At 1.2 s, a and b can be read, and c cannot.
		for _, behind := range []int64{800, 0} {
			out := get(t, client, iterator, 1)
			if len(out.Records) != 1 || *out.MillisBehindLatest != behind {
				t.Errorf("%d records, %d ms behind, want one and %d", len(out.Records), *out.MillisBehindLatest, behind)
			}
			iterator = out.NextShardIterator
		}
	})
}

// A closed shard has its end behind its last record, though that cannot be read yet.
func TestAClosedShardDoesNotEndBeforeItsLastRecordCanBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, late(700*time.Millisecond)), "s", 1)
		iterator := iterate(t, client, horizon())
		put(t, client, "s", "k", "last")
		split(t, client, 0, "170141183460469231731687303715884105728")
		out := get(t, client, iterator, 0)
		if len(out.Records) != 0 || out.NextShardIterator == nil || out.ChildShards != nil {
			t.Fatalf("%d records, and then the end: %v", len(out.Records), out.NextShardIterator == nil)
		}
		time.Sleep(700 * time.Millisecond)
		out = get(t, client, out.NextShardIterator, 0)
		if len(out.Records) != 1 || out.NextShardIterator != nil || len(out.ChildShards) != 2 {
			t.Errorf("%d records, and then the end: %v", len(out.Records), out.NextShardIterator == nil)
		}
	})
}

// A subscriber hears of the tip before it is sent the record, too.
//
// It shows K35.
func TestAnEventAtTheTipMayLackARecordThatIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, late(700*time.Millisecond)), "s", 1)
		put(t, client, "s", "k", "late")
		stream := begin(t, client, register(t, client, "c"), 0, types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon})
		for _, want := range []int{0, 1} {
			if e := event(t, stream); len(e.Records) != want || *e.MillisBehindLatest != 0 {
				t.Errorf("%d records, %d ms behind; want %d at the tip", len(e.Records), *e.MillisBehindLatest, want)
			}
		}
	})
}
