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
// swaps two: the ledger has to find these among all others, and name them. What a call holds follows from its number, so that the traffic itself keeps
// nothing of what waits to be read.
type traffic struct {
	ledger                    *Ledger
	reading                   *Reading
	lost, duplicated, swapped int64 // positions, not at the edge of a call
	sends                     []record.Send
	stored                    []record.Stored
	data                      []byte
}

const (
	callRecords = 500
	// firstSequence begins the numbers, which have 56 digits as Kinesis's have.
	firstSequence = "4966957" + "00000000000000000000000000000000"
	trafficShards = 4
)

var trafficShard = func() (ids [trafficShards]string) {
	for i := range ids {
		ids[i] = fmt.Sprintf("shardId-%012d", i)
	}
	return ids
}()

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

func newTraffic(records int64, config Config, reading ReadingConfig) *traffic {
	config.Clock, config.Stored = record.NewClock(time.Now()), func(string, []record.Send) {}
	w := &traffic{
		ledger: New(config),
		lost:   records/3/callRecords*callRecords + 7, duplicated: records/2/callRecords*callRecords + 77, swapped: records*3/4/callRecords*callRecords + 177,
		sends: make([]record.Send, callRecords), data: make([]byte, 1200),
	}
	for i := range w.data {
		w.data[i] = byte(i * i >> 3)
	}
	w.reading = w.ledger.Reading(reading)
	w.data[0] = 1
	return w
}

// shardOf is the shard that a call goes to.
func shardOf(call int64) string { return trafficShard[call%trafficShards] }

// make makes the sends of a call, as they are stored. One more number than records is its own: for the copy of the last but one, if there is one.
func (w *traffic) make(call int64) (names []string) {
	names = sequences(call/trafficShards*(callRecords+1), callRecords+1)
	for i := range w.sends {
		position := call*callRecords + int64(i)
		w.sends[i] = record.Send{
			Record:   record.Record{PartitionKey: keys[position%int64(len(keys))], Data: w.data[position%997:][:200], Due: 1},
			Position: position, Attempts: 1, Outcome: record.Acked, Sequence: names[i],
		}
	}
	if i := w.swapped - call*callRecords; w.holds(call, w.swapped) { // it is stored behind the one that was offered after it
		w.sends[i].Sequence, w.sends[i+1].Sequence = names[i+1], names[i]
	}
	return names
}

func (w *traffic) holds(call, position int64) bool { return position/callRecords == call }

var keys = func() (all []string) {
	for i := range 1000 {
		all = append(all, fmt.Sprint("EWR|", i))
	}
	return all
}()

// put puts a call.
func (w *traffic) put(call int64) {
	w.make(call)
	w.ledger.Sending(shardOf(call), w.sends)
	w.ledger.Answered(shardOf(call), w.sends, 2)
}

// read reads what a call left in its shard.
func (w *traffic) read(call int64, behind time.Duration) {
	names := w.make(call)
	w.stored = w.stored[:0]
	for i := range w.sends {
		if s := &w.sends[i]; s.Position != w.lost {
			w.stored = append(w.stored, record.Stored{Sequence: s.Sequence, PartitionKey: s.PartitionKey, Data: s.Data})
		}
	}
	if i := w.swapped - call*callRecords; w.holds(call, w.swapped) {
		w.stored[i], w.stored[i+1] = w.stored[i+1], w.stored[i]
	}
	if i := w.duplicated - call*callRecords; w.holds(call, w.duplicated) {
		copied := w.stored[i]
		copied.Sequence = names[callRecords]
		w.stored = append(w.stored, copied)
	}
	w.reading.Join(&record.Page{Shard: shardOf(call), Records: w.stored, At: 3, Asked: 3, Behind: behind})
}

// named are the offenders as they have to be named.
func (w *traffic) named() Offenders {
	name := func(position int64, number int) []record.ID {
		call := position / callRecords
		return []record.ID{{Shard: shardOf(call), Sequence: w.make(call)[number]}}
	}
	in := func(position int64) int { return int(position % callRecords) }
	return Offenders{Lost: name(w.lost, in(w.lost)), Duplicated: name(w.duplicated, callRecords), Reordered: name(w.swapped, in(w.swapped)+1)}
}

// flow puts so many records, reads each call once so many others were put behind it, and says how much memory was held at most.
func (w *traffic) flow(records, lag int64) (heap uint64) {
	calls := records / callRecords
	for call := range calls + lag {
		if call < calls {
			w.put(call)
		}
		if read := call - lag; read >= 0 {
			w.read(read, time.Second)
		}
		if call%(calls/10) == 0 {
			heap = max(heap, held())
		}
	}
	return heap
}

// held is the memory in use.
func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

const (
	// mostHeld bounds what the books of this traffic hold beside the backlog: four shards with 8,192 hashes, two blocks each, and the places of 100 million
	// records on the disk, 64 bytes a block.
	mostHeld = 60 << 20
	// memory is what the backlog may take.
	memory = 4 << 20
)

func findsWhatIsWrong(t *testing.T, records, lag int64) {
	t.Helper()
	named := make(map[Kind]int)
	w := newTraffic(records, Config{Memory: memory, Folder: t.TempDir()}, ReadingConfig{Offence: func(o *Offence) { named[o.Kind]++ }})
	before := held()
	start := time.Now()
	heap := w.flow(records, lag)
	took := time.Since(start)
	want := Counts{Acked: records, Read: records, Lost: 1, Duplicated: 1, Reordered: 1}
	if diff := gocmp.Diff(want, countsOf(w.ledger, w.reading)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(w.named(), w.reading.Offenders()); diff != "" {
		t.Errorf("offenders (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(map[Kind]int{Lost: 1, Duplicated: 1, Reordered: 1}, named); diff != "" {
		t.Errorf("told of (-want +got):\n%s", diff)
	}
	if heap > before+mostHeld {
		t.Errorf("%d MiB were held, at most %d", (heap-before)>>20, mostHeld>>20)
	}
	most := w.ledger.store.mostHeld.Load()
	if bound := int64(memory + trafficShards*2*blockBytes); most > bound {
		t.Errorf("the backlog held %d bytes of memory, at most %d", most, bound)
	}
	_, spilled := w.ledger.Memory()
	if waits := lag * callRecords * 100; (spilled > 0) != (waits > memory) || spilled > 0 && spilled < waits-memory {
		t.Errorf("%d MiB went to the disk", spilled>>20)
	}
	if err := w.ledger.Close(); err != nil {
		t.Error(err)
	}
	checkEmpty(t, w.ledger.store.folder)
	t.Logf("%d records in %s, %.0f ns each with making them twice; %.1f MiB held at most, %.1f of them of the backlog, and %.1f GiB went to the disk",
		records, took.Round(time.Millisecond), float64(took)/float64(records), float64(int64(heap)-int64(before))/(1<<20), float64(most)/(1<<20), float64(spilled)/(1<<30))
}

// checkEmpty checks that nothing is left of what was on the disk.
func checkEmpty(t *testing.T, folder string) {
	t.Helper()
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

// findsAtEachLag has the reads follow at once, and not before all but a tenth of the records lie in the stream.
func findsAtEachLag(t *testing.T, records int64) {
	t.Run("reads that follow", func(t *testing.T) { findsWhatIsWrong(t, records, 5*trafficShards) })
	t.Run("a backlog beyond the memory", func(t *testing.T) { findsWhatIsWrong(t, records, records/callRecords*9/10) })
}

func TestOneLostOneDuplicatedAndOneSwappedOfAMillionAreFoundAndNamed(t *testing.T) {
	findsAtEachLag(t, 1_000_000)
}

func TestProveOneLostOneDuplicatedAndOneSwappedOfAHundredMillionAreFoundAndNamed(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	findsAtEachLag(t, 100_000_000)
}
