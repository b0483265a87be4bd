package stream_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/measure/ledger"
	"weir/record"
	"weir/stream"
)

// embedded serves an embedded AWS until the test ends, and returns clients of it.
func embedded(t *testing.T, config localaws.Config) *awsclient.Clients {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- localaws.New(config).Serve(ctx, listener) }()
	clients, err := awsclient.New(t.Context(), awsclient.Config{Endpoint: "http://" + listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		clients.Close()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return clients
}

// put are the stored payloads by shard, in the order in which they were read.
type put struct {
	mu   sync.Mutex
	data map[string][]int
}

func (p *put) add(page record.Page) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range page.Records {
		n, err := strconv.Atoi(string(page.Records[i].Data))
		if err != nil {
			return err
		}
		p.data[page.Shard] = append(p.data[page.Shard], n)
	}
	return nil
}

// load is what is sent.
type load struct {
	records int
	packed  bool
	// bytes is the size of each: then all of them wait before the first is sent. 0 is for small ones that are sent as they come.
	bytes int
}

func (l load) record(i int) record.Record {
	return record.Record{PartitionKey: strconv.Itoa(i % 100), Data: fmt.Appendf(nil, "%0*d", l.bytes, i)}
}

// sendAndRead sends a load through a new stream of four shards while it is read, and returns what was read of it. The books of
// the run resolve what is unknown.
func sendAndRead(t *testing.T, clients *awsclient.Clients, l load) (*put, ledger.SentCounts, ledger.ReadCounts) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := stream.Create(ctx, clients.Kinesis, stream.Spec{Name: "s", Shards: 4}); err != nil {
		t.Fatal(err)
	}
	shards, err := stream.Shards(ctx, clients.Kinesis, "s")
	if err != nil {
		t.Fatal(err)
	}
	clock := record.NewClock(time.Now())
	books := ledger.New(ledger.Config{Clock: clock})
	consumer := books.Reading(ledger.ReadingConfig{})
	got := &put{data: make(map[string][]int)}
	reader := stream.NewReader(stream.ReaderConfig{Client: clients.Kinesis, Stream: "s", Clock: clock, Poll: 20 * time.Millisecond, Open: l.packed})
	reading, stop := context.WithCancel(ctx)
	parts, reading := errgroup.WithContext(reading)
	for _, shard := range shards {
		parts.Go(func() error {
			err := reader.Read(reading, shard, record.Position{}, record.ReceiverFunc(func(_ context.Context, page record.Page) error {
				consumer.Join(&page)
				return got.add(page)
			}))
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		})
	}
	writer := stream.NewWriter(stream.WriterConfig{
		Client: clients.Kinesis, Stream: "s", Shards: shards, Clock: clock, Observer: books, Resolver: books, InFlight: 3, Pack: l.packed, Linger: 5 * time.Millisecond,
	})
	next := 0
	for ; l.bytes > 0 && next < l.records; next++ {
		if _, err := writer.Put([]record.Record{l.record(next)}); err != nil {
			t.Fatal(err)
		}
	}
	parts.Go(func() error {
		defer stop()
		if err := writer.Run(reading); err != nil {
			return err
		}
		return consumer.Wait(reading)
	})
	for ; next < l.records; next++ {
		if l.packed && next%500 == 0 {
			time.Sleep(10 * time.Millisecond) // or all of them fit into one call
		}
		if _, err := writer.PutWait(ctx, []record.Record{l.record(next)}); err != nil {
			t.Fatal(err)
		}
	}
	writer.Close()
	if err := parts.Wait(); err != nil {
		t.Fatal(err)
	}
	return got, books.Sent(), consumer.Counts()
}

// checkOnce says that each of n records was read once. In order: those of a key, where disorder is not allowed.
func (p *put) checkOnce(t *testing.T, n int, ordered bool) {
	t.Helper()
	seen := make(map[int]int)
	for shard, numbers := range p.data {
		last := -1
		for _, i := range numbers {
			seen[i]++
			if ordered && i < last {
				t.Errorf("%s: %d was read after %d", shard, i, last)
			}
			last = i
		}
	}
	for i := range n {
		if seen[i] != 1 {
			t.Errorf("record %d was read %d times", i, seen[i])
		}
	}
}

func TestAnswersDroppedByTheEmbeddedAWSAreResolvedByWhatIsRead(t *testing.T) {
	var mu sync.Mutex
	dropped := make(map[localaws.Action]int)
	every := int64(5) // calls
	fault := func(c localaws.Call) localaws.Action {
		action := localaws.Serve
		switch {
		case c.Operation == "PutRecords" && c.Number%every == every-3:
			action = localaws.DropAfter
		case c.Operation == "PutRecords" && c.Number%every == every-1:
			action = localaws.DropBefore
		case c.Operation != "PutRecords" && c.Number%7 == 3:
			action = localaws.DropAfter
		case c.Operation != "PutRecords" && c.Number%7 == 5:
			action = localaws.DropBefore
		}
		mu.Lock()
		defer mu.Unlock()
		if c.Operation == "PutRecords" {
			dropped[action]++
		}
		return action
	}
	for _, packed := range []bool{false, true} {
		clear(dropped)
		if packed { // there are but few calls
			every = 3
		}
		const n = 6000
		got, sent, read := sendAndRead(t, embedded(t, localaws.Config{Fault: fault}), load{records: n, packed: packed})
		got.checkOnce(t, n, true)
		if dropped[localaws.DropAfter] == 0 || dropped[localaws.DropBefore] == 0 {
			t.Errorf("too few calls to show anything: %v", dropped)
		}
		if sent.Acked+sent.Unknown() != n || read.Lost+read.Duplicated+read.Phantom+read.Reordered != 0 {
			t.Errorf("packed %v: sent %+v, read %+v", packed, sent, read)
		}
	}
}

func TestPackedRecordsAreNotThrottledByTheirNumber(t *testing.T) {
	const n = 6000 // four shards take 4,000 at once, and 4,000 a second
	got, sent, read := sendAndRead(t, embedded(t, localaws.Config{Limits: true}), load{records: n, packed: true})
	got.checkOnce(t, n, true)
	if sent.Acked != n || read.Read != n || sent.Throttled != 0 {
		t.Errorf("sent %+v, read %+v", sent, read)
	}
}

func TestShardsOfTheEmbeddedAWSAreThrottledAndNothingIsLost(t *testing.T) {
	// The first call holds all, and a quarter of them is more than the megabyte that a shard takes at once, however slow the machine is.
	const n, size = 500, 9000
	got, sent, read := sendAndRead(t, embedded(t, localaws.Config{Limits: true}), load{records: n, bytes: size})
	got.checkOnce(t, n, false)
	if sent.Acked != n || read.Lost+read.Duplicated+read.Phantom != 0 || sent.Throttled == 0 {
		t.Errorf("sent %+v, read %+v", sent, read)
	}
}

func TestStreamIsMadeFoundFlushedAndRemoved(t *testing.T) {
	calls := make(map[string]bool)
	var mu sync.Mutex
	dropFirst := func(c localaws.Call) localaws.Action {
		mu.Lock()
		defer mu.Unlock()
		if calls[c.Operation] {
			return localaws.Serve
		}
		calls[c.Operation] = true
		return localaws.DropAfter
	}
	client := embedded(t, localaws.Config{Fault: dropFirst}).Kinesis
	ctx := t.Context()
	if err := stream.Create(ctx, client, stream.Spec{Name: "s", Shards: 3}); err != nil {
		t.Fatal(err)
	}
	if err := stream.Create(ctx, client, stream.Spec{Name: "s", Shards: 3}); err == nil || !strings.Contains(err.Error(), "create stream s: ") {
		t.Errorf("made twice: %v", err)
	}
	shards, err := stream.Shards(ctx, client, "s")
	if err != nil || len(shards) != 3 {
		t.Fatal(shards, err)
	}
	if err := stream.Flush(ctx, client, "s", shards, record.FlushKey("x"), []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	reader := stream.NewReader(stream.ReaderConfig{Client: client, Stream: "s"})
	enough := errors.New("enough")
	for _, shard := range shards {
		err := reader.Read(ctx, shard, record.Position{}, record.ReceiverFunc(func(_ context.Context, page record.Page) error {
			if len(page.Records) == 0 || !record.IsFlush(page.Records[0].PartitionKey) {
				t.Errorf("%s holds %+v", shard.ID, page.Records)
			}
			return enough
		}))
		if !errors.Is(err, enough) {
			t.Error(err)
		}
	}
	for _, want := range []bool{true, false} {
		if there, err := stream.Exists(ctx, client, "s"); there != want || err != nil {
			t.Errorf("exists is %v: %v", there, err)
		}
		for range 2 {
			if err := stream.Delete(ctx, client, "s"); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(100 * time.Millisecond) // it may be DELETING for a moment
	}
	if err := stream.Flush(ctx, client, "s", shards, "k", nil); err == nil {
		t.Error("a stream that is gone was flushed")
	}
	if _, err := stream.Shards(ctx, client, "s"); err == nil || !strings.Contains(err.Error(), "stream s: ") {
		t.Error(err)
	}
}

func TestAStreamIsMadeWithItsTags(t *testing.T) {
	clients := embedded(t, localaws.Config{})
	want := awsclient.RunTags("x")
	if err := stream.Create(t.Context(), clients.Kinesis, stream.Spec{Name: "tagged", Shards: 1, Tags: want}); err != nil {
		t.Fatal(err)
	}
	if tags, err := clients.StreamTags(t.Context(), "tagged"); err != nil || !maps.Equal(tags, want) {
		t.Errorf("%v, %v", tags, err)
	}
}
