package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/generator"
	"weir/record"
)

const everyForm = `
version: 1
seed: 7
load:
  scale: 2
  duplicates: 1%
  unreadable: 0.5%
  kinds:
    b: {weight: 3, keys: {hot: {count: 1k, share: 50%}}, size: {normal: {mean: 1KiB, sd: 10B}}, value: 5, delay: {share: 10%, exponential: {mean: 10ms}}}
    a: {keys: {zipf: {count: 2k, exponent: 0.5}}, size: {lognormal: {median: 350B, p99: 2KiB}}, value: {uniform: -1..1}, decimals: 0, delay: 5s}
    c: {keys: {hot_shard: {count: 10, shard: 2, share: 25%}}, size: {histogram: [{to: 1KiB}, {to: 2KiB, weight: 3}]}, template: '{"event_time": "{{.EventTime}}", "order": "{{.Key}}"}'}
    d: {keys: {sequential: {count: 1M}}, samples: payloads}
    e: {keys: {file: lists/keys.txt}, size: 10B}
  rate:
    - {shape: hold, name: first, at: 600/min, for: 1m}
    - {shape: ramp, from: 0/s, to: 1k/s, for: 1s}
    - {shape: step, from: 1/s, to: 5/s, steps: 3, for: 1s}
    - {shape: sine, at: 5/s, amplitude: 4/s, every: 1s, for: 2s}
    - {shape: burst, at: 1/s, peak: 9/s, every: 2s, lasting: 1s, for: 4s}
    - {shape: poisson, at: 10/s, for: 10s}
    - {shape: curve, curve: [{at: 0s, rate: 60/min}, {at: 5s, rate: 2/s}]}
    - {shape: curve, file: curve.csv, for: 1m}
pipeline: {input: {shards: 8, max_record: 4MiB}}
fields: {key: [order]}
`

func everyFormFiles() fstest.MapFS {
	return fstest.MapFS{
		"lists/keys.txt":    {Data: []byte("one\r\n\n  two \n\ufeffthree")},
		"payloads/b.json":   {Data: []byte(`{"b":1}`)},
		"payloads/a.json":   {Data: []byte(`{"a":1}`)},
		"payloads/read.me":  {Data: []byte(`not a payload`)},
		"payloads/x/c.json": {Data: []byte(`{}`)},
		"curve.csv":         {Data: []byte("seconds,records_per_second\n0,1\n0.5, 2.5\n10,0\n")},
	}
}

func TestGeneratorGetsPlainNumbers(t *testing.T) {
	s, err := read("every.yaml", []byte(everyForm), everyFormFiles(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Generator("run-1")
	if err != nil {
		t.Fatal(err)
	}
	fields := record.DefaultFields()
	fields.Key = []string{"order"}
	second := func(x float64) float64 { return x * float64(time.Second) }
	want := generator.Config{
		Seed: 7, Run: "run-1", Fields: fields, Shards: 8, RecordBytes: 4 << 20, Duplicates: 0.01, Unreadable: 0.005,
		Phases: []generator.Phase{
			{Name: "first", Shape: generator.Hold, At: 20, For: time.Minute},
			{Name: "ramp", Shape: generator.Ramp, To: 2000, For: time.Second},
			{Name: "step", Shape: generator.Step, From: 2, To: 10, Steps: 3, For: time.Second},
			{Name: "sine", Shape: generator.Sine, At: 10, Amplitude: 8, Every: time.Second, For: 2 * time.Second},
			{Name: "burst", Shape: generator.Burst, At: 2, Peak: 18, Every: 2 * time.Second, Lasting: time.Second, For: 4 * time.Second},
			{Name: "poisson", Shape: generator.Poisson, At: 20, For: 10 * time.Second},
			{Name: "curve", Shape: generator.Curve, Curve: []generator.CurvePoint{{Rate: 2}, {At: 5 * time.Second, Rate: 4}}, For: 5 * time.Second},
			{Name: "curve", Shape: generator.Curve, Curve: []generator.CurvePoint{{Rate: 2}, {At: 500 * time.Millisecond, Rate: 5}, {At: 10 * time.Second}}, For: time.Minute},
		},
		Kinds: []generator.Kind{
			{
				Name: "a", Weight: 1, Keys: generator.Keys{Zipf: &generator.ZipfKeys{Count: 2000, Exponent: 0.5}},
				Size:  generator.Distribution{LogNormal: &generator.LogNormalForm{Median: 350, P99: 2048}},
				Value: generator.Distribution{Uniform: &generator.Range{From: -1, To: 1}}, Decimals: 0,
				Delay: generator.Distribution{Fixed: new(second(5))}, DelayShare: 1,
			},
			{
				Name: "b", Weight: 3, Keys: generator.Keys{Hot: &generator.HotKeys{Count: 1000, Hot: 1, Share: 0.5}},
				Size:  generator.Distribution{Normal: &generator.NormalForm{Mean: 1024, SD: 10}},
				Value: generator.Distribution{Fixed: new(5.0)}, Decimals: 2,
				Delay: generator.Distribution{Exponential: &generator.ExponentialForm{Mean: second(0.01)}}, DelayShare: 0.1,
			},
			{
				Name: "c", Weight: 1, Keys: generator.Keys{HotShard: &generator.HotShard{Count: 10, Shard: 2, Share: 0.25}},
				Size:     generator.Distribution{Histogram: []generator.Bin{{To: 1024, Weight: 1}, {To: 2048, Weight: 3}}},
				Template: `{"event_time": "{{.EventTime}}", "order": "{{.Key}}"}`,
			},
			{
				Name: "d", Weight: 1, Keys: generator.Keys{Sequential: &generator.SequentialKeys{Count: 1_000_000}},
				Samples: []generator.Sample{{Name: "payloads/a.json", Data: []byte(`{"a":1}`)}, {Name: "payloads/b.json", Data: []byte(`{"b":1}`)}},
			},
			{Name: "e", Weight: 1, Keys: generator.Keys{List: []string{"one", "two", "three"}}, Size: generator.Distribution{Fixed: new(10.0)}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGeneratorTakesEveryShippedScenario(t *testing.T) {
	for _, listing := range Names() {
		s, err := Shipped(listing.Name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Load.Replay != nil {
			continue
		}
		c, err := s.Generator("run")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := generator.New(c); err != nil {
			t.Errorf("%s: %v", listing.Name, err)
		}
	}
}

func TestRecordingIsNotGenerated(t *testing.T) {
	s := replayed()
	if _, err := s.Generator("run"); !errors.Is(err, ErrNoKinds) {
		t.Errorf("got %v", err)
	}
}

func TestNamedFileThatIsWrongIsAMistakeOfItsField(t *testing.T) {
	header := curveHeader + "\n"
	for name, test := range map[string]struct {
		file, content string
		want          string
	}{
		"no keys":         {"lists/keys.txt", "\n\n", "load.kinds.e.keys.file: lists/keys.txt: there is no key in it"},
		"UTF-16":          {"lists/keys.txt", "\xff\xfeo\x00n\x00", "load.kinds.e.keys.file: lists/keys.txt: it is UTF-16: write it as UTF-8, as iconv"},
		"no file":         {"lists/keys.txt", "", "load.kinds.e.keys.file: open lists/keys.txt"},
		"key too long":    {"lists/keys.txt", strings.Repeat("x", 300), "load.kinds.e.keys.file[0]: key "},
		"not JSON":        {"payloads/a.json", "{", "load.kinds.d.samples: payloads/a.json: "},
		"no header":       {"curve.csv", "0,1\n1,2\n", "load.rate[7].file: curve.csv:1: the header is \"0,1\", not seconds,records_per_second"},
		"no points":       {"curve.csv", header, "load.rate[7].file: curve.csv: there is no point in it"},
		"bad rate":        {"curve.csv", header + "0,1\n1,fast\n", "load.rate[7].file: curve.csv:3: \"fast\" is not a number of records a second"},
		"negative rate":   {"curve.csv", header + "0,-1\n", "load.rate[7].file: curve.csv:2: \"-1\" is not"},
		"endless":         {"curve.csv", header + "0,Inf\n", "load.rate[7].file: curve.csv:2: \"Inf\" is not"},
		"bad time":        {"curve.csv", header + "NaN,1\n", "load.rate[7].file: curve.csv:2: \"NaN\" is not a number of seconds"},
		"three columns":   {"curve.csv", header + "0,1,2\n", "load.rate[7].file: curve.csv: record on line 2: wrong number of fields"},
		"one point":       {"curve.csv", header + "0,1\n", "load.rate[7].curve: it has to have two points or more"},
		"back in time":    {"curve.csv", header + "0,1\n5,1\n4,1\n", "load.rate[7].curve: point 2 at 4s does not come after"},
		"nothing to read": {"payloads/a.json", "", "load.kinds.d.samples: payloads: there is no file in it whose name ends in .json"},
	} {
		t.Run(name, func(t *testing.T) {
			files := everyFormFiles()
			files[test.file] = &fstest.MapFile{Data: []byte(test.content)}
			if test.content == "" {
				delete(files, test.file)
				delete(files, "payloads/b.json")
			}
			_, err := read("every.yaml", []byte(everyForm), files, nil)
			var mistakes *Mistakes
			if !errors.As(err, &mistakes) {
				t.Fatalf("got %v", err)
			}
			for _, m := range mistakes.All {
				if strings.HasPrefix(m.Path+": "+m.Text, test.want) && m.Line > 1 {
					return
				}
			}
			t.Errorf("%q is not in:\n%v", test.want, err)
		})
	}
}

func TestFilesAreBesideTheScenario(t *testing.T) {
	base := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside.txt")
	for path, text := range map[string]string{
		filepath.Join(base, "in", "s.yaml"): "version: 1\nload:\n  rate: [{shape: hold, at: 1/s, for: 1s}]\n  kinds:\n    a: {keys: {file: near.txt}}\n" +
			"    b: {keys: {file: ../up.txt}}\n    c: {keys: {file: " + outside + "}}\n    d: {keys: {uniform: {count: 1}}, samples: payloads}\n",
		filepath.Join(base, "in", "near.txt"):             "near",
		filepath.Join(base, "in", "payloads", "one.json"): "{}",
		filepath.Join(base, "up.txt"):                     "up",
		outside:                                           "outside",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := ReadFile(filepath.Join(base, "in", "s.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Generator("run")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"near", "up", "outside"} {
		if got := c.Kinds[i].Keys.List; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", want, got)
		}
	}
	if len(c.Kinds[3].Samples) != 1 {
		t.Errorf("%d samples", len(c.Kinds[3].Samples))
	}
}
