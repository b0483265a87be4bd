package ledger

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"weir/record"
)

// traffic is a stream of some shards that tells a ledger of puts, and of reads that lag behind them. Of one record each it loses one, stores one twice, and
// swaps two: the ledger has to find these among all others, and name them.
type traffic struct {
	ledger                    *Ledger
	shards                    []string
	lag                       int // records of a shard that are stored and not read, in calls
	lost, duplicated, swapped int64
	position                  int64
	sequence                  []int64 // the next of each shard
	stored                    [][]page500
	named                     Offenders
	sends                     []record.Send
	data                      []byte
	recordsRead               int64
}

// page500 is what a call of 500 records left in its shard.
type page500 []record.Stored

const (
	callRecords = 500
	// firstSequence begins the numbers, which have 56 digits as Kinesis's have.
	firstSequence = "4966957" + "00000000000000000000000000000000"
)

// sequences are the texts of n numbers from first on, in one allocation.
func sequences(first int64, n int) []string {
	const digits = len(firstSequence) + 17
	text := make([]byte, 0, n*digits)
	for i := range int64(n) {
		text = append(text, firstSequence...)
		text = strconv.AppendInt(text, 1e16+first+i, 10)
	}
	whole := string(text)
	all := make([]string, n)
	for i := range all {
		all[i] = whole[i*digits : (i+1)*digits]
	}
	return all
}

// call puts 500 records into a shard.
func (w *traffic) call(shard int) {
	// One more number than records: for the copy, if there is one.
	names := sequences(w.sequence[shard], callRecords+1)
	w.sequence[shard] += callRecords + 1
	var stored page500
	first := w.position
	for i := range w.sends {
		key, data := w.keyOf(w.position), w.data[w.position%997:][:200]
		w.sends[i] = record.Send{Record: record.Record{PartitionKey: key, Data: data, Due: 1}, Position: w.position, Attempts: 1, Outcome: record.Acked, Sequence: names[i]}
		w.position++
	}
	id := w.shards[shard]
	if swap := w.swapped - first; 0 <= swap && swap < callRecords-1 {
		// The record is stored behind the one that was offered after it.
		w.sends[swap].Sequence, w.sends[swap+1].Sequence = w.sends[swap+1].Sequence, w.sends[swap].Sequence
		w.named.Reordered = append(w.named.Reordered, record.ID{Shard: id, Sequence: w.sends[swap].Sequence})
	}
	w.ledger.Sending(id, w.sends)
	w.ledger.Answered(id, w.sends, 2)
	for i := range w.sends {
		s := &w.sends[i]
		kept := record.Stored{Sequence: s.Sequence, PartitionKey: s.PartitionKey, Data: s.Data}
		switch s.Position {
		case w.lost:
			w.named.Lost = append(w.named.Lost, record.ID{Shard: id, Sequence: s.Sequence})
			continue
		case w.duplicated:
			copied := kept
			copied.Sequence = names[callRecords]
			defer func() {
				w.stored[shard][len(w.stored[shard])-1] = append(w.stored[shard][len(w.stored[shard])-1], copied)
			}()
			w.named.Duplicated = append(w.named.Duplicated, record.ID{Shard: id, Sequence: copied.Sequence})
		}
		stored = append(stored, kept)
	}
	if swap := w.swapped - first; 0 <= swap && swap < callRecords-1 {
		stored[swap], stored[swap+1] = stored[swap+1], stored[swap]
	}
	w.stored[shard] = append(w.stored[shard], stored)
}

// keyOf spreads the records over keys whose texts are made once.
func (w *traffic) keyOf(position int64) string { return keys[position%int64(len(keys))] }

var keys = func() (all []string) {
	for i := range 1000 {
		all = append(all, fmt.Sprint("EWR|", i))
	}
	return all
}()

// read reads the oldest call of a shard.
func (w *traffic) read(shard int, behind time.Duration) {
	page := record.Page{Shard: w.shards[shard], Records: w.stored[shard][0], At: 3, Asked: 3, Behind: behind}
	w.stored[shard] = w.stored[shard][1:]
	w.ledger.Join(&page)
	w.recordsRead += int64(len(page.Records))
}

// flow puts so many records and reads them, and says how the ledger counts and names them, and how much memory it held at most.
func flow(records int64) (w *traffic, heap uint64) {
	w = &traffic{
		ledger: New(Config{Clock: record.NewClock(time.Now()), Stored: func(string, []record.Send) {}}),
		shards: []string{"shardId-000000000000", "shardId-000000000001", "shardId-000000000002", "shardId-000000000003"}, lag: 5,
		// Not at the edge of a call.
		lost: records/3/callRecords*callRecords + 7, duplicated: records/2/callRecords*callRecords + 77, swapped: records*3/4/callRecords*callRecords + 177,
		sends: make([]record.Send, callRecords), data: make([]byte, 1200), sequence: make([]int64, 4), stored: make([][]page500, 4),
	}
	for i := range w.data {
		w.data[i] = byte(i * i >> 3)
	}
	w.data[0] = 1
	calls := int(records / callRecords)
	for i := range calls {
		shard := i % len(w.shards)
		w.call(shard)
		if len(w.stored[shard]) > w.lag {
			w.read(shard, time.Second)
		}
		if i%(calls/10) == 0 {
			heap = max(heap, held())
		}
	}
	for shard := range w.shards {
		for len(w.stored[shard]) > 0 {
			w.read(shard, time.Duration(len(w.stored[shard])-1))
		}
	}
	return w, heap
}

// held is the memory in use.
func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// mostHeld bounds what the books of this traffic hold: four shards with some thousand records each in their backlogs and 8,192 hashes.
const mostHeld = 12 << 20

func findsWhatIsWrong(t *testing.T, records int64) {
	t.Helper()
	before := held()
	start := time.Now()
	w, heap := flow(records)
	took := time.Since(start)
	want := Counts{Acked: records, Read: records, Lost: 1, Duplicated: 1, Reordered: 1}
	if diff := gocmp.Diff(want, w.ledger.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(w.named, w.ledger.Offenders()); diff != "" {
		t.Errorf("offenders (-want +got):\n%s", diff)
	}
	if heap > before+mostHeld {
		t.Errorf("%d MiB were held, at most %d", (heap-before)>>20, mostHeld>>20)
	}
	t.Logf("%d records in %s, %.0f ns each with making them, %.1f MiB held at most", records, took.Round(time.Millisecond), float64(took)/float64(records), float64(int64(heap)-int64(before))/(1<<20))
}

func TestOneLostOneDuplicatedAndOneSwappedOfAMillionAreFoundAndNamed(t *testing.T) {
	findsWhatIsWrong(t, 1_000_000)
}

func TestProveOneLostOneDuplicatedAndOneSwappedOfAHundredMillionAreFoundAndNamed(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	findsWhatIsWrong(t, 100_000_000)
}
