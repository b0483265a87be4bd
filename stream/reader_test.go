package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

// fakeShard is a shard whose record i has the sequence number i, from 1, and came at second i.
type fakeShard struct {
	clock  record.Clock
	closed bool
	limit  int
	// script is the error of call number i, from 0, of either operation; nil serves them all.
	script func(i int) error
	takes  time.Duration

	mu         sync.Mutex
	records    int
	calls      []time.Duration // of GetRecords: when each came
	iterators  []types.ShardIteratorType
	number     int
	throttling []string
}

func (f *fakeShard) fails() error {
	i := f.number
	f.number++
	if f.script == nil {
		return nil
	}
	return f.script(i)
}

func (f *fakeShard) ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	return nil, errors.ErrUnsupported
}

// GetShardIterator makes iterators that are the number of the next record, and the time at which they expire.
func (f *fakeShard) GetShardIterator(_ context.Context, in *kinesis.GetShardIteratorInput, _ ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.iterators = append(f.iterators, in.ShardIteratorType)
	if err := f.fails(); err != nil {
		return nil, err
	}
	next := 1
	number, _ := strconv.Atoi(aws.ToString(in.StartingSequenceNumber))
	switch in.ShardIteratorType {
	case types.ShardIteratorTypeLatest:
		next = f.records + 1
	case types.ShardIteratorTypeAtSequenceNumber:
		next = number
	case types.ShardIteratorTypeAfterSequenceNumber:
		next = number + 1
	case types.ShardIteratorTypeAtTimestamp:
		next = max(1, int(in.Timestamp.Sub(f.clock.Start())/time.Second))
	}
	return &kinesis.GetShardIteratorOutput{ShardIterator: f.iterator(next)}, nil
}

func (f *fakeShard) iterator(next int) *string {
	return aws.String(fmt.Sprintf("%d/%d", next, f.clock.Now()+5*time.Minute))
}

func (f *fakeShard) GetRecords(ctx context.Context, in *kinesis.GetRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error) {
	if err := sleep(ctx, f.takes); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, f.clock.Now()-f.takes)
	if err := f.fails(); err != nil {
		return nil, err
	}
	var next int
	var expires time.Duration
	if _, err := fmt.Sscanf(*in.ShardIterator, "%d/%d", &next, &expires); err != nil {
		return nil, err
	}
	if f.clock.Now() > expires {
		return nil, httpError(400, &types.ExpiredIteratorException{})
	}
	output := &kinesis.GetRecordsOutput{}
	for limit := min(f.limit, int(*in.Limit)); next <= f.records && len(output.Records) < limit; next++ {
		output.Records = append(output.Records, types.Record{
			SequenceNumber: aws.String(strconv.Itoa(next)), PartitionKey: aws.String("k"), Data: []byte{byte(next)},
		})
	}
	output.MillisBehindLatest = aws.Int64(int64(f.records-next+1) * 1000)
	if !f.closed || next <= f.records {
		output.NextShardIterator = f.iterator(next)
	}
	return output, nil
}

// Throttled counts.
func (f *fakeShard) Throttled(shard string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.throttling = append(f.throttling, shard)
}

func (f *fakeShard) add(records int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.records += records
}

// newFakeShard is a shard with records, in a bubble.
func newFakeShard(records int) *fakeShard {
	return &fakeShard{clock: record.NewClock(time.Now()), records: records, limit: 10}
}

func (f *fakeShard) reader(edit func(*ReaderConfig)) *Reader {
	c := ReaderConfig{Client: f, Stream: "s", Clock: f.clock, Observer: f}
	if edit != nil {
		edit(&c)
	}
	return NewReader(c)
}

var theShard = record.Shard{ID: "shardId-000000000000"}

// sequences are the sequence numbers that a reader of the shard delivers until it ends.
func sequences(ctx context.Context, r *Reader, from record.Position) (numbers []int, err error) {
	err = r.Read(ctx, theShard, from, record.ReceiverFunc(func(_ context.Context, page record.Page) error {
		for i := range page.Records {
			n, err := strconv.Atoi(page.Records[i].Sequence)
			if err != nil {
				return err
			}
			numbers = append(numbers, n)
		}
		return nil
	}))
	return numbers, err
}

// upTo is from, …, to.
func upTo(from, to int) []int {
	numbers := []int{}
	for i := from; i <= to; i++ {
		numbers = append(numbers, i)
	}
	return numbers
}

func TestReaderStartsAtAPositionAndEndsWithAClosedShard(t *testing.T) {
	for name, c := range map[string]struct {
		from record.Position
		want []int
	}{
		"trim horizon":   {record.Position{}, upTo(1, 35)},
		"at sequence":    {record.Position{Kind: record.AtSequence, Sequence: "7"}, upTo(7, 35)},
		"after sequence": {record.Position{Kind: record.AfterSequence, Sequence: "7"}, upTo(8, 35)},
		"latest":         {record.Position{Kind: record.Latest}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeShard(35)
				f.closed = true
				got, err := sequences(t.Context(), f.reader(nil), c.from)
				if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
					t.Error(err, diff)
				}
			})
		})
	}
}

func TestReaderStartsAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeShard(35)
		f.closed = true
		at := record.Position{Kind: record.AtTimestamp, Timestamp: f.clock.Start().Add(30 * time.Second)}
		got, err := sequences(t.Context(), f.reader(nil), at)
		if diff := cmp.Diff(upTo(30, 35), got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
}

func TestPagesSayWhenTheyWereAskedForAndHowFarTheTipIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeShard(12)
		f.closed, f.takes = true, 30*time.Millisecond
		var got []record.Page
		err := f.reader(nil).Read(t.Context(), theShard, record.Position{}, record.ReceiverFunc(func(_ context.Context, page record.Page) error {
			if page.Records[0].Due != record.NoDue || page.Records[0].PartitionKey != "k" || page.Records[0].Data == nil {
				t.Errorf("record %+v", page.Records[0])
			}
			page.Records = nil
			got = append(got, page)
			return nil
		}))
		want := []record.Page{
			{Shard: theShard.ID, Asked: 0, At: 30 * time.Millisecond, Behind: 2 * time.Second},
			{Shard: theShard.ID, Asked: 30 * time.Millisecond, At: 60 * time.Millisecond, End: true},
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
}

func TestPollIsMeasuredFromStartToStart(t *testing.T) {
	ms := func(list ...int) (times []time.Duration) {
		for _, n := range list {
			times = append(times, time.Duration(n)*time.Millisecond)
		}
		return times
	}
	for name, c := range map[string]struct {
		records int
		edit    func(*ReaderConfig)
		want    []time.Duration // of the calls in the first second
	}{
		"nothing to read":                {0, nil, ms(0, 250, 500, 750)},
		"behind, it asks at once":        {25, nil, ms(0, 40, 80, 330, 580, 830)},
		"behind and polite":              {25, func(c *ReaderConfig) { c.Polite = true }, ms(0, 200, 400, 650, 900)},
		"ten times a second":             {0, func(c *ReaderConfig) { c.Poll = 100 * time.Millisecond }, ms(0, 100, 200, 300, 400, 500, 600, 700, 800, 900)},
		"polite, though told otherwise":  {0, func(c *ReaderConfig) { c.Poll, c.Polite = 100*time.Millisecond, true }, ms(0, 200, 400, 600, 800)},
		"a full page at the tip":         {5, func(c *ReaderConfig) { c.Limit = 5 }, ms(0, 40, 290, 540, 790)},
		"a poll that is over in no time": {0, func(c *ReaderConfig) { c.Poll = 10 * time.Millisecond }, everyFrom(40*time.Millisecond, 990*time.Millisecond)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeShard(c.records)
				f.takes = 40 * time.Millisecond
				ctx, cancel := context.WithTimeout(t.Context(), 990*time.Millisecond)
				defer cancel()
				if _, err := sequences(ctx, f.reader(c.edit), record.Position{}); !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				if diff := cmp.Diff(c.want, f.calls); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// everyFrom are the times from 0 to before the end at which calls come that take an interval each.
func everyFrom(interval, end time.Duration) (times []time.Duration) {
	for at := time.Duration(0); at+interval < end; at += interval {
		times = append(times, at)
	}
	return times
}

func TestThrottledReadsAreCountedAndBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeShard(1)
		f.closed = true
		f.script = func(i int) error {
			if i >= 1 && i <= 4 {
				return httpError(400, &types.ProvisionedThroughputExceededException{})
			}
			return nil
		}
		got, err := sequences(t.Context(), f.reader(nil), record.Position{})
		if !slices.Equal(got, []int{1}) || err != nil {
			t.Error(got, err)
		}
		if !slices.Equal(f.throttling, slices.Repeat([]string{theShard.ID}, 4)) || len(f.iterators) != 1 {
			t.Errorf("told of %v, with %d iterators", f.throttling, len(f.iterators))
		}
		for i, least := range []time.Duration{minReadPause, 2 * minReadPause, 4 * minReadPause, maxReadPause / 2} {
			if pause := f.calls[i+1] - f.calls[i]; pause < least || pause > 2*least {
				t.Errorf("pause %d is %v, want %v to twice that", i, pause, least)
			}
		}
	})
}

func TestStreamThatIsGoneEndsTheReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeShard(3)
		f.script = func(i int) error {
			if i > 1 {
				return errGone
			}
			return nil
		}
		got, err := sequences(t.Context(), f.reader(nil), record.Position{})
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); !gone || !strings.Contains(err.Error(), "stream s, shard "+theShard.ID+": get records: ") {
			t.Error(err)
		}
		if !slices.Equal(got, upTo(1, 3)) {
			t.Error(got)
		}
	})
}

func TestDeliveryThatFailsEndsTheReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("stop")
		err := newFakeShard(3).reader(nil).Read(t.Context(), theShard, record.Position{}, record.ReceiverFunc(func(context.Context, record.Page) error { return stop }))
		if !errors.Is(err, stop) {
			t.Error(err)
		}
	})
}

// What comes while a reader at the tip cannot read is not passed over, be the first iterator lost or expired.
func TestReaderAtTheTipPassesOverNothing(t *testing.T) {
	for name, outage := range map[string]time.Duration{"short": 3 * time.Second, "longer than an iterator lives": 10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeShard(2)
				time.Sleep(2 * time.Second) // record 2 came at second 2
				away := f.clock.Now() + outage
				f.script = func(i int) error {
					if i > 0 && f.clock.Now() < away {
						return errReset
					}
					return nil
				}
				time.AfterFunc(time.Second, func() { f.add(1) })
				ctx, cancel := context.WithTimeout(t.Context(), outage+10*time.Second)
				defer cancel()
				got, _ := sequences(ctx, f.reader(nil), record.Position{Kind: record.Latest})
				if !slices.Contains(got, 3) {
					t.Errorf("read %v", got)
				}
			})
		})
	}
}

func TestReaderDeliversEachRecordOnceWhateverBecomesOfItsCalls(t *testing.T) {
	failures := map[string]error{
		"":          nil,
		"reset":     errReset,
		"refused":   errRefused,
		"expired":   httpError(400, &types.ExpiredIteratorException{}),
		"throttled": httpError(400, &types.ProvisionedThroughputExceededException{}),
		"internal":  apiError(500, "InternalFailure"),
		"unread":    errors.New("deserialization failed"),
		"timeout":   context.DeadlineExceeded,
	}
	names := []string{"", "", "reset", "refused", "expired", "throttled", "internal", "unread", "timeout"}
	rapid.Check(t, func(rt *rapid.T) {
		script := rapid.SliceOfN(rapid.SampledFrom(names), 0, 40).Draw(rt, "script")
		records := rapid.IntRange(0, 100).Draw(rt, "records")
		first := rapid.IntRange(1, records+1).Draw(rt, "first")
		blocks := time.Duration(rapid.IntRange(0, 10).Draw(rt, "minutes"))*time.Minute + time.Millisecond
		var got []int
		var err error
		synctest.Test(t, func(t *testing.T) {
			f := newFakeShard(records)
			f.closed = true
			f.script = func(i int) error {
				if i < len(script) {
					return failures[script[i]]
				}
				return nil
			}
			from := record.Position{Kind: record.AtSequence, Sequence: strconv.Itoa(first)}
			err = f.reader(nil).Read(t.Context(), theShard, from, record.ReceiverFunc(func(_ context.Context, page record.Page) error {
				for i := range page.Records {
					n, _ := strconv.Atoi(page.Records[i].Sequence)
					got = append(got, n)
				}
				time.Sleep(blocks) // longer than an iterator lives, at times
				return nil
			}))
		})
		if diff := cmp.Diff(upTo(first, records), append([]int{}, got...)); diff != "" || err != nil {
			rt.Error(err, diff)
		}
	})
}

// roomy is a receiver that keeps what it was asked, and when.
type roomy struct {
	clock record.Clock
	busy  time.Duration // how long it has no room
	held  bool
	told  []string
}

func (r *roomy) tell(what string) {
	r.told = append(r.told, fmt.Sprintf("%s at %s", what, r.clock.Now()))
}

func (r *roomy) Room(ctx context.Context) error {
	if r.held {
		r.tell("asked twice")
	}
	err := sleep(ctx, r.busy)
	r.held = err == nil
	return err
}

func (r *roomy) Spare() {
	r.held = false
	r.tell("spare")
}

func (r *roomy) Take(_ context.Context, page record.Page) error {
	if !r.held {
		r.tell("not asked")
	}
	r.held = false
	r.tell(fmt.Sprint(len(page.Records)))
	return nil
}

func TestACallWaitsForRoomAndGivesItBackBeforeItPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeShard(15)
		f.takes = 10 * time.Millisecond
		f.script = func(i int) error {
			if i == 2 { // the second GetRecords
				return apiError(400, throughputExceeded)
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
		defer cancel()
		to := &roomy{clock: f.clock, busy: 90 * time.Millisecond}
		if err := f.reader(nil).Read(ctx, theShard, record.Position{}, to); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if len(to.told) < 3 || to.told[0] != "10 at 100ms" || to.told[1] != "spare at 200ms" || !strings.HasPrefix(to.told[2], "5 at ") || len(f.calls) != 3 || f.calls[2] < 390*time.Millisecond {
			t.Errorf("it was told of %q, and the shard asked at %s", to.told, f.calls)
		}
		if to.held {
			t.Error("it holds room after its end")
		}
	})
}
