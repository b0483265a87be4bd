package generator

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/limits"
	"weir/record"
)

// A generator's events are filled in without decoding, so that each has to be what the aggregator's decoder finds.

func TestEventsAreWhatTheDecoderReads(t *testing.T) { rapid.Check(t, eventsAreDecoded(1000)) }

func FuzzNew(f *testing.F) {
	// A draw takes eight bytes: with fewer than some thousand, most inputs would end before a configuration is whole.
	for seed := range byte(8) {
		input := make([]byte, 8<<10)
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(input) // it never fails
		f.Add(input)
	}
	f.Fuzz(rapid.MakeFuzz(eventsAreDecoded(50)))
}

// eventsAreDecoded makes any configuration, of which every so many numbers are wild. New says what is wrong with it or takes it, and what
// it takes makes records that are what they say.
func eventsAreDecoded(wild int) func(t *rapid.T) {
	return func(t *rapid.T) {
		c := anyConfig(t, wild)
		g, err := New(c)
		if err != nil {
			t.Skip(err)
		}
		s := g.Stream(epoch)
		decoder, err := record.NewDecoder(g.fields.paths)
		if err != nil {
			t.Fatal(err)
		}
		for i := range min(g.Records(), 40) {
			var r record.Record
			if err := s.write(i, s.cursor.due(i), &r); err != nil {
				t.Fatal(err)
			}
			checkRecord(t, decoder, &r)
		}
	}
}

// checkRecord is the one oracle of all tests of payloads.
func checkRecord(t rapid.TB, decoder *record.Decoder, r *record.Record) {
	t.Helper()
	var got record.Decoded
	err := decoder.Decode(r.Data, &got)
	switch {
	case r.Event.Unreadable && err == nil:
		t.Fatalf("%.300s can be read, and is said to be unreadable", r.Data)
	case r.Event.Unreadable && errors.Is(err, record.ErrBadValue), !r.Event.Unreadable && err == nil:
		if r.Event != got.Event {
			t.Fatalf("the event of %.300s\nis %+v, and reads %+v", r.Data, r.Event, got.Event)
		}
	case !r.Event.Unreadable:
		t.Fatalf("%.300s: %v", r.Data, err)
	}
	if want := got.PartitionKey; !r.Event.Unreadable {
		if want == "" {
			want = plainKey(got.Event.Key)
		}
		if r.PartitionKey != want {
			t.Fatalf("the partition key of %.300s\nis %q, and reads %q", r.Data, r.PartitionKey, want)
		}
	}
	if err := refused(r, limits.RecordBytes); err != nil {
		t.Fatalf("%.300s: %v", r.Data, err)
	}
	if len(r.Data)+len(r.PartitionKey) > limits.RecordBytes {
		t.Fatalf("%d bytes", r.Size())
	}
}

// anything draws the parts of a configuration.
type anything struct {
	*rapid.T
	wild int // one in so many numbers is
}

func (a anything) isWild() bool { return rapid.IntRange(1, a.wild).Draw(a.T, "wild") == a.wild*2/3 }

func (a anything) float(from, to float64) float64 {
	if a.isWild() {
		return rapid.SampledFrom([]float64{
			math.NaN(), math.Inf(1), math.Inf(-1), -1, 0, math.Copysign(0, -1), 5e-324, 1e-300, 1, 1e6, 1e9, 1e18, 1e300, math.MaxFloat64,
		}).Draw(a.T, "a wild float")
	}
	if !(from <= to) || math.IsInf(to-from, 0) {
		return from
	}
	return rapid.Float64Range(from, to).Draw(a.T, "a float")
}

func (a anything) int(from, to int) int {
	if a.isWild() {
		return rapid.SampledFrom([]int{math.MinInt, -1, 0, 1, 100, maxZipfKeys + 1, math.MaxInt}).Draw(a.T, "a wild int")
	}
	return rapid.IntRange(from, to).Draw(a.T, "an int")
}

func (a anything) duration() time.Duration {
	if a.isWild() {
		return rapid.SampledFrom([]time.Duration{math.MinInt64, -1, 0, 1, time.Hour, maxDuration, math.MaxInt64}).Draw(a.T, "a wild duration")
	}
	return time.Duration(rapid.Int64Range(1, int64(time.Second)).Draw(a.T, "a duration"))
}

func (a anything) maybe() bool { return rapid.Bool().Draw(a.T, "maybe") }

func (a anything) of(texts ...string) string { return rapid.SampledFrom(texts).Draw(a.T, "text") }

func anyConfig(t *rapid.T, wild int) Config {
	a := anything{t, wild}
	c := Config{
		Seed: rapid.Uint64().Draw(t, "seed"), Run: a.of("r", "run \"7\"", "ü"), Fields: a.fields(), Shards: a.int(1, 9),
		Duplicates: a.float(0, 0.5), Unreadable: a.float(0, 0.9),
	}
	for range a.int(1, 3) % 4 {
		c.Phases = append(c.Phases, a.phase())
	}
	for i := range a.int(1, 3) % 4 {
		c.Kinds = append(c.Kinds, a.kind(string(rune('a'+i))))
	}
	return c
}

func (a anything) fields() record.Fields {
	path := func(usual string) string {
		if a.maybe() {
			return usual
		}
		if a.isWild() {
			return a.of("", ".")
		}
		return a.of(usual, "data."+usual, "a.b.c", "a.b.d", `dot\.ted`, "id", "pad", `qu"ote`, "ünï")
	}
	f := record.Fields{Kind: path("kind"), EventTime: path("event_time"), Value: path("value")}
	for range rapid.IntRange(1, 3).Draw(a.T, "key parts") {
		f.Key = append(f.Key, path("key"))
	}
	if a.maybe() {
		f.PartitionKey = []string{}
		for range rapid.IntRange(0, 3).Draw(a.T, "partition key parts") {
			f.PartitionKey = append(f.PartitionKey, path(a.of("key", "kind", "value", "event_time", "shop")))
		}
	}
	return f
}

func (a anything) phase() Phase {
	p := anyPhase(a.T)
	if a.isWild() {
		p.Shape = Shape(a.of("", "flat"))
	}
	p.For, p.At, p.From, p.Steps, p.Every = a.duration(), a.float(0, p.At), a.float(p.From, p.From), a.int(2, 9), a.duration()
	p.Amplitude, p.Peak, p.Lasting = min(p.At, p.Amplitude), a.float(p.Peak, p.Peak), max(1, p.Every/3)
	if a.isWild() {
		p.Curve[1].At, p.Lasting = a.duration(), a.duration()
	}
	return p
}

func (a anything) kind(name string) Kind {
	k := Kind{Name: name + a.of("", "|", `\`, `"`, "ü", "\x00", "weir"), Weight: a.float(0.1, 9), Keys: a.keys(), Decimals: a.int(0, 6), DelayShare: a.float(0, 1)}
	if k.Delay = a.distribution(1e9); reflect.ValueOf(k.Delay).IsZero() && !a.isWild() {
		k.DelayShare = 0
	}
	if a.maybe() {
		k.Size = a.distribution(500)
	}
	if a.maybe() {
		k.Value = a.distribution(1000)
	}
	switch rapid.IntRange(0, 3).Draw(a.T, "payload") {
	case 0:
		if a.isWild() {
			k.Template = a.of(`{{`, `x`, `{{fake "dragon"}}`)
			return k
		}
		k.Template = a.of(`{"kind":{{json .Kind}},"event_time":"{{.EventTime}}","key":{{json .Key}},"value":{{with .Value}}{{.}}{{else}}null{{end}},"c":{{json (fake "company")}}}`,
			`{"kind":"x","event_time":{{.EventTimeMillis}},"key":"{{hex 4}}","value":{{if lt (int 1 9) 5}}"no"{{else}}{{float 1 2 3}}{{end}}}`)
	case 1:
		for range rapid.IntRange(1, 3).Draw(a.T, "samples") {
			k.Samples = append(k.Samples, Sample{"a sample", []byte(a.sample())})
		}
	}
	return k
}

func (a anything) sample() string {
	if a.isWild() {
		return a.of(`{"value":"text"}`, `{"a":1}`, `{"kind":1,"kind":2}`, `[]`, `{`, ``, `{"a":}`, `{} {}`)
	}
	return a.of(`{}`, ` { "x" : [1, {"kind": 2}] , "kind" : null } `, `{"id":{"a":1},"pad":7,"a":{"b":{"d":[]}},"value":-1.5e3}`,
		`{"key":"old","event_time":1,"data":{"kind":"k","key":2,"value":3,"more":"\u00fc"},"z":"ü"}`, `{"dot.ted":0,"qu\"ote":1}`)
}

func (a anything) keys() Keys {
	count := a.int(1, 3000)
	if a.isWild() {
		return Keys{Uniform: &UniformKeys{count}, Sequential: &SequentialKeys{count}}
	}
	switch rapid.IntRange(0, 5).Draw(a.T, "keys") {
	case 0:
		return Keys{Uniform: &UniformKeys{count}}
	case 1:
		return Keys{Zipf: &ZipfKeys{count, a.float(0, 3)}}
	case 2:
		return Keys{Hot: &HotKeys{Count: count + 1, Hot: a.int(1, max(1, count)), Share: a.float(0, 1)}}
	case 3:
		return Keys{HotShard: &HotShard{Count: count, Shard: a.int(0, 0), Share: a.float(0, 1)}}
	case 4:
		return Keys{Sequential: &SequentialKeys{count}}
	case 5:
		if a.isWild() {
			return Keys{List: []string{a.of("", "weir-flush-x", "\xff")}}
		}
		return Keys{List: []string{a.of("plain", "a|b", "a\\b"), a.of("é", "\"", "\t", "x")}}
	}
	return Keys{}
}

func (a anything) distribution(around float64) Distribution {
	x := a.float(0, around)
	switch rapid.IntRange(0, 6).Draw(a.T, "distribution") {
	case 0:
		return Distribution{Fixed: &x}
	case 1:
		return Distribution{Uniform: &Range{x, a.float(x, 2*x)}}
	case 2:
		return Distribution{Normal: &NormalForm{x, a.float(0, x)}}
	case 3:
		return Distribution{LogNormal: &LogNormalForm{x + 1, a.float(x+1, 9*x+1)}}
	case 4:
		return Distribution{Exponential: &ExponentialForm{x}}
	case 5:
		return Distribution{Histogram: []Bin{{x, a.float(0, 1)}, {2 * x, a.float(0.1, 1)}}}
	}
	return Distribution{}
}
