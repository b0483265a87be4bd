package foreign

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"weir/scenarios"
)

func options() Options { return Options{Name: "imported", Rate: "100/s", For: "5s"} }

// mustImport imports a text, and sees to it that what comes of it can be run.
func mustImport(t *testing.T, text string, o Options) (yaml string, notes []string) {
	t.Helper()
	made, err := Import([]byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scenarios.Parse("imported.yaml", made.YAML); err != nil {
		t.Fatalf("%v\n%s", err, made.YAML)
	}
	for _, n := range made.Notes {
		notes = append(notes, n.String())
	}
	return string(made.YAML), notes
}

func TestATemplateBecomesAScenario(t *testing.T) {
	yaml, notes := mustImport(t, "\xef\xbb\xbf{\r\n"+`    "sensorId": {{random.number(50)}},
    "currentTemperature": {{random.number(
        {
            "min":10,
            "max":150
        }
    )}},
    "status": "{{random.arrayElement(
        ["OK","FAIL","W \"x\""]
    )}}",
    "share": "{{random.weightedArrayElement({"weights":[0.3,0.2,0.5],"data":["a","b","c"]})}}",
    "who": {"first": {{name.firstName}}, "ip": "{{internet.ip}}"},
    "at": "{{date.utc("DD/MMM/YYYY:HH:mm:ss Z")}}"
}`, options())
	for _, want := range []string{
		`"sensorId": {{int 0 50}},`, `"currentTemperature": {{int 10 150}},`, `{{pick "OK" "FAIL" "W \\\"x\\\""}}`,
		`{{pick "a" "a" "a" "b" "b" "c" "c" "c" "c" "c"}}`, `"first": {{json (fake "first_name")}}`, `"{{fake "ipv4"}}"`, `"at": "{{.EventTime}}"`,
		`event_time: "at"`, `key: ["sensorId"]`, `value: "currentTemperature"`, "at: 100/s, for: 5s",
	} {
		if !strings.Contains(yaml, want) {
			t.Errorf("no %s in\n%s", want, yaml)
		}
	}
	if len(notes) != 2 || !strings.HasPrefix(notes[0], "fields.key is sensorId") || notes[1] != `line 14: {{date.utc}}: the time is RFC 3339, and not of the format "DD/MMM/YYYY:HH:mm:ss Z"` {
		t.Errorf("%q", notes)
	}
}

func TestATemplateWithoutATimeOrAKeyGetsThem(t *testing.T) {
	yaml, notes := mustImport(t, `{"n": {{random.number}}}`, options())
	if !strings.Contains(yaml, `{"event_time": "{{.EventTime}}", "key": {{json .Key}}, "n": {{int 0 99999}}}`) || !strings.Contains(yaml, `key: ["key"]`) || len(notes) != 2 {
		t.Errorf("%s\n%q", yaml, notes)
	}
	o := options()
	o.Key = "n"
	if yaml, _ = mustImport(t, `{"n": {{random.number}}, "t": {{date.now("x")}}}`, o); !strings.Contains(yaml, `"t": {{.EventTimeMillis}}`) || !strings.Contains(yaml, `key: ["n"]`) {
		t.Error(yaml)
	}
}

func TestEveryPlaceThatCannotBeTakenOverIsNamed(t *testing.T) {
	for text, want := range map[string][]string{
		"{\"a\": {{random.frobnicate}},\n\"b\": {{image.cat}},\n\"c\": {{random.number(5)}}}": {"line 1: {{random.frobnicate}}", "line 2: {{image.cat}}"},
		"{\"a\": {{random.number({\"min\":5,\"max\":1})}}}":                                   {"is no range of numbers"},
		"{\"a\": {{random.weightedArrayElement({\"weights\":[1],\"data\":[1,2]})}}}":          {"it has 1 weights for 2 elements"},
		"{\"a\": {{random.arrayElement([[1]])}}}":                                             {"an element that is a list or an object"},
		"{\"a\": {{random.number(5}}":                                                         {"its bracket is not closed"},
		"{\"a\": {{random.number(oops)}}":                                                     {"its argument is not JSON"},
		"{\"a\": {{random.number":                                                             {"line 1"},
		"{{internet.ip}} - - [{{date.now}}] GET /":                                            {"it is not a JSON object"},
		"hello":                            {"it is neither a template"},
		"amazon-kinesis-replay -speedup 3": {"it names no -bucketName"},
		"amazon-kinesis-replay -bucketName b\\\n -frob 1":                          {"line 2: -frob is no option"},
		"amazon-kinesis-replay -bucketName $BUCKET":                                {"a variable of the shell's"},
		"amazon-kinesis-replay -bucketName b\\\n -speedup '1x\n    loop: forever'": {"line 2: -speedup 1x"},
		"amazon-kinesis-replay -bucketName b -speedup 0":                           {"is no number above 0"},
		"amazon-kinesis-replay -bucketName b -speedup NaN":                         {"is no number above 0"},
		"amazon-kinesis-replay -bucketName b -speedup $S":                          {"is no number above 0"},
		"amazon-kinesis-replay -bucketName b -speedup 1e300":                       {"line 1: -speedup 1e300 has more digits than a speed of weir's"},
		"amazon-kinesis-replay -bucketName b -speedup 0x10":                        {"is no number above 0"},
		"amazon-kinesis-replay -bucketName b\\\n -seek yesterday":                  {"line 2: -seek yesterday is neither RFC 3339"},
		"amazon-kinesis-replay -bucketName b\\\n -bucketName c":                    {"line 2: -bucketName comes twice, as b and as c"},
		"amazon-kinesis-replay -bucketName":                                        {"-bucketName has no value"},
	} {
		_, err := Import([]byte(text), options())
		refused, ok := errors.AsType[*RefusedError](err)
		if !ok {
			t.Errorf("%q: %v", text, err)
			continue
		}
		for _, w := range want {
			if !strings.Contains(refused.Error(), w) {
				t.Errorf("%q: %v, want %s", text, refused, w)
			}
		}
		if len(refused.Places) < len(want) {
			t.Errorf("%q: %v", text, refused)
		}
	}
}

func TestWhatATemplateSaysOfTimesAndElements(t *testing.T) {
	yaml, notes := mustImport(t, `{"id": {{random.number(5)}}, "a": "{{date.past(10)}}", "b": {{date.recent}}, "c": {{random.arrayElement([1,2.5,null,"x"])}},
"d": "{{date.utc("YYYY-MM-DDTHH:mm:ss.SSS")}}", "e": "{{date.utc("YYYY-MM-DDTHH:mm:ssZ")}}"}`, options())
	for _, want := range []string{`"a": "{{.EventTime}}"`, `"b": "{{.EventTime}}"`, `{{pick "1" "2.5" "null" "\"x\""}}`} {
		if !strings.Contains(yaml, want) {
			t.Errorf("no %s in\n%s", want, yaml)
		}
	}
	for _, want := range []string{
		"line 1: {{date.past}}: weir has no date by chance: it is the time at which the record is due",
		"line 1: {{date.recent}}: weir has no date by chance: it is the time at which the record is due",
		`line 2: {{date.utc}}: the time is RFC 3339, and not of the format "YYYY-MM-DDTHH:mm:ss.SSS"`,
	} {
		if !slices.Contains(notes, want) {
			t.Errorf("no %s in %q", want, notes)
		}
	}
	if len(notes) != 4 {
		t.Errorf("%q", notes)
	}
}

func TestASpeedWithAnExponentIsTaken(t *testing.T) {
	if yaml, _ := mustImport(t, "amazon-kinesis-replay -bucketName b -bucketName b -speedup 3.5e2 -streamName x -streamName y", options()); !strings.Contains(yaml, "speed: 350x") {
		t.Error(yaml)
	}
}

func TestACommandLineBecomesAScenario(t *testing.T) {
	yaml, notes := mustImport(t, `# trips
java -jar amazon-kinesis-replay-0.1.0.jar -streamName x -streamRegion us-east-1 \
  -objectPrefix trips/2016 -bucketName 'my recordings' --speedup=3600 \
  -timestampAttributeName "pickup.at" -aggregate -seek 2016-01-01T00:00:00Z -bucketRegion eu-west-1
`, options())
	for _, want := range []string{`source: "s3://my recordings/trips/2016"`, "speed: 3600x", `from: "2016-01-01T00:00:00Z"`, `event_time: "pickup\\.at"`, "packing: kpl"} {
		if !strings.Contains(yaml, want) {
			t.Errorf("no %s in\n%s", want, yaml)
		}
	}
	if len(notes) != 4 || !slices.Contains(notes, "line 2: -streamName is not taken over: weir makes a stream for each run") {
		t.Errorf("%q", notes)
	}
	if yaml, _ = mustImport(t, "amazon-kinesis-replay -bucketName b", options()); !strings.Contains(yaml, "speed: 6480x") || !strings.Contains(yaml, `event_time: "dropoff_datetime"`) {
		t.Error(yaml)
	}
}

func TestAWordOfACommandLineThatIsNoOptionIsNamed(t *testing.T) {
	yaml, notes := mustImport(t, "java -jar amazon-kinesis-replay.jar -bucketName b -speedup 1440.5 \\\n > log.txt # said", options())
	if !strings.Contains(yaml, "speed: 1440.5x") {
		t.Error(yaml)
	}
	for _, word := range []string{">", "log.txt"} {
		if want := "line 2: " + word + " is not taken over: it is no option, and no option's value"; !slices.Contains(notes, want) {
			t.Errorf("no %q in %q", want, notes)
		}
	}
}

func TestALineEndWithinAStringOfATemplateIsRemoved(t *testing.T) {
	yaml, _ := mustImport(t, "{\"a\": \"one \r\ntwo {{random.number(5)}}\nthree\\\"\n\",\n \"t\": \"{{date.now}}\",\n\"id\": {{random.number(5)}}}", options())
	if want := "        {\"a\": \"one two {{int 0 5}}three\\\"\",\n         \"t\": \"{{.EventTime}}\",\n"; !strings.Contains(yaml, want) {
		t.Errorf("no\n%s in\n%s", want, yaml)
	}
}

func TestAPrecisionThatIsNotKeptIsNamed(t *testing.T) {
	for precision, want := range map[string]string{
		"100": "line 1: {{random.number}}: its precision of 100 is not kept: it is a multiple of 1", "0.5": "line 1: {{random.number}}: its precision of 0.5 is not kept: it is a multiple of 0.1",
		"1": "", "0.01": "",
	} {
		_, notes := mustImport(t, `{"id": {{random.number({"min":0,"max":1000,"precision":`+precision+`})}}, "t": {{date.now("x")}}}`, options())
		notes = slices.DeleteFunc(notes, func(note string) bool { return !strings.Contains(note, "precision") })
		if strings.Join(notes, "") != want {
			t.Errorf("%s: %q", precision, notes)
		}
	}
}

func TestWordsOfACommandLineAreThoseOfAShell(t *testing.T) {
	for text, want := range map[string][]word{
		"a b\n c":               {{"a", 1}, {"b", 1}, {"c", 2}},
		"a\\\n b":               {{"a", 1}, {"b", 2}},
		"a\\\r\nb c":            {{"ab", 1}, {"c", 2}},
		`'a\b "c"' "d\"e" f\ g`: {{`a\b "c"`, 1}, {`d"e`, 1}, {"f g", 1}},
		"'a\nb' c":              {{"a\nb", 1}, {"c", 2}},
		"a # b\nc#d":            {{"a", 1}, {"c#d", 2}},
		"''":                    {{"", 1}},
		"# only":                nil,
		"a\\":                   {{"a\\", 1}},
	} {
		if got := shellWords(text); !slices.Equal(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestWeightsBecomeRepetitions(t *testing.T) {
	for _, c := range []struct {
		weights []float64
		times   []int
		exact   bool
	}{
		{[]float64{1, 1}, []int{1, 1}, true},
		{[]float64{0.3, 0.2, 0.5}, []int{3, 2, 5}, true},
		{[]float64{50, 25, 25}, []int{2, 1, 1}, true},
		{[]float64{0.333, 0.667}, []int{33, 67}, false},
		{[]float64{0, 1}, []int{0, 1}, true},
		{[]float64{0.0001, 1}, []int{1, 100}, false},
	} {
		times, exact, err := repetitions(c.weights)
		if err != nil || exact != c.exact || !slices.Equal(times, c.times) {
			t.Errorf("%v: %v, %v, %v", c.weights, times, exact, err)
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, seed := range []string{`{"a": {{random.number(5)}}, "t": "{{date.now}}"}`, `{"a": "{{random.weightedArrayElement({"weights":[0.5,0.5],"data":["a","b"]})}}"}`, "amazon-kinesis-replay -bucketName 'b' -speedup 3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		made, err := Import([]byte(text), options())
		if refused, ok := errors.AsType[*RefusedError](err); err != nil && (!ok || len(refused.Places) == 0) || err == nil && len(made.YAML) == 0 {
			t.Errorf("%q: %v", text, err)
		}
	})
}
