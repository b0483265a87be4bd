package ledger

import (
	"fmt"
	"testing"
	"time"

	"weir/record"
)

// benchmarkCalls is how many calls of a stream a benchmark takes through its books.
const benchmarkCalls = 100

// calls are calls of one shard, and a page with the records of each.
type calls struct {
	sends [benchmarkCalls][]record.Send
	pages [benchmarkCalls]record.Page
}

func newCalls() *calls {
	c := &calls{}
	data := make([]byte, 200)
	for n := range benchmarkCalls {
		for i, name := range sequences(int64(n)*callRecords, callRecords) {
			c.sends[n] = append(c.sends[n], record.Send{
				Record:   record.Record{PartitionKey: "EWR|1545", Data: data},
				Position: int64(n*callRecords + i), Attempts: 1, Outcome: record.Acked, Sequence: name,
			})
			c.pages[n].Records = append(c.pages[n].Records, record.Stored{Sequence: name, PartitionKey: "EWR|1545", Data: data})
		}
		c.pages[n].Shard, c.pages[n].At, c.pages[n].Behind = shardID, time.Second, time.Second
	}
	return c
}

// BenchmarkLedger takes calls through the books of a stream, and their records through every reading: sent, acknowledged, read, processed. A call that is
// overtaken is read before it is acknowledged. The first reading reports progress; so do the others where rewinds is set, which may go back, too.
func BenchmarkLedger(b *testing.B) {
	progress := ReadingConfig{Progress: true}
	for _, run := range []struct {
		name     string
		readings []ReadingConfig
	}{
		{"readings=1", []ReadingConfig{progress}},
		{"readings=1/no-progress", []ReadingConfig{{}}},
		{"readings=1/rewinds", []ReadingConfig{{Progress: true, Rewinds: true}}},
		{"readings=2", []ReadingConfig{progress, progress}},
		{"readings=2/no-progress", []ReadingConfig{progress, {}}},
		{"readings=4", []ReadingConfig{progress, progress, progress, progress}},
	} {
		for _, overtaken := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/overtaken=%v", run.name, overtaken), func(b *testing.B) { benchmarkLedger(b, run.readings, overtaken) })
		}
	}
}

func benchmarkLedger(b *testing.B, configs []ReadingConfig, overtaken bool) {
	c := newCalls()
	places := make([]int64, callRecords)
	b.ReportAllocs()
	for b.Loop() {
		l := New(Config{Clock: record.NewClock(time.Now()), Stored: func(string, []record.Send) {}})
		var readings []*Reading
		for _, config := range configs {
			readings = append(readings, l.Reading(config))
		}
		for n := range benchmarkCalls {
			l.Sending(shardID, c.sends[n])
			if !overtaken {
				l.Answered(shardID, c.sends[n], time.Second)
			}
			for i := range places {
				places[i] = int64(n*callRecords + i)
			}
			for i, r := range readings {
				r.Join(&c.pages[n])
				if configs[i].Progress {
					r.Processed(shardID, places, time.Second)
				}
			}
			if overtaken {
				l.Answered(shardID, c.sends[n], time.Second)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(benchmarkCalls*callRecords), "ns/record")
}
