package aggregator

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"weir/record"
)

// zipfPages are pages of small records of so many keys, by Zipf's law with an exponent of 1.1.
func zipfPages(keys uint64, pages int) []record.Page {
	random := rand.New(rand.NewPCG(7, 7))
	zipf := rand.NewZipf(random, 1.1, 1, keys-1)
	all := make([]record.Page, pages)
	for i := range all {
		all[i].Shard = "shard-0"
		for n := range 1000 {
			key := fmt.Sprintf("customer-%06d", zipf.Uint64())
			all[i].Records = append(all[i].Records, stored(n, eventOf("order", key, 1_000_000+int64(n), fmt.Sprint(random.IntN(10_000)))))
		}
	}
	return all
}

// BenchmarkDecodeAndUpdate is what a record of 100,000 Zipf keys takes on one goroutine, from its bytes to its key's state.
func BenchmarkDecodeAndUpdate(b *testing.B) {
	s, w, _ := subtasks(b)
	pages := zipfPages(100_000, 300)
	s.decoder, _ = record.NewDecoder(record.DefaultFields()) // they are paths
	i := 0
	for b.Loop() {
		if err := s.take(b.Context(), &delivery{page: pages[i%len(pages)]}); err != nil {
			b.Fatal(err)
		}
		got := <-w.queue
		if err := w.process(b.Context(), got); err != nil {
			b.Fatal(err)
		}
		got.reset()
		w.pool.Put(got)
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(1000*i), "ns/record")
}

// BenchmarkDecodeAndUpdatePeer is the same with encoding/json and a plain map.
func BenchmarkDecodeAndUpdatePeer(b *testing.B) {
	type group struct {
		kind, key string
		window    int64
	}
	type state struct {
		count         int64
		sum, min, max float64
	}
	pages := zipfPages(100_000, 300)
	states := make(map[group]*state)
	i := 0
	for b.Loop() {
		for _, r := range pages[i%len(pages)].Records {
			var e struct {
				Kind      string  `json:"kind"`
				Key       string  `json:"key"`
				EventTime int64   `json:"event_time"`
				Value     float64 `json:"value"`
			}
			if err := json.Unmarshal(r.Data, &e); err != nil {
				b.Fatal(err)
			}
			g := group{e.Kind, e.Key, e.EventTime - e.EventTime%3_600_000}
			s := states[g]
			if s == nil {
				s = &state{min: e.Value, max: e.Value}
				states[g] = s
			}
			s.count++
			s.sum += e.Value
			s.min, s.max = min(s.min, e.Value), max(s.max, e.Value)
		}
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(1000*i), "ns/record")
}

// stateOf is a pane with so many keys, and what it takes of the heap.
func stateOf(keys int) (p *pane, bytes uint64) {
	before := heap()
	p = newPane(0)
	for n := range keys {
		e := event{Event: record.Event{Kind: "order", Key: fmt.Sprintf("customer-%08d", n), Value: "12.5"}, due: time.Second}
		e.hash = hashOf(e.Kind, e.Key)
		if _, err := p.add(&e); err != nil {
			panic(err) // 12.5 is a number
		}
	}
	return p, heap() - before
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkStateOfAMillionKeys(b *testing.B) {
	const keys = 1_000_000
	var bytes uint64
	for b.Loop() {
		var p *pane
		p, bytes = stateOf(keys)
		runtime.KeepAlive(p)
	}
	b.ReportMetric(float64(bytes)/keys, "B/key")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keys), "ns/key")
}

func TestAKeyTakesLessThanTwoHundredBytesOfState(t *testing.T) {
	const keys = 100_000 // just after the table has grown, so that it is at its emptiest
	p, bytes := stateOf(keys)
	if p.cells != keys || bytes > 200*keys {
		t.Errorf("%d keys take %d bytes each", p.cells, bytes/keys)
	}
	runtime.KeepAlive(p)
}
