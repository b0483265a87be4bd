package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

func at(ms int64) time.Time { return time.UnixMilli(ms) }

// numbered are records at the given event times, with the keys a, b, c, a, …
func numbered(times ...int64) string {
	var text strings.Builder
	for i, t := range times {
		fmt.Fprintf(&text, "{\"t\":%d,\"key\":%q}\n", t, string(rune('a'+i%3)))
	}
	return text.String()
}

// timesOf are the event times as the records have them in their data, and as the source says.
func timesOf(t testing.TB, records []record.Record) (inData, said, due []int64) {
	t.Helper()
	for i := range records {
		var object struct{ T int64 }
		if err := json.Unmarshal(records[i].Data, &object); err != nil {
			t.Fatal(err)
		}
		inData, said, due = append(inData, object.T), append(said, records[i].Event.Time), append(due, records[i].Due.Milliseconds())
	}
	return inData, said, due
}

func TestFromAndToChooseByEventTime(t *testing.T) {
	text := numbered(5000, 1000, 2000, 2999, 3000, 4000)
	for _, test := range []struct {
		from, to time.Time
		want     []int64
	}{
		{time.Time{}, time.Time{}, []int64{1000, 2000, 2999, 3000, 4000, 5000}},
		{at(2000), time.Time{}, []int64{2000, 2999, 3000, 4000, 5000}},
		{time.Time{}, at(3000), []int64{1000, 2000, 2999}},
		{at(2000), at(3000), []int64{2000, 2999}},
		{at(1999).Add(1), at(2999).Add(1), []int64{2000, 2999}},
	} {
		o := textOptions(text)
		o.From, o.To = test.from, test.to
		records, stats := play(t, o)
		if _, got, due := timesOf(t, records); !slices.Equal(got, test.want) || due[0] != 0 || stats.LeftOut != int64(6-len(test.want)) || stats.Skipped.Count != 0 {
			t.Errorf("%v to %v: %v, due at %v, %+v", test.from, test.to, got, due, stats)
		}
	}
}

func TestAStretchWithoutARecordIsRefused(t *testing.T) {
	o := textOptions(numbered(5000, 1000))
	o.From = at(6000)
	_, err := Open(t.Context(), o)
	if !errors.Is(err, ErrEmpty) || !strings.HasSuffix(err.Error(), "it has event times from 1970-01-01T00:00:01Z to 1970-01-01T00:00:05Z") {
		t.Error(err)
	}
}

func TestARecordingIsReadOnToAStretchThatComesLate(t *testing.T) {
	o := textOptions(strings.Repeat(numbered(1000), 3*requiredWithin) + numbered(5000))
	o.From, o.Required = at(2000), []string{"t", "key"}
	if records, stats := play(t, o); len(records) != 1 || stats.LeftOut != 3*requiredWithin {
		t.Errorf("%d records, %+v", len(records), stats)
	}
}

func TestASampleHasAllRecordsOfAKeyOrNone(t *testing.T) {
	var text strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&text, "{\"t\":%d,\"key\":\"customer-%d\"}\n", i, i%2000)
	}
	var smaller map[string]int
	for _, share := range []float64{0.1, 0.3} {
		o := textOptions(text.String())
		o.Sample, o.Seed = share, 7
		records, stats := play(t, o)
		keys := make(map[string]int)
		for i := range records {
			keys[records[i].PartitionKey]++
		}
		if got := float64(len(keys)) / 2000; math.Abs(got-share) > 0.03 {
			t.Errorf("%g of the keys, want %g", got, share)
		}
		for key, n := range keys {
			if n != 5 {
				t.Fatalf("%d records of %s", n, key)
			}
		}
		for key := range smaller {
			if keys[key] == 0 {
				t.Fatalf("%s is in the smaller sample alone", key)
			}
		}
		if smaller = keys; stats.LeftOut != int64(10_000-len(records)) {
			t.Errorf("%+v", stats)
		}
		o = textOptions(text.String())
		o.Sample, o.Seed = share, 8
		if other, _ := play(t, o); slices.Equal(dataOf(other), dataOf(records)) {
			t.Error("another seed chooses the same keys")
		}
	}
}

func TestIdleStretchesAreShortenedAndNothingElseIs(t *testing.T) {
	const day = 86_400_000
	o := textOptions(numbered(0, 1000, 61_000, 61_001, 61_000+day, 62_000+day, 3*day))
	o.SkipIdle = time.Minute
	for speed, want := range map[string][]int64{
		"1x": {0, 1000, 61_000, 61_001, 121_001, 122_001, 182_001},
		"2x": {0, 500, 30_500, 30_500, 60_500, 61_000, 91_000},
	} {
		o.Stdin = strings.NewReader(numbered(0, 1000, 61_000, 61_001, 61_001+day, 62_001+day, 3*day))
		o.Pace = mustSpeed(t, speed)
		records, _ := play(t, o)
		inData, said, due := timesOf(t, records)
		if !slices.Equal(due, want) || !slices.Equal(inData, said) || said[6] != 3*day {
			t.Errorf("%s: due at %v, want %v; event times %v", speed, due, want, said)
		}
	}
}

// recorded writes a recording to a file.
func recorded(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "recording.ndjson")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestEachLapIsLaterByTheSpanAndTheMeanDistance(t *testing.T) {
	for name, test := range map[string]struct{ times, want []int64 }{
		"evenly":           {[]int64{1000, 2000, 3000}, []int64{1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000}},
		"milliseconds":     {[]int64{1000, 1002, 1005}, []int64{1000, 1002, 1005, 1007, 1009, 1012, 1014, 1016, 1019}},
		"whole seconds":    {[]int64{0, 1000, 3000}, []int64{0, 1000, 3000, 5000, 6000, 8000, 10_000, 11_000, 13_000}},
		"a single record":  {[]int64{1500}, []int64{1500, 1501, 1502}},
		"out of its order": {[]int64{2000, 1000, 3000}, []int64{1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000}},
	} {
		o := textOptions("")
		o.Source, o.Loop = recorded(t, numbered(test.times...)), 3
		records, stats := play(t, o)
		inData, said, due := timesOf(t, records)
		if !slices.Equal(said, test.want) || !slices.Equal(inData, said) || stats.Read != int64(3*len(test.times)) {
			t.Errorf("%s: %v, in the data %v, want %v", name, said, inData, test.want)
		}
		for i := range due {
			if due[i] != said[i]-said[0] {
				t.Errorf("%s: due at %v", name, due)
				break
			}
		}
	}
}

// TestATimeIsMovedByWhatItsFormCanSay loops recordings and shifts them to now, whose times have no seconds, or no minutes.
func TestATimeIsMovedByWhatItsFormCanSay(t *testing.T) {
	start := time.Date(2013, time.January, 31, 18, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		layout string
		unit   time.Duration
	}{{"1/2/2006 15:04", time.Minute}, {"1/2/2006 3:04 PM", time.Minute}, {"%d.%m.%Y %H", time.Hour}, {"02.01.2006 15:04:05", time.Second}, {"2006/01/02 15:04:05.0", time.Second}} {
		layout := test.layout
		if layout[0] == '%' {
			layout = "02.01.2006 15"
		}
		var lines strings.Builder
		for _, after := range []time.Duration{0, test.unit, 3 * test.unit, 8 * test.unit} {
			fmt.Fprintf(&lines, `{"t":%q,"key":"k"}`+"\n", start.Add(after).Format(layout))
		}
		o := textOptions(lines.String())
		o.Source, o.Loop, o.ShiftTo = recorded(t, lines.String()), 3, time.Date(2026, time.March, 4, 5, 6, 7, 890_000_000, time.UTC)
		o.Fields.TimeFormat, o.Fields.TimeZone = test.layout, "UTC"
		records, stats := play(t, o)
		if len(records) != 12 || stats.Skipped.Count != 0 {
			t.Fatalf("%s: %d records, skipped %+v", test.layout, len(records), stats.Skipped)
		}
		if first := time.UnixMilli(records[0].Event.Time); first.After(o.ShiftTo) || o.ShiftTo.Sub(first) >= max(test.unit, time.Second) {
			t.Errorf("%s: the first is at %s", test.layout, first)
		}
		for i := range records {
			var said struct{ T string }
			if err := json.Unmarshal(records[i].Data, &said); err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(layout, said.T)
			if err != nil || at.UnixMilli() != records[i].Event.Time {
				t.Errorf("%s: %s is %d (%v), want %d", test.layout, records[i].Data, at.UnixMilli(), err, records[i].Event.Time)
			}
			if i > 0 && records[i].Event.Time <= records[i-1].Event.Time {
				t.Errorf("%s: record %d is not behind the one before", test.layout, i)
			}
		}
	}
}

func TestClonesDoNotBringTheLapsCloser(t *testing.T) {
	o := textOptions("")
	o.Source, o.Loop, o.Multiply = recorded(t, numbered(0, 100, 300)), 2, 3
	records, _ := play(t, o)
	if _, said, _ := timesOf(t, records); len(said) != 18 || said[9] != 450 || said[17] != 750 {
		t.Errorf("%v", said)
	}
}

func TestALoopForEverGoesOnUntilItIsEnded(t *testing.T) {
	o := textOptions("")
	o.Source, o.Loop, o.Order, o.Pace = recorded(t, numbered(0, 1, 2)), Forever, ByFile, mustSpeed(t, "max")
	source, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- source.Run(t.Context()) }()
	var batch record.Batch
	for len(batch.Records) < 10_000 {
		if err := source.Fill(&batch, 0); err != nil {
			t.Fatal(err)
		}
	}
	for i := range batch.Records {
		if batch.Records[i].Event.Time != int64(i) {
			t.Fatalf("record %d has the event time %d", i, batch.Records[i].Event.Time)
		}
	}
	source.end()
	if err := <-ended; err == nil {
		t.Error("it ended")
	}
}

func TestClonesHaveKeysOfTheirOwn(t *testing.T) {
	fields := record.Fields{Kind: "kind", EventTime: "t", Value: "value", Key: []string{"kind", "who.id", "who.name"}}
	for _, test := range []struct{ name, data, clone string }{
		{"text before numbers", `{"t":1,"kind":"o","who":{"id":7,"name":"ann"},"x":1}`, `{"t":1,"kind":"o","who":{"id":7,"name":"ann~1"},"x":1}`},
		{"numbers where there is no text", `{"t":1,"who":{"id": 7 }}`, `{"t":1,"who":{"id": "7~1" }}`},
		{"a text of DynamoDB's", `{"t":1,"who":{"id":{"N":"7"},"name":{"S":"ann"}}}`, `{"t":1,"who":{"id":{"N":"7"},"name":{"S":"ann~1"}}}`},
		{"a number of DynamoDB's, which becomes text", `{"t":1,"N":"x","who":{"id":{ "N" : "7" }}}`, `{"t":1,"N":"x","who":{"id":{ "S" : "7~1" }}}`},
		{"the last of a name", `{"who":{"name":"b"},"t":1,"who":{"name":"a\"b"}}`, `{"who":{"name":"b"},"t":1,"who":{"name":"a\"b~1"}}`},
	} {
		o := textOptions(test.data)
		o.Fields, o.Multiply = fields, 3
		records, stats := play(t, o)
		want := []string{test.data, test.clone, strings.Replace(test.clone, "~1", "~2", 1)}
		if diff := cmp.Diff(want, dataOf(records)); diff != "" || stats.Read != 3 {
			t.Errorf("%s: %s", test.name, diff)
			continue
		}
		for i := range records { // the oracle must believe of a clone what the aggregator will read in it
			var decoded record.Decoded
			decoder, err := record.NewDecoder(fields)
			if err != nil {
				t.Fatal(err)
			}
			if err := decoder.Decode(records[i].Data, &decoded); err != nil || decoded.Event != records[i].Event {
				t.Errorf("%s: %+v, %v", test.name, records[i].Event, err)
			}
		}
		if records[0].PartitionKey == records[1].PartitionKey || records[1].Event.Key == records[2].Event.Key || records[1].Due != records[0].Due {
			t.Errorf("%s: %+v", test.name, records)
		}
	}
}

func TestAClonesPartitionKeyIsItsOwn(t *testing.T) {
	fields := record.Fields{Kind: "kind", EventTime: "t", Value: "value", Key: []string{"key"}, PartitionKey: []string{"device", "key"}}
	for _, test := range []struct {
		partitionKey []string
		want         string
	}{
		{[]string{"device", "key"}, `{"t":1,"key":"k~1","device":"d","kind":"o"}`},
		{[]string{"device"}, `{"t":1,"key":"k~1","device":"d~1","kind":"o"}`},
		{[]string{"kind"}, `{"t":1,"key":"k~1","device":"d","kind":"o"}`},
	} {
		o := textOptions(`{"t":1,"key":"k","device":"d","kind":"o"}`)
		o.Fields, o.Multiply = fields, 2
		o.Fields.PartitionKey = test.partitionKey
		if records, _ := play(t, o); string(records[1].Data) != test.want {
			t.Errorf("%v: %s", test.partitionKey, records[1].Data)
		}
	}
}

func TestWhatCannotBeDoneToARecordingIsRefusedOrCounted(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"cannot be done: keys cannot be multiplied, for every part of the key is the kind, the event time or the value": func(o *Options) { o.Multiply, o.Fields.Key = 2, []string{"kind"} },
		"cannot be done: records cannot be multiplied by -1":                                                            func(o *Options) { o.Multiply = -1 },
		`cannot be done: event times cannot be moved, for "t" is a part of the key, the kind or the value, too`:         func(o *Options) { o.ShiftTo, o.Fields.Key = time.Now(), []string{"key", "t"} },
		"cannot be done: standard input cannot be looped: it can be read only once":                                     func(o *Options) { o.Loop = 2 },
		"cannot be done: a recording cannot be looped -2 times":                                                         func(o *Options) { o.Loop = -2 },
	} {
		o := textOptions(numbered(1))
		change(&o)
		if _, err := Open(t.Context(), o); !errors.Is(err, ErrImpossible) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	o := textOptions(numbered(1) + `{"t":2,"key":{},"p":"x"}` + "\n")
	o.Multiply, o.Fields.PartitionKey = 3, []string{"p", "key"}
	if records, stats := play(t, o); len(records) != 4 || stats.Skipped.ByReason[NotCloned] != 2 || stats.Skipped.Samples[0].Line != 2 {
		t.Errorf("%d records, %+v", len(records), stats)
	}
}

func TestEventTimesAreMovedInTheirOwnForm(t *testing.T) {
	const now = 1700000000000 // 2023-11-14T22:13:20Z
	for old, want := range map[string]string{
		`"2013-01-01T06:00:00Z"`:         `"2023-11-14T22:13:20Z"`,
		`"2013-01-01T06:00:00.250Z"`:     `"2023-11-14T22:13:20.250Z"`,
		`"2013-01-01T06:00:00.1234567Z"`: `"2023-11-14T22:13:20.1234567Z"`,
		`"2013-01-01T07:00:00+01:00"`:    `"2023-11-14T23:13:20+01:00"`,
		`"2013-01-01T06:00:00+00:00"`:    `"2023-11-14T22:13:20+00:00"`,
		`"2013-01-01T06:00:00\u005a"`:    `"2023-11-14T22:13:20Z"`,
		`1357020000000`:                  `1700000000000`,
		`1357020000250`:                  `1700000000250`,
		`1357020000000.75`:               `1700000000000.75`,
		`1.35702e12`:                     `1700000000000`,
		`"1357020000000"`:                `"1700000000000"`,
	} {
		o := textOptions(`{"key":"k", "t" : ` + old + `,"x":[1]}`)
		o.ShiftTo = at(now)
		if strings.Contains(old, "250") || strings.Contains(old, "1234") { // as the second record, so that the shift is whole seconds
			o.Stdin = strings.NewReader(`{"key":"k","t":1357020000000}` + "\n" + `{"key":"k", "t" : ` + old + `,"x":[1]}`)
		}
		records, _ := play(t, o)
		last := records[len(records)-1]
		if got := string(last.Data); got != `{"key":"k", "t" : `+want+`,"x":[1]}` {
			t.Errorf("%s: %s", old, got)
		}
		if records[0].Event.Time != now {
			t.Errorf("%s: %d", old, records[0].Event.Time)
		}
	}
}

func TestTheFirstInTheReplaysOrderIsNowToTheSecond(t *testing.T) {
	o := textOptions(numbered(5_250, 1_750, 9_000))
	o.ShiftTo, o.Loop = at(1_700_000_000_123), 0
	records, _ := play(t, o)
	inData, said, due := timesOf(t, records)
	if want := []int64{1_699_999_999_750, 1_700_000_003_250, 1_700_000_007_000}; !slices.Equal(said, want) || !slices.Equal(inData, want) || !slices.Equal(due, []int64{0, 3500, 7250}) {
		t.Errorf("%v, %v, due at %v", inData, said, due)
	}
}

// TestAMovedEventTimeReadsAsItIsSaid is what the oracle relies on.
func TestAMovedEventTimeReadsAsItIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(-1_000_000_000_000, 100_000_000_000_000).Draw(t, "from")
		to := rapid.Int64Range(-1_000_000_000_000, 100_000_000_000_000).Draw(t, "to")
		zone := time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(t, "zone")*60)
		then := at(from).Add(time.Duration(rapid.IntRange(0, 999_999).Draw(t, "below"))).In(zone)
		old := rapid.SampledFrom([]string{
			fmt.Sprint(from), fmt.Sprintf("%d.5", from), fmt.Sprintf("%q", fmt.Sprint(from)),
			then.Format(`"2006-01-02T15:04:05.000Z07:00"`), then.Format(`"2006-01-02T15:04:05.000000000-07:00"`), then.Format(`"2006-01-02T15:04:05-07:00"`),
		}).Draw(t, "old")
		decoder, err := record.NewDecoder(record.Fields{EventTime: "t"})
		if err != nil {
			t.Fatal(err)
		}
		text, err := decoder.AppendTime(nil, []byte(old), to)
		if err != nil {
			t.Fatal(err)
		}
		var decoded record.Decoded
		if err := decoder.Decode([]byte(`{"t":`+string(text)+`}`), &decoded); err != nil || decoded.Event.Time != to {
			t.Fatalf("%s became %s, which is %d, want %d (%v)", old, text, decoded.Event.Time, to, err)
		}
	})
}

// TestAReplayGoesOnWhereOneStopped stops everywhere: what came before and what comes after are the whole, in its order.
func TestAReplayGoesOnWhereOneStopped(t *testing.T) {
	o := textOptions("")
	o.Source, o.Loop, o.Multiply = recorded(t, numbered(3000, 1000, 1000, 2000)), 2, 2
	whole, _ := play(t, o)
	for n := range len(whole) {
		o.After = int64(n)
		rest, stats := play(t, o)
		if diff := cmp.Diff(dataOf(whole[n:]), dataOf(rest)); diff != "" || rest[0].Due != 0 || stats.Offered != int64(len(whole)-n) {
			t.Errorf("after %d: %s %+v", n, diff, stats)
		}
	}
	o.After = int64(len(whole))
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrEmpty) {
		t.Error(err)
	}
}

func TestAllOfItAtOnce(t *testing.T) {
	o := textOptions("")
	o.Source, o.Loop = recorded(t, numbered(0, 1000, 2000, 3000, 90_000)), 2
	o.To, o.Multiply, o.SkipIdle, o.ShiftTo, o.Pace = at(10_000), 2, 500*time.Millisecond, at(1_700_000_000_000), mustSpeed(t, "2x")
	records, stats := play(t, o)
	inData, said, due := timesOf(t, records)
	var want, wantDue []int64
	for i := range int64(8) {
		want, wantDue = append(want, 1_700_000_000_000+1000*i, 1_700_000_000_000+1000*i), append(wantDue, 250*i, 250*i)
	}
	if !slices.Equal(said, want) || !slices.Equal(inData, want) || !slices.Equal(due, wantDue) || stats.Read != 16 || stats.LeftOut != 2 {
		t.Errorf("%v\n%v\n%v\n%+v", inData, said, due, stats)
	}
	if records[1].PartitionKey != "a~1" || records[15].PartitionKey != "a~1" {
		t.Errorf("%s and %s", records[1].PartitionKey, records[15].PartitionKey)
	}
}

// TestARecordWhoseTimeCannotBeMovedIsASkip moves records into the night in which summer time ends: of the hour that comes twice, one has no text.
func TestARecordWhoseTimeCannotBeMovedIsASkip(t *testing.T) {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip(err)
	}
	var text strings.Builder
	for minute := range 180 {
		fmt.Fprintf(&text, `{"key":"k","t":"2013-01-31 %02d:%02d:00"}`+"\n", 10+minute/60, minute%60)
	}
	o := textOptions(text.String())
	o.Fields.TimeZone, o.ShiftTo = "Europe/Berlin", time.Date(2026, 10, 24, 23, 30, 0, 0, time.UTC)
	records, stats := play(t, o)
	if len(records) != 120 || stats.Read != 120 || stats.Offered != 120 || stats.Skipped.ByReason[NotMoved] != 60 {
		t.Fatalf("%d records, %+v", len(records), stats)
	}
	decoder, err := record.NewDecoder(o.Fields)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		var read record.Decoded
		if err := decoder.Decode(records[i].Data, &read); err != nil || read.Event.Time != records[i].Event.Time {
			t.Errorf("%s is at %d, want %d (%v)", records[i].Data, read.Event.Time, records[i].Event.Time, err)
		}
	}
	if said := stats.Skipped.Samples[0].String(); !strings.HasPrefix(said, "event time that cannot be moved (") {
		t.Error(said)
	}
}

func TestARecordingOfWhichNoTimeCanBeMovedSaysWhy(t *testing.T) {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip(err)
	}
	o := textOptions(`{"key":"k","t":"2013-01-31 18:05:09"}`)
	o.Fields.TimeZone, o.ShiftTo = "Europe/Berlin", time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "event time that cannot be moved") {
		t.Error(err)
	}
}
