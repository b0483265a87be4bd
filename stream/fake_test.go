package stream

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
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
	data, sequence, hash string
	call                 int
	order                int // over all shards
}

// fakeStream is a stream that holds what it is told to store. What becomes of a call is up to its script.
type fakeStream struct {
	// reshards are carried out in the middle of calls, by their numbers.
	reshards map[int]func(*fakeStream)

	shards []record.Shard
	lanes  []*lane
	// script says what becomes of call number i, from 0, which holds n records. Nil stores everything.
	script func(i, n int) event

	mu     sync.Mutex
	calls  [][]types.PutRecordsRequestEntry
	logs   map[string][]logged
	flying map[string]bool
	faults []string
	order  int // how many records were stored
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
	output := f.store(in, number, e.codes)
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
		id := f.shardOf(&r)
		ids = append(ids, id)
		bytes += r.Size()
		if f.flying[id] && !seen[id] && len(f.reshards) == 0 {
			f.faults = append(f.faults, id+" is in two calls at once")
		}
		seen[id], f.flying[id] = true, true
	}
	if len(ids) == 0 || len(ids) > 500 || bytes > 10<<20 {
		f.faults = append(f.faults, fmt.Sprintf("a call of %d records and %d bytes", len(ids), bytes))
	}
	sent := slices.Clone(in.Records) // whose memory is the writer's
	for i := range sent {
		sent[i].Data = slices.Clone(sent[i].Data)
	}
	f.calls = append(f.calls, sent)
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
func (f *fakeStream) store(in *kinesis.PutRecordsInput, number int, codes []string) *kinesis.PutRecordsOutput {
	f.mu.Lock()
	defer f.mu.Unlock()
	output := &kinesis.PutRecordsOutput{Records: make([]types.PutRecordsResultEntry, len(in.Records))}
	for i := range in.Records {
		if reshard := f.reshards[number]; reshard != nil && i == len(in.Records)/2 {
			reshard(f)
		}
		r := record.Record{PartitionKey: *in.Records[i].PartitionKey, ExplicitHashKey: aws.ToString(in.Records[i].ExplicitHashKey)}
		id := f.shardOf(&r)
		if i < len(codes) && codes[i] != "" {
			output.Records[i] = types.PutRecordsResultEntry{ErrorCode: aws.String(codes[i]), ErrorMessage: aws.String("as scripted")}
			continue
		}
		sequence := strconv.Itoa(len(f.logs[id]) + 1)
		f.order++
		f.logs[id] = append(f.logs[id], logged{string(in.Records[i].Data), sequence, r.ExplicitHashKey, number, f.order})
		output.Records[i] = types.PutRecordsResultEntry{SequenceNumber: &sequence, ShardId: &id}
	}
	return output
}

// Resolve looks each send up by its payload, which must be unlike all others.
func (f *fakeStream) Resolve(ctx context.Context, _ string, sends []record.Send) error {
	if err := sleep(ctx, 20*time.Millisecond); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range sends {
		sends[i].Outcome = record.Absent
		for id, log := range f.logs {
			for _, r := range log {
				if r.data == string(sends[i].Data) {
					sends[i].Outcome, sends[i].Sequence, sends[i].Shard = record.Found, r.sequence, id
				}
			}
		}
	}
	return nil
}

// shardOf is the open shard of a record. The caller holds the lock.
func (f *fakeStream) shardOf(r *record.Record) string {
	hash, err := hashOf(r)
	if l := holding(f.lanes, hash); l != nil && err == nil {
		return l.shard.ID
	}
	f.faults = append(f.faults, fmt.Sprintf("no shard holds %v: %v", hash, err))
	return ""
}

// List lists the shards, closed ones too.
func (f *fakeStream) List(ctx context.Context) ([]record.Shard, error) {
	if err := sleep(ctx, 10*time.Millisecond); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.shards), nil
}

// split splits the open shard at a place in two, merge merges it with the next one. The caller holds the lock.
func (f *fakeStream) split(at int) {
	parent := f.lanes[at%len(f.lanes)].shard
	start, end := parent.Start.Big(), parent.End.Big()
	middle := start.Add(start, end).Rsh(start, 1).String()
	if middle == parent.End.String() {
		return
	}
	low, high := parent, parent
	low.End, _ = record.ParseHashKey(middle)
	high.Start, _ = record.ParseHashKey(new(big.Int).Add(low.End.Big(), big.NewInt(1)).String())
	f.replace([]record.Shard{low, high}, parent.ID)
}

func (f *fakeStream) merge(at int) {
	if len(f.lanes) < 2 {
		return
	}
	at %= len(f.lanes) - 1
	low, high := f.lanes[at].shard, f.lanes[at+1].shard
	child := low
	child.End = high.End
	f.replace([]record.Shard{child}, low.ID, high.ID)
}

// replace closes parents and opens their children.
func (f *fakeStream) replace(children []record.Shard, parents ...string) {
	for i := range f.shards {
		f.shards[i].Closed = f.shards[i].Closed || slices.Contains(parents, f.shards[i].ID)
	}
	for _, child := range children {
		child.ID, child.Parents = shardName(len(f.shards)), parents
		f.shards = append(f.shards, child)
	}
	f.lanes = newLanes(f.shards)
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

// Resharded keeps nothing: what counts is where each record landed.
func (w *watcher) Resharded([]record.Shard) {}

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
