package generator

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

func TestNewNamesEverythingThatIsWrong(t *testing.T) {
	for name, test := range map[string]struct {
		change func(c *Config)
		want   []string
	}{
		"three at once": {
			func(c *Config) { c.Phases[0].At, c.Kinds[0].Size.Fixed, c.Unreadable = -1, new(-5.0), 1 },
			[]string{"unreadable: it cannot be all of the records", "kinds.order.size.fixed: -5 is below 0", "phases[0].at: -1 is below 0"},
		},
		"nothing at all": {
			func(c *Config) { *c = Config{} },
			[]string{"fields.event_time: it is empty", "fields.key: there is none", "kinds: there is none", "phases: there is none"},
		},
		"a shape": {func(c *Config) { c.Phases[0].Shape = "flat" }, []string{`phases[0].shape: "flat" is none of hold, ramp, step, sine, burst, poisson, curve`}},
		"no time": {func(c *Config) { c.Phases[0].For = 0 }, []string{"phases[0].for: 0s is no time"}},
		"a ramp": {
			func(c *Config) { c.Phases = []Phase{c.Phases[0], {Shape: Ramp, For: 1, From: -1, To: 2e9}} },
			[]string{"phases[1].from: -1 is below 0", "phases[1].to: 2e+09 is above 1e+09"},
		},
		"a sine below nothing": {
			func(c *Config) {
				c.Phases[0] = Phase{Shape: Sine, For: time.Second, At: 10, Amplitude: 11, Every: time.Second}
			},
			[]string{"phases[0].amplitude: 11 is above 10"},
		},
		"a burst": {
			func(c *Config) {
				c.Phases[0] = Phase{Shape: Burst, For: time.Second, Every: time.Second, Lasting: 2 * time.Second}
			},
			[]string{"phases[0].lasting: 2s is not within every 1s"},
		},
		"steps": {func(c *Config) { c.Phases[0] = Phase{Shape: Step, For: time.Second, Steps: 1} }, []string{"phases[0].steps: 1 is not between 2 and 100000"}},
		"a curve": {
			func(c *Config) {
				c.Phases[0] = Phase{Shape: Curve, For: time.Second, Curve: []CurvePoint{{0, 1}, {5, 1}, {5, 2}}}
			},
			[]string{"phases[0].curve: point 2 at 5ns does not come after the one at 5ns"},
		},
		"no records":       {func(c *Config) { c.Phases[0].At = 0 }, []string{"phases: no record is due in them"}},
		"too many records": {func(c *Config) { c.Phases[0].For, c.Phases[0].At = time.Hour, 1e9 }, []string{"phases: they have more than 1e+12 records"}},
		"too long": {
			func(c *Config) { c.Phases = []Phase{{Shape: Hold, For: maxDuration}, {Shape: Hold, For: 1}} },
			[]string{"phases: they last more than 100 years"},
		},
		"two forms": {
			func(c *Config) {
				c.Kinds[0].Keys.List, c.Kinds[1].Size.Exponential = []string{"a"}, &ExponentialForm{1}
			},
			[]string{"kinds.order.keys: it has 2 forms, not one of uniform, zipf, hot, hot_shard, sequential, list", "kinds.refund.size: it has 2 forms, not one"},
		},
		"keys": {
			func(c *Config) {
				c.Kinds[0].Keys = Keys{HotShard: &HotShard{Count: 1, Shard: 4, Share: 2}}
				c.Kinds[1].Keys = Keys{Zipf: &ZipfKeys{Count: maxZipfKeys + 1}}
			},
			[]string{
				"kinds.order.keys.hot_shard.share: 2 is above 1", "kinds.order.keys.hot_shard.shard: 4 is not between 0 and 3, the shards of the input",
				"kinds.refund.keys.zipf.count: all zipf keys together are more than 10000000",
			},
		},
		"hot keys": {func(c *Config) { c.Kinds[0].Keys = Keys{Hot: &HotKeys{Count: 3, Hot: 3}} }, []string{"kinds.order.keys.hot.hot: 3 hot keys are not between 1 and 2 of 3 keys"}},
		"a listed key": {
			func(c *Config) { c.Kinds[0].Keys = Keys{List: []string{"a", ""}} },
			[]string{`kinds.order.keys.list[1]: key "": a partition key is not empty`},
		},
		"a number": {
			func(c *Config) { c.Kinds[0].Value = Distribution{Normal: &NormalForm{math.NaN(), -1}} },
			[]string{"kinds.order.value.normal.mean: NaN is not a number that can be used", "kinds.order.value.normal.sd: -1 is below 0"},
		},
		"a log-normal": {
			func(c *Config) { c.Kinds[0].Size = Distribution{LogNormal: &LogNormalForm{300, 200}} },
			[]string{"kinds.order.size.lognormal.p99: 200 is below 300"},
		},
		"a histogram": {
			func(c *Config) { c.Kinds[0].Size = Distribution{Histogram: []Bin{{10, 0}, {5, 0}}} },
			[]string{"kinds.order.size.histogram: 5 is below 10", "kinds.order.size.histogram: no weight is above 0"},
		},
		"a size that no record may have": {func(c *Config) { c.Kinds[0].Size.Fixed = new(2e6) }, []string{"kinds.order.size.fixed: 2e+06 is above 1.047552e+06"}},
		"a delay":                        {func(c *Config) { c.Kinds[0].DelayShare = 0.5 }, []string{"kinds.order.delay: it has a share and no form that can be used"}},
		"names": {
			func(c *Config) {
				c.Kinds = append(c.Kinds, Kind{Keys: c.Kinds[0].Keys})
				c.Kinds[0].Name = "refund"
			},
			[]string{"kinds.refund.name: another kind has it, too", "kinds[2].name: it is empty"},
		},
		"weights": {func(c *Config) { c.Kinds[0].Weight, c.Kinds[1].Weight = 0, 0 }, []string{"kinds: no kind has a weight above 0"}},
		"fields on each other's way": {
			func(c *Config) { c.Fields.Kind, c.Fields.Value = "a", "a.b" },
			[]string{`fields.value: path "a.b": another path ends at "a", on its way`},
		},
		"fields at one place": {
			func(c *Config) { c.Fields.Value = "kind" },
			[]string{`fields.value: path "kind" is that of another field, too`},
		},
		"an empty path of a key": {func(c *Config) { c.Fields.Key = []string{"a", ""} }, []string{"fields.key[1]: it is empty"}},
		"a value without a place": {func(c *Config) { c.Fields.Value = "" }, []string{
			"kinds.order.value: there is no path for it in fields.value", "kinds.refund.value: there is no path for it in fields.value",
		}},
		"samples": {
			func(c *Config) {
				c.Kinds[0].Samples = []Sample{{"a.json", []byte(`{"a":`)}, {"b.json", []byte(`{} 1`)}, {"c.json", []byte(`{"key":1,"key":2}`)}}
				c.Fields.EventTime = "meta.time"
				c.Kinds[1].Samples = []Sample{{"d.json", []byte(`{"meta":5}`)}, {"e.json", []byte(`[]`)}}
			},
			[]string{
				"kinds.order.samples: a.json: it is not JSON: unexpected EOF", "kinds.order.samples: b.json: something follows the object",
				`kinds.order.samples: c.json: it has "key" twice`, "kinds.refund.samples: d.json: meta: there is no JSON object",
				"kinds.refund.samples: e.json: there is no JSON object",
			},
		},
		"a sample's value": {
			func(c *Config) {
				c.Kinds[0].Value, c.Kinds[0].Samples = Distribution{}, []Sample{{"a.json", []byte(`{"value":"many"}`)}}
			},
			[]string{`kinds.order.samples: a.json: unusable value: "value" at byte 10`},
		},
		"a template": {
			func(c *Config) { c.Kinds[0].Template, c.Kinds[1].Template = "{{", `{"key":"a"}` },
			[]string{"kinds.order.template: template: payload:1: unclosed action"},
		},
		"a template's payload": {func(c *Config) { c.Kinds[1].Template = `{"key":"a"}` }, []string{`kinds.refund.template: no event time: no "event_time"`}},
		"a long partition key": {
			func(c *Config) {
				c.Fields.PartitionKey = []string{"key", "kind"}
				c.Kinds[0].Name = strings.Repeat("n", 255)
			},
			[]string{"kinds." + strings.Repeat("n", 255) + `: its payload: partition key "k2000|` + strings.Repeat("n", 54) + `": a partition key has at most 256 characters`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := typical()
			test.change(&c)
			_, err := New(c)
			if err == nil {
				t.Fatal("no error")
			}
			if d := cmp.Diff(test.want, strings.Split(err.Error(), "\n")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestPhasesAreSpansOfTheSchedule(t *testing.T) {
	c := typical()
	c.Phases = []Phase{
		{Name: "up", Shape: Ramp, For: 2 * time.Second, To: 100},
		{Name: "hold", Shape: Hold, For: time.Second, At: 100},
		{Name: "up", Shape: Ramp, For: time.Second, From: 100, To: 200},
	}
	g := mustNew(t, c)
	want := []Span{{"up", 0, 2 * time.Second}, {"hold", 2 * time.Second, 3 * time.Second}, {"up", 3 * time.Second, 4 * time.Second}}
	if d := cmp.Diff(want, g.Phases()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if g.Duration() != 4*time.Second || g.Records() != 350 {
		t.Errorf("%d records in %v", g.Records(), g.Duration())
	}
}

func TestPartsOfKeys(t *testing.T) {
	for name, test := range map[string]struct {
		key, partition []string
		list           string
		wantKey, want  string
	}{
		"the partition key is the key's parts": {[]string{"key"}, nil, "a", "a", "a"},
		"all parts of the key are the key":     {[]string{"key", "more"}, nil, "a", "a|a", "a|a"},
		"escaped in the row's key alone":       {[]string{"key"}, nil, `a|\b`, `a\|\\b`, `a|\b`},
		"escaped in each part":                 {[]string{"key", "kind"}, nil, `a|b`, `a\|b|order`, `a|b|order`},
		"a partition key of other parts":       {[]string{"key"}, []string{"kind", "key"}, "a", "a", "order|a"},
		"a missing part is left out":           {[]string{"key", "value"}, []string{"value", "key"}, "a", "a|", "a"},
		"none is left, so the key serves":      {[]string{"key", "value"}, []string{"value"}, "a|b", `a\|b|`, "a|b"},
		"an empty list of parts":               {[]string{"key"}, []string{}, "a", "a", "a"},
		"an event time":                        {[]string{"key", "event_time"}, []string{"event_time"}, "a", "a|2026-11-23T12:00:00.123Z", "2026-11-23T12:00:00.123Z"},
	} {
		t.Run(name, func(t *testing.T) {
			c := typical()
			c.Fields.Key, c.Fields.PartitionKey = test.key, test.partition
			c.Kinds = []Kind{{Name: "order", Weight: 1, Keys: Keys{List: []string{test.list}}}}
			c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 1}}
			g := mustNew(t, c)
			r := all(t, g.Stream(epoch))[0]
			if r.Event.Key != test.wantKey || r.PartitionKey != test.want {
				t.Errorf("key %q by %q, want %q by %q", r.Event.Key, r.PartitionKey, test.wantKey, test.want)
			}
			decoder, err := record.NewDecoder(g.fields.paths)
			if err != nil {
				t.Fatal(err)
			}
			checkRecord(t, decoder, &r)
		})
	}
}
