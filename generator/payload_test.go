package generator

import (
	"strings"
	"testing"
	"time"

	"weir/record"
)

// first is the data of a load's first record.
func first(t *testing.T, c Config) string {
	t.Helper()
	c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 1}}
	return string(all(t, mustNew(t, c).Stream(epoch))[0].Data)
}

func TestPayloads(t *testing.T) {
	flights := record.Fields{Kind: "kind", EventTime: "at.time", Value: "m.delay", Key: []string{"at.airport"}, PartitionKey: []string{"at.airport", "flight"}}
	for name, test := range map[string]struct {
		fields record.Fields
		kind   Kind
		want   string
	}{
		"built in": {
			record.DefaultFields(),
			Kind{Value: Distribution{Fixed: new(12.345)}, Decimals: 2},
			`{"id":"bench-0","kind":"order","event_time":"2026-11-23T12:00:00.123Z","value":12.35,"key":"k1"}`,
		},
		"without a value": {
			record.DefaultFields(),
			Kind{},
			`{"id":"bench-0","kind":"order","event_time":"2026-11-23T12:00:00.123Z","key":"k1"}`,
		},
		"paths that share their beginning": {
			flights,
			Kind{Value: Distribution{Fixed: new(-0.004)}, Decimals: 2},
			`{"id":"bench-0","kind":"order","at":{"time":"2026-11-23T12:00:00.123Z","airport":"k1"},"m":{"delay":0.00},"flight":"k1"}`,
		},
		"an object that would hold nothing but the value is left out": {
			flights,
			Kind{},
			`{"id":"bench-0","kind":"order","at":{"time":"2026-11-23T12:00:00.123Z","airport":"k1"},"flight":"k1"}`,
		},
		"a field named id takes its place": {
			record.Fields{EventTime: "t", Key: []string{"id"}},
			Kind{},
			`{"t":"2026-11-23T12:00:00.123Z","id":"k1"}`,
		},
		"padded": {
			record.DefaultFields(),
			Kind{Size: Distribution{Fixed: new(110.0)}},
			`{"id":"bench-0","kind":"order","event_time":"2026-11-23T12:00:00.123Z","key":"k1","pad":"The wall across the"}`,
		},
		"padded by less than a member takes": {
			record.DefaultFields(),
			Kind{Size: Distribution{Fixed: new(86.0)}},
			`{"id":"bench-0","kind":"order","event_time":"2026-11-23T12:00:00.123Z","key":"k1"    }`,
		},
		"longer than its size": {
			record.DefaultFields(),
			Kind{Size: Distribution{Fixed: new(20.0)}},
			`{"id":"bench-0","kind":"order","event_time":"2026-11-23T12:00:00.123Z","key":"k1"}`,
		},
		"a sample keeps every other byte": {
			record.DefaultFields(),
			Kind{Value: Distribution{Fixed: new(3.0)}, Samples: []Sample{{"s", []byte("\t{ \"z\" : [1.0e2 , \"\\u00fc\"],\n\"key\":{\"a\":1} , \"value\" : null,\"id\":0 }\n")}}},
			"\t{ \"z\" : [1.0e2 , \"\\u00fc\"],\n\"key\":\"k1\" , \"value\" : 3,\"id\":\"bench-0\" ,\"kind\":\"order\",\"event_time\":\"2026-11-23T12:00:00.123Z\"}\n",
		},
		"a sample keeps its value where the kind has none": {
			record.DefaultFields(),
			Kind{Samples: []Sample{{"s", []byte(`{"value":1e3}`)}}},
			`{"value":1e3,"id":"bench-0","kind":"order","event_time":"2026-11-23T12:00:00.123Z","key":"k1"}`,
		},
		"a sample's objects are filled in": {
			flights,
			Kind{Samples: []Sample{{"s", []byte(`{"at":{"gate":5},"m":{}}`)}}},
			`{"at":{"gate":5,"time":"2026-11-23T12:00:00.123Z","airport":"k1"},"m":{},"id":"bench-0","kind":"order","flight":"k1"}`,
		},
		"a sample with padding of its own": {
			record.DefaultFields(),
			Kind{Size: Distribution{Fixed: new(110.0)}, Samples: []Sample{{"s", []byte(`{"pad":1}`)}}},
			`{"pad":1,"id":"bench-0","kind":"order","event_time":"2026-11-23T12:00:00.123Z","key":"k1","pad_":"The wall a"}`,
		},
		"a template": {
			record.DefaultFields(),
			Kind{Value: Distribution{Fixed: new(1.5)}, Decimals: 1, Template: `{"id":"{{.ID}}","n":{{.I}},"kind":"{{.Kind}}","key":"{{.Key}}","event_time":{{.EventTimeMillis}},"at":"{{.EventTime}}","value":{{.Value}}}` + "\n"},
			`{"id":"bench-0","n":0,"kind":"order","key":"k1","event_time":1795435200123,"at":"2026-11-23T12:00:00.123Z","value":1.5}`,
		},
		"a padded template": {
			record.DefaultFields(),
			Kind{Size: Distribution{Fixed: new(60.0)}, Template: `{"key":"a","event_time":{{.EventTimeMillis}}}`},
			`{"key":"a","event_time":1795435200123,"pad":"The wall acro"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := typical()
			c.Fields = test.fields
			test.kind.Name, test.kind.Weight, test.kind.Keys = "order", 1, Keys{Uniform: &UniformKeys{1}}
			c.Kinds = []Kind{test.kind}
			if got := first(t, c); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestDataHasTheSizeThatWasDrawn(t *testing.T) {
	c := typical()
	c.Kinds = c.Kinds[:1]
	c.Kinds[0].Size = Distribution{Uniform: &Range{150, 400}}
	c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 5000}}
	least, most, sum := 1000, 0, 0
	for _, r := range all(t, mustNew(t, c).Stream(epoch)) {
		least, most, sum = min(least, len(r.Data)), max(most, len(r.Data)), sum+len(r.Data)
	}
	if least > 151 || least < 150 || most > 400 || most < 399 || sum/5000 < 270 || sum/5000 > 280 {
		t.Errorf("%d to %d bytes, %d on average", least, most, sum/5000)
	}
}

func TestTemplateFunctionsDrawFromTheRecordsOwnSeed(t *testing.T) {
	c := typical()
	c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 200}}
	var text strings.Builder
	for name := range fakes(nil) {
		text.WriteString(`,{{json (fake "` + name + `")}}`)
	}
	c.Kinds = []Kind{{
		Name: "order", Weight: 1, Keys: Keys{Uniform: &UniformKeys{10}},
		Template: `{"key":"{{.Key}}","event_time":"{{.EventTime}}","x":[{{int 1 6}},{{float 0 1 3}},{{json (pick "a" "b")}},"{{uuid}}","{{hex 8}}"` + text.String() + `]}`,
	}}
	g := mustNew(t, c)
	want := all(t, g.Stream(epoch))
	for range 3 {
		if d := difference(want, all(t, mustNew(t, c).Stream(epoch))); d != "" {
			t.Fatal(d)
		}
	}
	seen := map[string]bool{}
	for _, r := range want {
		if r.Event.Unreadable {
			t.Fatalf("%s cannot be read", r.Data)
		}
		seen[string(r.Data[strings.Index(string(r.Data), `"x"`):])] = true
	}
	if len(seen) != len(want) {
		t.Errorf("%d different ones of %d", len(seen), len(want))
	}
}

// What goes wrong in a record that New did not see ends the stream, and the records before it are handed out.
func TestATemplateThatFailsLaterEndsTheStream(t *testing.T) {
	for name, test := range map[string]struct{ template, want string }{
		"an error":            {`{"key":"a","event_time":{{if eq .I 3}}{{fake "dragon"}}{{else}}1{{end}}}`, `no "dragon"`},
		"no partition key":    {`{"key":"{{if ne .I 3}}a{{end}}","event_time":1}`, "a partition key is not empty"},
		"too much":            {`{"key":"a","event_time":1,"x":"{{if eq .I 3}}{{hex 1048576}}{{end}}"}`, "above 1048576 bytes"},
		"a flush":             {`{"key":"{{if eq .I 3}}weir-flush-a{{else}}a{{end}}","event_time":1}`, "weir's own"},
		"an endless template": {`{"key":"a","event_time":1{{if eq .I 3}}{{range 100000000}}xxxxxxxxxx{{end}}{{end}}}`, "above 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			c := typical()
			c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 10}}
			c.Kinds = []Kind{{Name: "order", Weight: 1, Keys: Keys{Uniform: &UniformKeys{10}}, Template: test.template}}
			s := mustNew(t, c).Stream(epoch)
			var batch record.Batch
			if err := s.Fill(&batch, time.Second); err != nil || len(batch.Records) != 3 {
				t.Errorf("%d records and %v", len(batch.Records), err)
			}
			for range 2 {
				err := s.Fill(&batch, time.Second)
				if err == nil || !strings.HasPrefix(err.Error(), "kinds.order.template: record 3: ") || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v, want %q", err, test.want)
				}
			}
			if _, ok := s.Next(); ok || len(batch.Records) != 3 {
				t.Errorf("it goes on, with %d records", len(batch.Records))
			}
		})
	}
}

func TestATemplatesUnreadableRecordIsSentAllTheSame(t *testing.T) {
	c := typical()
	c.Phases = []Phase{{Shape: Hold, For: time.Second, At: 10}}
	c.Kinds = []Kind{{Name: "order", Weight: 1, Keys: Keys{Sequential: &SequentialKeys{10}}, Template: `{"key":"{{.Key}}","event_time":1{{if eq .I 3}}"{{end}}}`}}
	r := all(t, mustNew(t, c).Stream(epoch))[3]
	if !r.Event.Unreadable || r.PartitionKey != "k04" || r.Event.Time != epoch.Add(r.Due).UnixMilli() {
		t.Errorf("%+v", r)
	}
}
