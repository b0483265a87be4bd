package generator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand"
	"runtime"
	"testing"
	"time"

	"weir/record"
)

// aMillion records in ten seconds: the load of each benchmark.
func aMillion() []Phase { return []Phase{{Shape: Hold, For: 10 * time.Second, At: 1e5}} }

// typical is what most loads are like: two kinds, skewed keys, a value, 200 bytes.
func typical() Config {
	return Config{
		Seed: 7, Run: "bench", Fields: record.DefaultFields(), Shards: 4, Phases: aMillion(),
		Kinds: []Kind{
			{
				Name: "order", Weight: 70, Keys: Keys{Zipf: &ZipfKeys{Count: 2000, Exponent: 0.5}},
				Size: Distribution{Fixed: new(200.0)}, Value: Distribution{Uniform: &Range{1, 500}}, Decimals: 2,
			},
			{
				Name: "refund", Weight: 30, Keys: Keys{Zipf: &ZipfKeys{Count: 2000, Exponent: 0.5}},
				Size: Distribution{Fixed: new(200.0)}, Value: Distribution{Uniform: &Range{1, 500}}, Decimals: 2,
			},
		},
	}
}

// benchmarkLoad asks as the feeder does, a millisecond at a time.
func benchmarkLoad(b *testing.B, c Config) {
	g, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	// A run has a heap of this size at least. Without it, the collector would run every few thousand records.
	heap := make([]byte, 64<<20)
	defer runtime.KeepAlive(heap)
	records := 0
	var batch record.Batch
	for b.Loop() {
		s := g.Stream(time.Unix(1_800_000_000, 0))
		for until := time.Millisecond; ; until += time.Millisecond {
			batch.Reset()
			if err := s.Fill(&batch, until); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			records += len(batch.Records)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}

func BenchmarkBuiltIn(b *testing.B) { benchmarkLoad(b, typical()) }

func BenchmarkLogNormalSize(b *testing.B) {
	c := typical()
	for i := range c.Kinds {
		c.Kinds[i].Size = Distribution{LogNormal: &LogNormalForm{Median: 200, P99: 1200}}
	}
	benchmarkLoad(b, c)
}

func BenchmarkSample(b *testing.B) {
	c := typical()
	for i := range c.Kinds {
		c.Kinds[i].Samples = []Sample{{Name: "a", Data: []byte(`{"kind":"","shop":{"city":"Aachen","till":7},"key":0,"lines":[{"sku":"4711","n":2}],"event_time":"","value":1}`)}}
	}
	benchmarkLoad(b, c)
}

func BenchmarkTemplate(b *testing.B) {
	c := typical()
	c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 1e4}}
	for i := range c.Kinds {
		c.Kinds[i].Template = `{"id":"{{.ID}}","kind":"{{.Kind}}","key":"{{.Key}}","event_time":"{{.EventTime}}","value":{{.Value}},"city":{{json (fake "city")}}}`
	}
	benchmarkLoad(b, c)
}

// BenchmarkSchedule is the due times alone.
func BenchmarkSchedule(b *testing.B) {
	for _, phase := range []Phase{
		{Shape: Hold, At: 1e5},
		{Shape: Ramp, From: 0, To: 2e5},
		{Shape: Sine, At: 1e5, Amplitude: 5e4, Every: 3 * time.Second},
		{Shape: Poisson, At: 1e5},
	} {
		phase.For = 10 * time.Second
		b.Run(string(phase.Shape), func(b *testing.B) {
			p := &problems{}
			s := newSchedule(7, []Phase{phase}, p)
			if err := p.err(); err != nil {
				b.Fatal(err)
			}
			records := int64(0)
			for b.Loop() {
				c := newCursor(s, 7)
				for i := range s.records {
					c.due(i)
				}
				records += s.records
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
		})
	}
}

// BenchmarkPeer is the same load the plain way: a struct through encoding/json, randomness from math/rand.
func BenchmarkPeer(b *testing.B) {
	type payload struct {
		ID        string    `json:"id"`
		Kind      string    `json:"kind"`
		EventTime time.Time `json:"event_time"`
		Value     float64   `json:"value"`
		Key       string    `json:"key"`
		Pad       string    `json:"pad"`
	}
	random := rand.New(rand.NewSource(7))
	zipf := rand.NewZipf(random, 1.1, 1, 1999)
	pad := string(make([]byte, 70))
	b.ReportAllocs()
	heap := make([]byte, 64<<20)
	defer runtime.KeepAlive(heap)
	records := 0
	var batch record.Batch
	for b.Loop() {
		batch.Reset()
		for range 100 {
			kind := "order"
			if random.Intn(100) >= 70 {
				kind = "refund"
			}
			due := time.Duration(records) * time.Second / 1e5
			at := time.Unix(1_800_000_000, 0).Add(due).UTC().Truncate(time.Millisecond)
			p := payload{fmt.Sprintf("bench-%d", records), kind, at, math.Round(random.Float64()*50000) / 100, fmt.Sprintf("k%04d", zipf.Uint64()), pad[:24]}
			data, err := json.Marshal(&p)
			if err != nil {
				b.Fatal(err)
			}
			batch.Records = append(batch.Records, record.Record{
				PartitionKey: p.Key, Data: data, Due: due,
				Event: record.Event{Kind: kind, Key: p.Key, Time: at.UnixMilli(), Value: fmt.Sprint(p.Value)},
			})
			records++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}
