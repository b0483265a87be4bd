package kinesis_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"pgregory.net/rapid"

	"weir/internal/localaws/kinesis"
	"weir/internal/localaws/wire"
)

// model is what a stream is to be: shards with ranges, that hold records in order, and end.
type model struct {
	shards []*modelShard
	last   map[string]string // sequence number of each key's last record
}

type modelShard struct {
	start, end *big.Int
	closed     bool
	records    []string
	read       int // by the reader that goes along
	iterator   string
}

func (m *model) open() (open []int) {
	for i, sh := range m.shards {
		if !sh.closed {
			open = append(open, i)
		}
	}
	slices.SortFunc(open, func(a, b int) int { return m.shards[a].start.Cmp(m.shards[b].start) })
	return open
}

func (m *model) close(numbers []int, ranges ...[2]*big.Int) {
	for _, i := range numbers {
		m.shards[i].closed = true
	}
	for _, r := range ranges {
		m.shards = append(m.shards, &modelShard{start: r[0], end: r[1]})
	}
}

func (m *model) of(key string) int {
	hash := md5.Sum([]byte(key))
	n := new(big.Int).SetBytes(hash[:])
	for _, i := range m.open() {
		if n.Cmp(m.shards[i].end) <= 0 {
			return i
		}
	}
	panic("no shard")
}

// service is the one beside it.
type service struct{ handler http.Handler }

func (s service) call(t *rapid.T, operation, body string, answer any) {
	got := post(s.handler, operation, body)
	if got.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", operation, body, got.Code, got.Body)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(got.Body.Bytes(), answer); err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
}

func (m *model) put(t *rapid.T, s service, n int) {
	key := fmt.Sprint("key-", rapid.IntRange(0, 20).Draw(t, "key"))
	data := fmt.Sprint("record-", n)
	var out struct{ ShardId, SequenceNumber string }
	s.call(t, "PutRecord", fmt.Sprintf(`{"StreamName":"s","PartitionKey":%q,"Data":%q}`, key, base64.StdEncoding.EncodeToString([]byte(data))), &out)
	i := m.of(key)
	if out.ShardId != *shardID(i) {
		t.Fatalf("%s is in %s, and belongs in shard %d", key, out.ShardId, i)
	}
	if out.SequenceNumber <= m.last[key] {
		t.Fatalf("%s: %s comes after %s", key, out.SequenceNumber, m.last[key])
	}
	m.last[key] = out.SequenceNumber
	m.shards[i].records = append(m.shards[i].records, data)
}

func (m *model) split(t *rapid.T, s service) {
	i := rapid.SampledFrom(m.open()).Draw(t, "split")
	sh := m.shards[i]
	half := new(big.Int).Add(sh.start, sh.end)
	half.Rsh(half, 1)
	if new(big.Int).Sub(half, sh.start).Cmp(big.NewInt(2)) < 0 {
		return
	}
	s.call(t, "SplitShard", fmt.Sprintf(`{"StreamName":"s","ShardToSplit":%q,"NewStartingHashKey":"%v"}`, *shardID(i), half), nil)
	m.close([]int{i}, [2]*big.Int{sh.start, new(big.Int).Sub(half, big.NewInt(1))}, [2]*big.Int{half, sh.end})
}

func (m *model) merge(t *rapid.T, s service) {
	open := m.open()
	if len(open) < 2 {
		return
	}
	place := rapid.IntRange(0, len(open)-2).Draw(t, "merge")
	a, b := open[place], open[place+1]
	s.call(t, "MergeShards", fmt.Sprintf(`{"StreamName":"s","ShardToMerge":%q,"AdjacentShardToMerge":%q}`, *shardID(a), *shardID(b)), nil)
	m.close([]int{a, b}, [2]*big.Int{m.shards[a].start, m.shards[b].end})
}

// read reads on in one shard, and compares what comes with what has to.
func (m *model) read(t *rapid.T, s service, i int) {
	sh := m.shards[i]
	if sh.iterator == "" {
		var out struct{ ShardIterator string }
		s.call(t, "GetShardIterator", fmt.Sprintf(`{"StreamName":"s","ShardId":%q,"ShardIteratorType":"TRIM_HORIZON"}`, *shardID(i)), &out)
		sh.iterator, sh.read = out.ShardIterator, 0
	}
	limit := rapid.IntRange(1, 5).Draw(t, "limit")
	var out struct {
		Records            []struct{ Data []byte }
		NextShardIterator  string
		MillisBehindLatest int64
		ChildShards        []struct{ ShardId string }
	}
	s.call(t, "GetRecords", fmt.Sprintf(`{"ShardIterator":%q,"Limit":%d}`, sh.iterator, limit), &out)
	for _, r := range out.Records {
		if sh.read >= len(sh.records) || string(r.Data) != sh.records[sh.read] {
			t.Fatalf("shard %d gave %q as its record %d of %q", i, r.Data, sh.read, sh.records)
		}
		sh.read++
	}
	tip := sh.read == len(sh.records)
	if tip != (out.MillisBehindLatest == 0) || !tip && len(out.Records) != limit {
		t.Fatalf("shard %d: %d of %d read, %d ms behind", i, sh.read, len(sh.records), out.MillisBehindLatest)
	}
	if ended := tip && sh.closed; ended != (out.NextShardIterator == "") || ended != (len(out.ChildShards) > 0) {
		t.Fatalf("shard %d: closed %t, %d of %d read, next %q, children %v", i, sh.closed, sh.read, len(sh.records), out.NextShardIterator, out.ChildShards)
	}
	sh.iterator = out.NextShardIterator // none: from the beginning again
}

// It shows K12.
func TestEveryRecordIsReadOnceAndInOrderWhateverBecomesOfTheShards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := service{kinesis.New(config).Wire(wire.Options{})}
		s.call(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`, nil)
		most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))
		m := &model{shards: []*modelShard{{start: new(big.Int), end: most}}, last: make(map[string]string)}
		for n := range rapid.IntRange(1, 120).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				m.split(t, s)
			case 1:
				m.merge(t, s)
			case 2, 3, 4:
				m.read(t, s, rapid.IntRange(0, len(m.shards)-1).Draw(t, "read"))
			default:
				m.put(t, s, n)
			}
		}
		for i := range m.shards {
			for m.shards[i].iterator == "" || m.shards[i].read < len(m.shards[i].records) {
				if m.read(t, s, i); m.shards[i].iterator == "" {
					break
				}
			}
			if m.shards[i].read != len(m.shards[i].records) {
				t.Fatalf("shard %d: %d of %d read", i, m.shards[i].read, len(m.shards[i].records))
			}
		}
	})
}

func TestADayOfPutsReadsAndReshards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := limited
		config.CreateDelay, config.MemoryBytes, config.Retention = 10*time.Second, 1<<20, time.Minute
		client := create(t, startInBubble(t, config), "s", 2)
		time.Sleep(config.CreateDelay)
		reader := follow{client: client, iterators: make(map[string]*string), seen: make(map[string]int)}
		reader.start(t, shards(t, client, nil)...)
		const minutes = 24 * 60
		for minute := range minutes {
			in := &sdk.PutRecordsInput{StreamName: aws.String("s")}
			for i := range 10 {
				in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String(fmt.Sprint(i)), Data: fmt.Append(make([]byte, 500), minute, i)})
			}
			if out, err := client.PutRecords(t.Context(), in); err != nil || *out.FailedRecordCount > 0 {
				t.Fatalf("minute %d: %v, %+v", minute, err, out)
			}
			if minute%144 == 143 { // ten times
				to := int32(2 + minute/144%3)
				if _, err := client.UpdateShardCount(t.Context(), &sdk.UpdateShardCountInput{StreamName: aws.String("s"), TargetShardCount: &to, ScalingType: types.ScalingTypeUniformScaling}); err != nil {
					t.Fatalf("minute %d: %v", minute, err)
				}
			}
			time.Sleep(time.Minute)
			reader.poll(t)
		}
		if len(reader.seen) != 10*minutes {
			t.Errorf("%d of %d records read", len(reader.seen), 10*minutes)
		}
		for data, times := range reader.seen {
			if times != 1 {
				t.Errorf("%q was read %d times", data, times)
			}
		}
	})
}

// follow reads a stream across its reshards: a child once all of its parents have ended.
type follow struct {
	client    *sdk.Client
	iterators map[string]*string
	seen      map[string]int
	ended     []string
}

func (f *follow) start(t *testing.T, shards ...types.Shard) {
	for _, shard := range shards {
		f.open(t, *shard.ShardId)
	}
}

func (f *follow) open(t *testing.T, id string) {
	out, err := f.client.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{StreamName: aws.String("s"), ShardId: &id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	f.iterators[id] = out.ShardIterator
}

func (f *follow) poll(t *testing.T) {
	for pending := true; pending; {
		pending = false
		for id, iterator := range f.iterators {
			out, err := f.client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: iterator})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.Records {
				f.seen[string(r.Data)]++
			}
			f.iterators[id] = out.NextShardIterator
			if out.NextShardIterator == nil {
				delete(f.iterators, id)
				f.ended = append(f.ended, id)
				pending = f.children(t, out.ChildShards) || pending
			}
		}
	}
}

// children opens those whose parents have all ended.
func (f *follow) children(t *testing.T, children []types.ChildShard) (any bool) {
	for _, child := range children {
		ready := true
		for _, parent := range child.ParentShards {
			ready = ready && slices.Contains(f.ended, parent)
		}
		if ready {
			f.open(t, *child.ShardId)
			any = true
		}
	}
	return any
}

// Four shards take 4,000 records a second, once what they had saved up is gone, and refuse the others one by one.
//
// It shows K2.
func TestFourShardsTakeFourThousandRecordsASecondForHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := kinesis.New(limited).Wire(wire.Options{WholeBodies: true})
		post(handler, "CreateStream", `{"StreamName":"s","ShardCount":4}`)
		request := `{"StreamName":"s","Records":[` + strings.Join(evenEntries(500, 4), ",") + `]}`
		offered, stored := 0, 0
		for begun := time.Now(); time.Since(begun) < 31*time.Second; time.Sleep(50 * time.Millisecond) { // 10,000 a second
			var out struct {
				FailedRecordCount int
				Records           []struct{ ErrorCode string }
			}
			if err := json.Unmarshal(post(handler, "PutRecords", request).Body.Bytes(), &out); err != nil {
				t.Fatal(err)
			}
			failed := 0
			for _, r := range out.Records {
				if r.ErrorCode == "ProvisionedThroughputExceededException" {
					failed++
				}
			}
			if failed != out.FailedRecordCount || len(out.Records) != 500 {
				t.Fatalf("%d of %d records failed for their shard's limit, and the answer counts %d", failed, len(out.Records), out.FailedRecordCount)
			}
			if time.Since(begun) >= time.Second {
				offered += 500
				stored += 500 - failed
			}
		}
		if rate := float64(stored) / 30; rate < 4000*0.99 || rate > 4000*1.01 || offered < 9800*30 {
			t.Errorf("%.1f of %.1f records a second stored", rate, float64(offered)/30)
		}
	})
}

// evenEntries are as many records for each of a power of two of equal shards.
func evenEntries(n, shards int) (entries []string) {
	room := make([]int, shards)
	for i := 0; len(entries) < n; i++ {
		key := fmt.Sprint("key-", i)
		hash := md5.Sum([]byte(key))
		if shard := int(hash[0]) * shards / 256; room[shard] < n/shards {
			room[shard]++
			entries = append(entries, fmt.Sprintf(`{"PartitionKey":%q,"Data":"MDEyMzQ1Njc4OQ=="}`, key))
		}
	}
	return entries
}
