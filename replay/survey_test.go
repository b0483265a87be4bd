package replay

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

var update = flag.Bool("update", false, "write the golden files")

func TestTheSurveyOfJanuaryReadsWell(t *testing.T) {
	for name, o := range map[string]Options{
		"january":    {Source: filepath.Join(flights, "2013-01.ndjson.gz"), Pace: mustSpeed(t, "525600x")},
		"disordered": {Source: filepath.Join(flights, "disordered-2013-01.ndjson.gz"), Pace: mustSpeed(t, "max")},
		"firehose":   {Source: filepath.Join(flights, "firehose"), Pace: mustRate(t, "600k/min"), Order: ByFile},
	} {
		o.Fields = flightFields()
		survey, err := TakeSurvey(t.Context(), o, 1)
		if err != nil {
			t.Fatal(err)
		}
		survey.Source = filepath.Base(survey.Source)
		golden := filepath.Join("testdata", "survey-"+name+".txt")
		text := survey.String()
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
	survey, err := TakeSurvey(t.Context(), textOptions(text.String()), 2)
	if err != nil {
		t.Fatal(err)
	}
	hot := 0
	if record.HashOf("hot").Hi >= 1<<63 {
		hot = 1
	}
	if len(survey.Breaches) != 1 {
		t.Fatalf("%+v", survey.Breaches)
	}
	b := survey.Breaches[0]
	if b.Allowed != 1000 || b.Shard != hot || b.At != time.Second || b.Shards != 1 || b.Seconds != 1 || b.Worst < 1500 || b.Worst > 1500+250 {
		t.Errorf("%+v", b)
	}
	if survey.Shards[0].Total+survey.Shards[1].Total != 5000 || survey.Planned != 4999*time.Millisecond {
		t.Errorf("%+v", survey)
	}
	if diff := cmp.Diff(KeyCount{Key: "hot", Records: 1500}, survey.Keys[0]); diff != "" || len(survey.Keys) != topKeys {
		t.Error(diff)
	}
	if diff := cmp.Diff([]KindCount{{"k0", 1667}, {"k1", 1667}, {"k2", 1666}}, survey.Kinds); diff != "" {
		t.Error(diff)
	}
}

func TestASurveyCountsWhatAReplayWouldSkipAndDisorder(t *testing.T) {
	survey, err := TakeSurvey(t.Context(), textOptions("{\"t\":7200000,\"key\":\"a\"}\n{\"t\":0,\"key\":\"b\"}\n{\"t\":1,\"key\":\"c\"}\nbroken\n{\"t\":7200001,\"key\":\"d\"}"), 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Disorder{Records: 2, Worst: 2 * time.Hour}, survey.Disorder); diff != "" {
		t.Error(diff)
	}
	if survey.Skipped.Count != 1 || survey.Records != 4 || survey.FirstEvent != 0 || survey.LastEvent != 7_200_001 {
		t.Errorf("%+v", survey)
	}
	if text := survey.String(); !strings.Contains(text, "-:4: not a JSON object") {
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

func TestShardsSplitTheHashKeysAsKinesisDoes(t *testing.T) {
	// The starts that CreateStream gives three shards.
	want := []string{"0", "113427455640312821154458202477256070485", "226854911280625642308916404954512140970"}
	for i, start := range record.EvenSplit(3) {
		if start.String() != want[i] {
			t.Errorf("shard %d starts at %s, want %s", i, start, want[i])
		}
	}
	p := newPeaks(7)
	for _, key := range []string{"a", "b", "JFK|1", "LGA|2", "EWR|3"} {
		h, n := record.HashOf(key), p.shardOf(key)
		if p.starts[n].Compare(h) > 0 || (n+1 < len(p.starts) && p.starts[n+1].Compare(h) <= 0) {
			t.Errorf("%s is not in shard %d", key, n)
		}
	}
}

func TestHeavyKeysAreNeverCountedTooLow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const counters = 5
		exact, h := make(map[string]int64), newHeavy(counters)
		keys := rapid.SliceOfN(rapid.StringMatching(`[a-z]`), 1, 200).Draw(t, "keys")
		for _, key := range keys {
			exact[key]++
			h.add(key)
		}
		found := make(map[string]bool)
		for _, c := range h.top(counters) {
			found[c.Key] = true
			if c.Records < exact[c.Key] || c.Records-c.Over > exact[c.Key] || c.Over > int64(len(keys))/counters {
				t.Fatalf("%+v, exactly %d of %d", c, exact[c.Key], len(keys))
			}
		}
		for key, n := range exact {
			if n > int64(len(keys))/counters && !found[key] {
				t.Fatalf("%s has %d of %d and was not found", key, n, len(keys))
			}
		}
	})
}
