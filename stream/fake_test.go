package stream

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.uber.org/goleak"

	"weir/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// evenShards divides the hash range among n shards.
func evenShards(n int) []record.Shard {
	whole := new(big.Int).Lsh(big.NewInt(1), 128)
	edge := func(i int) *big.Int {
		at := new(big.Int).Mul(whole, big.NewInt(int64(i)))
		return at.Div(at, big.NewInt(int64(n)))
	}
	shards := make([]record.Shard, n)
	for i := range shards {
		shards[i].ID = shardName(i)
		shards[i].Start, _ = record.ParseHashKey(edge(i).String())
		shards[i].End, _ = record.ParseHashKey(new(big.Int).Sub(edge(i+1), big.NewInt(1)).String())
	}
	return shards
}

func shardName(i int) string { return fmt.Sprintf("shardId-%012d", i) }

// inShard is a record of one of n even shards.
func inShard(shard, n int, data string) record.Record {
	return record.Record{PartitionKey: "k", ExplicitHashKey: evenShards(n)[shard].Start.String(), Data: []byte(data)}
}

// numbered are records of one shard, their payloads their numbers.
func numbered(shard, shards, from, to int) []record.Record {
	first := inShard(shard, shards, "")
	records := make([]record.Record, 0, to-from)
	for i := from; i < to; i++ {
		first.Data = strconv.AppendInt(nil, int64(i), 10)
		records = append(records, first)
	}
	return records
}

// logged is a record as the fake stream holds it.
type logged struct {
	data, sequence string
	call           int
}

// fakeStream is a stream that holds what it is told to store. What becomes of a call is up to its script.
type fakeStream struct {
	shards []record.Shard
	lanes  []*lane
	// script says what becomes of call number i, from 0, which holds n records. Nil stores everything.
	script func(i, n int) event

	mu     sync.Mutex
	calls  [][]types.PutRecordsRequestEntry
	logs   map[string][]logged
	flying map[string]bool
	faults []string
}

// event is what becomes of a call.
type event struct {
	takes time.Duration
	// codes are the errors of its records: empty, the record is stored.
	codes []string
	// err is the answer of the whole call; the records without a code are stored all the same.
	err error
	// garble spoils the answer.
	garble func(*kinesis.PutRecordsOutput)
}

func newFakeStream(shards int) *fakeStream {
	return &fakeStream{
		shards: evenShards(shards), lanes: newLanes(evenShards(shards)), logs: make(map[string][]logged), flying: make(map[string]bool),
	}
}

func (f *fakeStream) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	ids, number := f.begin(in)
	defer f.end(ids)
	var e event
	if f.script != nil {
		e = f.script(number, len(in.Records))
	}
	if err := sleep(ctx, e.takes/2); err != nil {
		return nil, err
	}
	output := f.store(in, ids, number, e.codes)
	if err := sleep(ctx, e.takes/2); err != nil {
		return nil, err
	}
	if e.garble != nil {
		e.garble(output)
	}
	return output, e.err
}

// begin finds the shard of each record, and notes a call that breaks the writer's rules.
func (f *fakeStream) begin(in *kinesis.PutRecordsInput) (ids []string, number int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	bytes := 0
	seen := make(map[string]bool)
	for i := range in.Records {
		r := record.Record{
			PartitionKey: *in.Records[i].PartitionKey, ExplicitHashKey: aws.ToString(in.Records[i].ExplicitHashKey), Data: in.Records[i].Data,
		}
		l, err := laneOf(f.lanes, &r)
		if err != nil {
			f.faults = append(f.faults, err.Error())
		}
		ids = append(ids, l.shard.ID)
		bytes += r.Size()
		if f.flying[l.shard.ID] && !seen[l.shard.ID] {
			f.faults = append(f.faults, l.shard.ID+" is in two calls at once")
		}
		seen[l.shard.ID], f.flying[l.shard.ID] = true, true
	}
	if len(ids) == 0 || len(ids) > 500 || bytes > 10<<20 {
		f.faults = append(f.faults, fmt.Sprintf("a call of %d records and %d bytes", len(ids), bytes))
	}
	f.calls = append(f.calls, in.Records)
	return ids, len(f.calls) - 1
}

func (f *fakeStream) end(ids []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		f.flying[id] = false
	}
}

// store stores the records that have no code.
func (f *fakeStream) store(in *kinesis.PutRecordsInput, ids []string, number int, codes []string) *kinesis.PutRecordsOutput {
	f.mu.Lock()
	defer f.mu.Unlock()
	output := &kinesis.PutRecordsOutput{Records: make([]types.PutRecordsResultEntry, len(ids))}
	for i, id := range ids {
		if i < len(codes) && codes[i] != "" {
			output.Records[i] = types.PutRecordsResultEntry{ErrorCode: aws.String(codes[i]), ErrorMessage: aws.String("as scripted")}
			continue
		}
		sequence := strconv.Itoa(len(f.logs[id]) + 1)
		f.logs[id] = append(f.logs[id], logged{string(in.Records[i].Data), sequence, number})
		output.Records[i] = types.PutRecordsResultEntry{SequenceNumber: &sequence, ShardId: &id}
	}
	return output
}

// Resolve looks each send up by its payload, which must be unlike all others.
func (f *fakeStream) Resolve(ctx context.Context, shard string, sends []record.Send) error {
	if err := sleep(ctx, 20*time.Millisecond); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range sends {
		sends[i].Outcome = record.Absent
		for _, r := range f.logs[shard] {
			if r.data == string(sends[i].Data) {
				sends[i].Outcome, sends[i].Sequence = record.Found, r.sequence
			}
		}
	}
	return nil
}

// stored are the payloads of a shard in its order.
func (f *fakeStream) stored(shard int) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	data := []string{}
	for _, r := range f.logs[shardName(shard)] {
		data = append(data, r.data)
	}
	return data
}

// sizes are the numbers of records of the calls.
func (f *fakeStream) sizes() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []int{}
	for _, c := range f.calls {
		list = append(list, len(c))
	}
	return list
}

// codes gives every record of a call of n the same code.
func codes(n int, code string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = code
	}
	return list
}

// apiError is an answer of AWS that refuses a whole call.
func apiError(status int, code string) error {
	return &smithy.OperationError{ServiceID: "Kinesis", OperationName: "PutRecords", Err: httpError(status, &smithy.GenericAPIError{Code: code})}
}

func httpError(status int, err error) error {
	response := &smithyhttp.Response{Response: newResponse(status)}
	return &smithyhttp.ResponseError{Response: response, Err: err}
}

var (
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errGone    = httpError(400, &types.ResourceNotFoundException{Message: aws.String("Stream s under account 0 not found.")})
)

// watcher keeps what a writer tells, and checks that it tells it in order.
type watcher struct {
	clock record.Clock

	mu      sync.Mutex
	flying  map[int64]bool
	final   map[int64]record.Send
	at      map[int64]time.Duration // of the final outcome
	history map[int64][]record.Outcome
	busy    map[string]bool
	faults  []string
}

func newWatcher(clock record.Clock) *watcher {
	return &watcher{
		clock: clock, flying: make(map[int64]bool), final: make(map[int64]record.Send), at: make(map[int64]time.Duration),
		history: make(map[int64][]record.Outcome), busy: make(map[string]bool),
	}
}

func (w *watcher) Sending(shard string, sends []record.Send) {
	defer w.enter(shard)()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range sends {
		s := &sends[i]
		if _, final := w.final[s.Position]; final || w.flying[s.Position] || s.Outcome != record.Pending {
			w.faults = append(w.faults, fmt.Sprintf("record %d is sent again, %v", s.Position, s.Outcome))
		}
		if i > 0 && sends[i-1].Position >= s.Position {
			w.faults = append(w.faults, fmt.Sprintf("record %d is sent before %d", sends[i-1].Position, s.Position))
		}
		w.flying[s.Position] = true
	}
}

func (w *watcher) Answered(shard string, sends []record.Send, at time.Duration) {
	defer w.enter(shard)()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range sends {
		s := sends[i]
		if _, final := w.final[s.Position]; final {
			w.faults = append(w.faults, fmt.Sprintf("record %d has a second final outcome, %v", s.Position, s.Outcome))
		}
		w.history[s.Position] = append(w.history[s.Position], s.Outcome)
		if s.Outcome.Final() {
			w.final[s.Position], w.at[s.Position] = s, at
		}
		w.flying[s.Position] = s.Outcome == record.Unknown
	}
}

// enter notes two calls at once for one shard; what it returns ends the call.
func (w *watcher) enter(shard string) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[shard] {
		w.faults = append(w.faults, shard+" is told of twice at once")
	}
	w.busy[shard] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.busy[shard] = false
	}
}

// outcomes counts the final outcomes.
func (w *watcher) outcomes() map[record.Outcome]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	count := make(map[record.Outcome]int)
	for _, s := range w.final {
		count[s.Outcome]++
	}
	return count
}

// errUnresolved is the error of a resolver that gives up.
var errUnresolved = errors.New("nothing was read")
