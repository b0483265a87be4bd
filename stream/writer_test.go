package stream

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"

	"weir/limits"
	"weir/record"
)

func newResponse(status int) *http.Response { return &http.Response{StatusCode: status} }

// rig is a writer on a fake stream, in a bubble.
type rig struct {
	*Writer
	stream  *fakeStream
	watcher *watcher
	ended   chan error
	stop    context.CancelFunc
}

// start runs a writer; edit changes its configuration.
func start(t *testing.T, f *fakeStream, edit func(*WriterConfig)) *rig {
	t.Helper()
	clock := record.NewClock(time.Now())
	r := &rig{stream: f, watcher: newWatcher(clock), ended: make(chan error, 1)}
	config := WriterConfig{Client: f, Stream: "s", Shards: f.shards, Clock: clock, Observer: r.watcher, Resolver: f, List: f.List}
	if edit != nil {
		edit(&config)
	}
	r.Writer = NewWriter(config)
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	go func() { r.ended <- r.Run(ctx) }()
	return r
}

// end waits for the writer's end, and checks the rules that hold for each.
func (r *rig) end(t *testing.T) error {
	t.Helper()
	err := <-r.ended
	r.stop()
	for _, fault := range slices.Concat(r.stream.faults, r.watcher.faults) {
		t.Error(fault)
	}
	if records, bytes := r.Queued(); records != 0 || bytes != 0 {
		t.Errorf("%d records and %d bytes are left in the queue", records, bytes)
	}
	return err
}

func (r *rig) put(t *testing.T, records ...record.Record) {
	t.Helper()
	if taken, err := r.Put(records); taken != len(records) || err != nil {
		t.Fatalf("%d of %d records were taken: %v", taken, len(records), err)
	}
}

func TestRecordWaitsForOthersUntilItsCallIsFullOrItHasLingered(t *testing.T) {
	big := inShard(0, 1, strings.Repeat("x", limits.RecordBytes-1))
	for name, c := range map[string]struct {
		puts  [][]record.Record // one a millisecond
		close bool
		want  map[time.Duration]int // records sent at that time
	}{
		"one alone":             {puts: [][]record.Record{numbered(0, 2, 0, 1)}, want: map[time.Duration]int{5 * time.Millisecond: 1}},
		"others join it":        {puts: [][]record.Record{numbered(0, 2, 0, 1), numbered(1, 2, 1, 9)}, want: map[time.Duration]int{5 * time.Millisecond: 9}},
		"500 go at once":        {puts: [][]record.Record{numbered(0, 2, 0, 250), numbered(1, 2, 250, 500)}, want: map[time.Duration]int{time.Millisecond: 500}},
		"ten MiB go at once":    {puts: [][]record.Record{slices.Repeat([]record.Record{big}, 10)}, want: map[time.Duration]int{0: 10}},
		"nothing comes anymore": {puts: [][]record.Record{numbered(0, 2, 0, 3)}, close: true, want: map[time.Duration]int{0: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, newFakeStream(2), nil)
				for _, records := range c.puts {
					r.put(t, records...)
					if c.close {
						r.Close()
					}
					time.Sleep(time.Millisecond)
				}
				time.Sleep(time.Second)
				r.Close()
				if err := r.end(t); err != nil {
					t.Error(err)
				}
				got := make(map[time.Duration]int)
				for _, s := range r.watcher.final {
					got[s.SentAt]++
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestCallHoldsWhatAWSAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(4)
		r := start(t, f, func(c *WriterConfig) { c.InFlight = 1 })
		for shard := range 4 {
			r.put(t, numbered(shard, 4, shard*1000, shard*1000+300)...)
		}
		r.put(t, slices.Repeat([]record.Record{inShard(0, 4, strings.Repeat("x", 1<<20-1))}, 25)...)
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		if got := r.watcher.outcomes(); got[record.Acked] != 1225 {
			t.Errorf("outcomes %v", got)
		}
	})
}

func TestRecordTooLargeForAnyCallIsLeftToTheStreamsJudgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		f.script = func(int, int) event { return event{codes: codes(1, "x"), err: apiError(400, "ValidationException")} }
		r := start(t, f, nil)
		if taken, err := r.Put([]record.Record{inShard(0, 1, strings.Repeat("x", 11<<20))}); taken != 1 || err != nil {
			t.Fatal(taken, err)
		}
		r.Close()
		err := <-r.ended
		r.stop()
		if err == nil || !strings.Contains(err.Error(), "ValidationException") || r.watcher.outcomes()[record.Failed] != 1 {
			t.Errorf("error %v, outcomes %v", err, r.watcher.outcomes())
		}
	})
}

func TestFailedRecordsGoToTheFrontOfTheirShardsNextCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		f.script = func(i, n int) event {
			if i == 0 {
				return event{codes: []string{"", throughputExceeded, "", internalFailure}, takes: 10 * time.Millisecond}
			}
			return event{}
		}
		r := start(t, f, nil)
		r.put(t, numbered(0, 1, 0, 4)...)
		time.Sleep(7 * time.Millisecond)
		r.put(t, numbered(0, 1, 4, 6)...)
		time.Sleep(time.Second)
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"0", "2", "1", "3", "4", "5"}, f.stored(0)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]record.Outcome{record.Throttled, record.Acked}, r.watcher.history[1]); diff != "" {
			t.Error(diff)
		}
		if s := r.watcher.final[3]; s.Attempts != 2 || s.Sequence != "4" || s.SentAt < 65*time.Millisecond {
			t.Errorf("the refused record ended as %+v", s)
		}
	})
}

const throughputExceeded = "ProvisionedThroughputExceededException"

func TestAnErrorProvesNothingUnlessItSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want record.Outcome
	}{
		"connection refused":            {errRefused, record.Refused},
		"connection reset":              {errReset, record.Unknown},
		"timeout":                       {context.DeadlineExceeded, record.Unknown},
		"throttled":                     {apiError(400, throughputExceeded), record.Throttled},
		"throttled by the KMS":          {apiError(400, "KMSThrottlingException"), record.Throttled},
		"throttled by status":           {apiError(429, "UnknownError"), record.Throttled},
		"throttled by the account":      {apiError(503, "ThrottlingException"), record.Throttled},
		"no such stream":                {errGone, record.Failed},
		"not allowed":                   {apiError(400, "AccessDeniedException"), record.Failed},
		"bad argument":                  {apiError(400, "ValidationException"), record.Failed},
		"a proxy's timeout":             {apiError(408, "UnknownError"), record.Unknown},
		"server error":                  {apiError(500, "InternalFailure"), record.Unknown},
		"unavailable":                   {apiError(503, "ServiceUnavailable"), record.Unknown},
		"an answer that is not JSON":    {httpError(200, errors.New("deserialization failed")), record.Unknown},
		"code without an answer's head": {&types.InvalidArgumentException{}, record.Unknown},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAnAnswerThatDoesNotSpeakOfEachRecordProvesNothing(t *testing.T) {
	for name, garble := range map[string]func(*kinesis.PutRecordsOutput){
		"one too few":          func(o *kinesis.PutRecordsOutput) { o.Records = o.Records[1:] },
		"one too many":         func(o *kinesis.PutRecordsOutput) { o.Records = append(o.Records, o.Records[0]) },
		"neither code nor seq": func(o *kinesis.PutRecordsOutput) { o.Records[1] = types.PutRecordsResultEntry{} },
		"empty":                func(o *kinesis.PutRecordsOutput) { o.Records = nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeStream(1)
				f.script = func(int, int) event { return event{garble: garble} }
				r := start(t, f, nil)
				r.put(t, numbered(0, 1, 0, 3)...)
				r.Close()
				if err := r.end(t); err != nil {
					t.Error(err)
				}
				if got := r.watcher.outcomes(); got[record.Found] != 3 {
					t.Errorf("outcomes %v", got)
				}
			})
		})
	}
}

func TestUnknownIsNotSentAgainUnlessItIsAbsent(t *testing.T) {
	for _, stored := range []bool{false, true} {
		t.Run(strconv.FormatBool(stored), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeStream(1)
				f.script = func(i, n int) event {
					if i > 0 {
						return event{}
					}
					e := event{err: errReset}
					if !stored {
						e.codes = codes(n, "lost")
					}
					return e
				}
				r := start(t, f, nil)
				r.put(t, numbered(0, 1, 0, 2)...)
				r.Close()
				if err := r.end(t); err != nil {
					t.Error(err)
				}
				want := []record.Outcome{record.Unknown, record.Found}
				if !stored {
					want = []record.Outcome{record.Unknown, record.Absent, record.Acked}
				}
				if diff := cmp.Diff(want, r.watcher.history[0]); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff([]string{"0", "1"}, f.stored(0)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestShardIsHeldWhileItsRecordsAreUnknownAndOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(2)
		f.script = func(i, _ int) event {
			if i == 0 {
				return event{err: errReset}
			}
			return event{}
		}
		r := start(t, f, func(c *WriterConfig) { c.InFlight, c.Resolver = 1, slowResolver{f} })
		r.put(t, numbered(0, 2, 0, 1)...)
		time.Sleep(10 * time.Millisecond)
		r.put(t, numbered(0, 2, 1, 2)...)
		r.put(t, numbered(1, 2, 2, 3)...)
		time.Sleep(time.Minute)
		if got := f.sizes(); !slices.Equal(got, []int{1, 1}) {
			t.Errorf("calls of %v records while the first is unknown", got)
		}
		time.Sleep(time.Hour)
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"0", "1"}, f.stored(0)); diff != "" {
			t.Error(diff)
		}
	})
}

// slowResolver takes an hour.
type slowResolver struct{ Resolver }

func (s slowResolver) Resolve(ctx context.Context, shard string, sends []record.Send) error {
	if err := sleep(ctx, time.Hour); err != nil {
		return err
	}
	return s.Resolver.Resolve(ctx, shard, sends)
}

func TestRecordsThatAResolverDoesNotResolveAreNotSentAgain(t *testing.T) {
	for name, resolver := range map[string]Resolver{
		"it fails": resolve(func([]record.Send) error { return errUnresolved }), "it says nothing": resolve(func([]record.Send) error { return nil }), "there is none": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeStream(1)
				f.script = func(int, int) event { return event{err: errReset} }
				r := start(t, f, func(c *WriterConfig) { c.Resolver = resolver })
				r.put(t, numbered(0, 1, 0, 2)...)
				r.Close()
				if err := r.end(t); err != nil {
					t.Error(err)
				}
				if got := r.watcher.outcomes(); got[record.Unresolved] != 2 || len(f.calls) != 1 {
					t.Errorf("outcomes %v after %d calls", got, len(f.calls))
				}
			})
		})
	}
}

type resolve func([]record.Send) error

func (r resolve) Resolve(_ context.Context, _ string, sends []record.Send) error { return r(sends) }

func TestEndOfTheDrainTellsWhatWasNeverSentFromWhatIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(3)
		f.script = func(i, n int) event {
			switch i {
			case 0:
				return event{err: errReset} // shard 0: stored, and never resolved
			case 1:
				return event{codes: codes(n, throughputExceeded)} // shard 1: known not to be stored
			}
			return event{takes: 9 * time.Second} // shard 2: in flight
		}
		r := start(t, f, func(c *WriterConfig) { c.Resolver = slowResolver{f} })
		for shard := range 3 {
			r.put(t, numbered(shard, 3, shard, shard+1)...)
			time.Sleep(8 * time.Millisecond)
		}
		r.put(t, numbered(0, 3, 3, 4)...)
		r.put(t, numbered(2, 3, 4, 5)...)
		time.Sleep(10 * time.Millisecond)
		r.stop()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		got := make(map[int64]record.Outcome)
		for position, s := range r.watcher.final {
			got[position] = s.Outcome
		}
		want := map[int64]record.Outcome{
			0: record.Unresolved, 1: record.Unsent, 2: record.Unresolved, 3: record.Unsent, 4: record.Unsent,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if taken, err := r.Put(numbered(0, 3, 9, 10)); taken != 0 || !errors.Is(err, errClosed) {
			t.Errorf("after its end the writer took %d: %v", taken, err)
		}
	})
}

func TestStreamThatIsGoneEndsTheFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		f.script = func(_, n int) event { return event{codes: codes(n, "gone"), err: errGone} }
		r := start(t, f, func(c *WriterConfig) { c.QueueBytes = 100 })
		taken, err := r.PutWait(t.Context(), numbered(0, 1, 0, 1000))
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); !gone || taken == 1000 || !strings.Contains(err.Error(), "stream s: ") {
			t.Errorf("%d records were taken: %v", taken, err)
		}
		r.Close()
		if runErr := r.end(t); !errors.Is(runErr, err) {
			t.Errorf("error %v, want %v", runErr, err)
		}
		if got := r.watcher.outcomes(); got[record.Failed] != taken {
			t.Errorf("outcomes %v of %d", got, taken)
		}
	})
}

func TestCodeThatAWSDoesNotDocumentFailsTheRecordAndIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		f.script = func(int, int) event { return event{codes: []string{"", "Surprise"}} }
		r := start(t, f, nil)
		r.put(t, numbered(0, 1, 0, 3)...)
		r.Close()
		if err := r.end(t); err == nil || !strings.Contains(err.Error(), "Surprise: as scripted") {
			t.Error(err)
		}
		if got := r.watcher.outcomes(); got[record.Failed] != 1 || got[record.Acked] != 2 {
			t.Errorf("outcomes %v", got)
		}
	})
}

func TestStreamWithoutMemoryEndsTheFeedAsSaturated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		f.script = func(_, n int) event { return event{codes: codes(n, memoryExhausted)} }
		r := start(t, f, func(c *WriterConfig) { c.QueueBytes = 100 })
		taken, err := r.PutWait(t.Context(), numbered(0, 1, 0, 1000))
		if !errors.Is(err, ErrQueueFull) || taken == 1000 {
			t.Errorf("%d records were taken: %v", taken, err)
		}
		if n, err := r.Put(numbered(0, 1, 0, 1)); n != 0 || !errors.Is(err, ErrQueueFull) {
			t.Errorf("%d records were taken: %v", n, err)
		}
		r.Close()
		time.Sleep(time.Minute)
		r.stop()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		if got := r.watcher.outcomes(); got[record.Unsent] != taken || len(f.calls) < 10 {
			t.Errorf("outcomes %v of %d after %d calls", got, taken, len(f.calls))
		}
	})
}

func TestReshardOfAStreamIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		child := "shardId-000000000007"
		f.script = func(int, int) event {
			return event{garble: func(o *kinesis.PutRecordsOutput) { o.Records[0].ShardId = &child }}
		}
		r := start(t, f, nil)
		r.put(t, numbered(0, 1, 0, 1)...)
		r.Close()
		if err := r.end(t); err == nil || !strings.Contains(err.Error(), child) {
			t.Error(err)
		}
	})
}

func TestPutTakesTheFirstRecordsThatFindRoom(t *testing.T) {
	f := newFakeStream(1)
	w := NewWriter(WriterConfig{Client: f, Stream: "s", Shards: f.shards, QueueBytes: 10})
	taken, err := w.Put(numbered(0, 1, 0, 8)) // two bytes each
	if records, bytes := w.Queued(); taken != 5 || !errors.Is(err, ErrQueueFull) || records != 5 || bytes != 10 {
		t.Errorf("%d were taken, %d of %d bytes are queued: %v", taken, records, bytes, err)
	}
	w = NewWriter(WriterConfig{Client: f, Stream: "s", Shards: f.shards, QueueBytes: 10})
	if taken, err := w.Put([]record.Record{inShard(0, 1, strings.Repeat("x", 99))}); taken != 1 || err != nil {
		t.Errorf("an empty queue took %d: %v", taken, err)
	}
}

func TestPutNamesARecordThatNoShardTakes(t *testing.T) {
	shards := evenShards(2)
	shards[1].Closed = true
	w := NewWriter(WriterConfig{Stream: "s", Shards: shards})
	records := append(numbered(0, 2, 0, 300), inShard(1, 2, "closed"))
	if taken, err := w.Put(records); taken != 300 || err == nil || !strings.Contains(err.Error(), `partition key "k"`) {
		t.Errorf("%d were taken: %v", taken, err)
	}
	if taken, err := w.Put([]record.Record{{PartitionKey: "k", ExplicitHashKey: "-1"}}); taken != 0 || err == nil {
		t.Errorf("%d were taken: %v", taken, err)
	}
}

func TestPutWaitWaitsForRoomUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		f.script = func(int, int) event { return event{takes: time.Second} }
		r := start(t, f, func(c *WriterConfig) { c.QueueBytes = 20 })
		// Ten records of two bytes go at first, then six of three each second.
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		taken, err := r.PutWait(ctx, numbered(0, 1, 0, 100))
		if !errors.Is(err, context.DeadlineExceeded) || taken != 10+3*6 {
			t.Errorf("%d were taken: %v", taken, err)
		}
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		if got := len(f.stored(0)); got != taken {
			t.Errorf("%d are stored of %d", got, taken)
		}
	})
}

// An aggregator's rows come in bursts, each window's at its end: one that had to wait at once would read its input late.
func TestPutWaitTakesABurstOfRowsForOneShardWithoutWaiting(t *testing.T) {
	f := newFakeStream(1)
	w := NewWriter(WriterConfig{Client: f, Stream: "s", Shards: f.shards})
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // so that waiting is an error
	if taken, err := w.PutWait(ctx, numbered(0, 1, 0, 8000)); taken != 8000 || err != nil {
		t.Errorf("%d were taken: %v", taken, err)
	}
}

func TestPutWaitEndsWhenTheWriterIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		w := NewWriter(WriterConfig{Client: f, Stream: "s", Shards: f.shards, QueueBytes: 4})
		ended := make(chan error)
		go func() {
			_, err := w.PutWait(t.Context(), numbered(0, 1, 0, 9))
			ended <- err
		}()
		synctest.Wait()
		w.Close()
		if err := <-ended; !errors.Is(err, errClosed) {
			t.Error(err)
		}
	})
}
