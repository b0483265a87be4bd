package replay

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
	"weir/survey"
)

var update = flag.Bool("update", false, "write the golden files")

func TestTheSurveyOfJanuaryReadsWell(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"january":    {Source: filepath.Join(flights, "2013-01.ndjson.gz"), Pace: mustSpeed(t, "525600x")},
		"disordered": {Source: filepath.Join(flights, "disordered-2013-01.ndjson.gz"), Pace: mustSpeed(t, "max")},
		"firehose":   {Source: filepath.Join(flights, "firehose"), Pace: mustRate(t, "600k/min"), Order: ByFile},
	} {
		o.Fields = flightFields()
		found, err := TakeSurvey(t.Context(), o, 1)
		if err != nil {
			t.Fatal(err)
		}
		found.Source = filepath.Base(found.Source)
		golden := filepath.Join("testdata", "survey-"+name+".txt")
		text := found.String()
		if *update {
			if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestASurveyFindsTheHotShardAndTheLimitItBreaks(t *testing.T) {
	var text strings.Builder
	for i := range 5000 { // "hot" gets 1,500 records in the second second, and one other key 1 in each
		at := i
		if i >= 1000 && i < 2500 {
			at = 1000 + (i-1000)/2
		}
		fmt.Fprintf(&text, "{\"t\":%d,\"key\":\"%s\",\"kind\":\"k%d\"}\n", at, map[bool]string{true: "hot", false: fmt.Sprint(i)}[i >= 1000 && i < 2500], i%3)
	}
	found, err := TakeSurvey(t.Context(), textOptions(text.String()), 2)
	if err != nil {
		t.Fatal(err)
	}
	hot := 0
	if record.HashOf("hot").Hi >= 1<<63 {
		hot = 1
	}
	if len(found.Breaches) != 1 {
		t.Fatalf("%+v", found.Breaches)
	}
	b := found.Breaches[0]
	if b.Allowed != 1000 || b.Shard != hot || b.At != time.Second || b.Shards != 1 || b.Seconds != 1 || b.Worst < 1500 || b.Worst > 1500+250 {
		t.Errorf("%+v", b)
	}
	if found.Shards[0].Total+found.Shards[1].Total != 5000 || found.Planned != 4999*time.Millisecond {
		t.Errorf("%+v", found)
	}
	if diff := cmp.Diff(survey.KeyCount{Key: "hot", Records: 1500}, found.Keys[0]); diff != "" || len(found.Keys) != 10 {
		t.Error(diff)
	}
	if diff := cmp.Diff([]survey.KindCount{{Kind: "k0", Records: 1667}, {Kind: "k1", Records: 1667}, {Kind: "k2", Records: 1666}}, found.Kinds); diff != "" {
		t.Error(diff)
	}
}

func TestASurveyCountsWhatAReplayWouldSkipAndDisorder(t *testing.T) {
	found, err := TakeSurvey(t.Context(), textOptions("{\"t\":7200000,\"key\":\"a\"}\n{\"t\":0,\"key\":\"b\"}\n{\"t\":1,\"key\":\"c\"}\nbroken\n{\"t\":7200001,\"key\":\"d\"}"), 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Disorder{Records: 2, Worst: 2 * time.Hour}, found.Disorder); diff != "" {
		t.Error(diff)
	}
	if found.Skipped.Count != 1 || found.Records != 4 || found.FirstEvent != 0 || found.LastEvent != 7_200_001 {
		t.Errorf("%+v", found)
	}
	if text := found.String(); !strings.Contains(text, "-:4: not a JSON object") {
		t.Error(text)
	}
}

func TestASurveyOfNothingIsAnError(t *testing.T) {
	if _, err := TakeSurvey(t.Context(), textOptions(""), 1); !errors.Is(err, ErrEmpty) {
		t.Error(err)
	}
	if _, err := TakeSurvey(t.Context(), textOptions(`{"t":1,"key":"a"}`), 0); err == nil {
		t.Error("a stream of no shards passed")
	}
}

func TestASurveyWarnsOfWhatWouldSurprise(t *testing.T) {
	hours := func(n int) (times []int64) {
		for i := range n {
			times = append(times, 1357020000000+int64(i)*60_000)
		}
		return times
	}
	odd := append(hours(600), 1357020000000+40*86_400_000)
	for name, test := range map[string]struct {
		times  []int64
		change func(*Options)
		want   string
	}{
		"one event time that is far off": {odd, nil, "there is no record for 39d14h1m after 2013-01-01T15:59:00Z, so that the replay would wait 39d14h1m"},
		"mended":                         {odd, func(o *Options) { o.SkipIdle = time.Minute }, ""},
		"left out":                       {odd, func(o *Options) { o.To = time.UnixMilli(odd[600]) }, ""},
		"without a schedule":             {odd, func(o *Options) { o.Pace = mustSpeed(t, "max") }, ""},
		"at a rate":                      {odd, func(o *Options) { o.Pace = mustRate(t, "1/s") }, ""},
		"a gap that is soon over":        {odd, func(o *Options) { o.Pace = mustSpeed(t, "1000000x") }, ""},
		"even":                           {hours(600), nil, ""},
		"seconds":                        {[]int64{1357020000, 1357020060}, nil, "2 records have an event time before 1990, as 1970-01-16T16:57:00Z (-:1: 1357020000)"},
	} {
		o := textOptions(numbered(test.times...))
		if test.change != nil {
			test.change(&o)
		}
		found, err := TakeSurvey(t.Context(), o, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(found.warnings(), "; "); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestTimesThatClocksShowTwiceOrNeverAreWarnedOf has two records in the hour that comes twice in Berlin, and one in that which never comes.
func TestTimesThatClocksShowTwiceOrNeverAreWarnedOf(t *testing.T) {
	o := textOptions(`{"t":"2013-03-31 02:30:00","key":"a"}
{"t":"2013-03-31 03:30:00","key":"a"}
{"t":"2013-10-27 02:15:00","key":"a"}
{"t":"2013-10-27T02:15:00+01:00","key":"a"}
{"t":"2013-10-27 02:45:00","key":"a"}
{"t":"2013-10-27 03:00:00","key":"a"}
`)
	o.Fields.TimeZone = "Europe/Berlin"
	if _, err := record.ParseZone(o.Fields.TimeZone); err != nil {
		t.Skip(err)
	}
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil {
		t.Fatal(err)
	}
	text := found.String()
	for _, want := range []string{
		"2 records have an event time without a zone that comes twice, when clocks are put back, as 2013-10-27 02:15:00, taken as 2013-10-27T01:15:00Z (-:3): ",
		"1 record has an event time without a zone that never comes, when clocks are put forward, as 2013-03-31 02:30:00, taken as 2013-03-31T01:30:00Z (-:1): ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestASurveyOfALoopIsOfOneLap(t *testing.T) {
	o := textOptions("")
	o.Source, o.Loop, o.Multiply, o.To = recorded(t, numbered(0, 1000, 2000, 3000)), Forever, 2, time.UnixMilli(3000)
	found, err := TakeSurvey(t.Context(), o, 2)
	if err != nil {
		t.Fatal(err)
	}
	text := found.String()
	for _, want := range []string{
		"records         6 in 1 file", "left out        1 record not asked for", "multiplied      2 times", "1970-01-01T00:00:02Z: 2s",
		"over and over; this is one lap", "longest gap     1s after 1970-01-01T00:00:00Z", "shard 0 ", "shard 1 ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestFieldsAreNamedInTheirOrderTheEmptyOnesToo(t *testing.T) {
	var got []string
	walkFields([]byte(`{"a":{"b":1,"c.d":{ }},"e":[],"f":{},"g":"x"}`), "", func(path string, value []byte) { got = append(got, path+" "+string(value)) })
	if want := []string{"a.b 1", `a.c\.d { }`, "e []", "f {}", `g "x"`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestColumnsOfPathsThatNoRecordHasAreNamed but for dates, and but for those that the records have, too.
func TestColumnsOfPathsThatNoRecordHasAreNamed(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"dt=2013-01-31/hour=18/kind=o/region=eu/a.ndjson", "dt=2013-01-31/hour=18/kind=p/region=us/a.ndjson"} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(`{"t":1359655509000,"key":"a","Region":"eu"}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o := textOptions("")
	o.Source, o.Stdin = root, nil
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`the paths have a column "kind" (dt=2013-01-31/hour=18/kind=o/region=eu/a.ndjson) that no record has: a record is what stands in its file, so write the column into the files, too`}
	if got := found.warnings(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	o.Fields.Kind, o.Required = "kind", []string{"kind"}
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), `has "kind": it stands in the path of the file (dt=2013-01-31/hour=18/kind=o/region=eu/a.ndjson), and a record is what is in the file`) {
		t.Error(err)
	}
}

// TestASurveyShowsAValueThatIsUnreadable and where it stands.
func TestASurveyShowsAValueThatIsUnreadable(t *testing.T) {
	o := textOptions("t;key;value\n1359655509000;a;1\n1359655509000;a;1,5\n1359655509000;a;2,5\n")
	o.Fields.Value = "value"
	found, err := TakeSurvey(t.Context(), o, 1)
	if want := `2 records that the aggregator cannot use, as -:3: unusable value: "value" at byte 38: "1,5\"}"`; err != nil || !strings.Contains(found.String(), want) {
		t.Errorf("%s, %v", &found, err)
	}
}

func TestRatesHaveTheirArticles(t *testing.T) {
	for rate, want := range map[float64]string{2: "2.0 records a second", 0.02: "1.2 records a minute", 1.7 / 3600: "1.7 records an hour", 500.0 / 3600: "8.3 records a minute"} {
		if got := perSecond(rate); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestALinkToItselfDoesNotExist as any other link that leads nowhere.
func TestALinkToItselfDoesNotExist(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("link", link); err != nil {
		t.Skip(err)
	}
	if _, err := Open(t.Context(), Options{Source: link}); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "a link that leads to itself") {
		t.Error(err)
	}
}
