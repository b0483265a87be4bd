package replay

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDatesInPaths(t *testing.T) {
	for name, want := range map[string]string{
		"2013/01/31/18/orders-1-2013-01-31-18-05-00-uuid": "2013-01-31T18:00:00Z 1h0m0s",
		"firehose/2013/01/31/18/x":                        "2013-01-31T18:00:00Z 1h0m0s",
		"2013/01/31/x":                                    "2013-01-31T00:00:00Z 24h0m0s",
		"2013/02/x":                                       "2013-02-01T00:00:00Z 672h0m0s",
		"dt=2013-01-31/x":                                 "2013-01-31T00:00:00Z 24h0m0s",
		"kind=a/dt=2013-01-31/hour=18/x":                  "2013-01-31T18:00:00Z 1h0m0s",
		"year=2013/month=1/day=31/hour=7/part-0.parquet":  "2013-01-31T07:00:00Z 1h0m0s",
		"year=2013/month=12/x":                            "2013-12-01T00:00:00Z 744h0m0s",
		"datehour=2013-01-31-18/x":                        "2013-01-31T18:00:00Z 1h0m0s",
		"event_date=20130131/x":                           "2013-01-31T00:00:00Z 24h0m0s",
		"ts=2013-01-31 18/x":                              "2013-01-31T18:00:00Z 1h0m0s",
		"2013-01-31.ndjson":                               "",
		"2013/x":                                          "",
		"a/b/c":                                           "",
		"dt=2013-02-30/x":                                 "",
		"2013/13/01/00/x":                                 "",
		"2013/02/31/00/x":                                 "",
		"hour=18/x":                                       "",
		"year=__HIVE_DEFAULT_PARTITION__/month=1/day=1/x": "",
		"shard=0007/x":    "",
		"order=2013/x":    "",
		"2013/01/31/24/x": "",
		"processing-failed/2013/01/31/18/orders-1-2013-01-31": "2013-01-31T18:00:00Z 1h0m0s",
	} {
		p := partitions{zone: time.UTC}
		got := ""
		if start, end, ok := p.span(name); ok {
			got = start.Format(time.RFC3339) + " " + end.Sub(start).String()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestFilesOutsideOfTheStretchAreNotOpened(t *testing.T) {
	line := func(at string) string { return `{"key":"k","t":"2013-01-01T` + at + `:00Z"}` + "\n" }
	root := folder(t, map[string]string{
		"2013/01/01/08/a": "this would be a skip\n", "2013/01/01/09/b": line("10:10"), "2013/01/01/10/c": line("10:20"), "2013/01/01/11/d": line("10:59"),
		"2013/01/01/12/e": "this would be a skip\n", "2013/01/01/13/f": "this would be a skip\n", "other": line("10:30"),
	})
	o := textOptions("")
	o.Source = root
	o.From, o.To = mustInstant(t, "2013-01-01T10:00:00Z"), mustInstant(t, "2013-01-01T11:00:00Z")
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil {
		t.Fatal(err)
	}
	if found.Records != 4 || found.Files != 4 || found.Unopened != 3 || found.Skipped.Count != 0 {
		t.Errorf("%d records in %d files, %d not opened, %+v", found.Records, found.Files, found.Unopened, found.Skipped)
	}
	if text := found.String(); !strings.Contains(text, "3 files by the dates in their paths, 2013/01/01/08/a to 2013/01/01/13/f") {
		t.Error(text)
	}
	o.AllFiles = true
	if found, err = TakeSurvey(t.Context(), o, 1); err != nil || found.Skipped.Count != 3 || found.Unopened != 0 {
		t.Errorf("%+v, %v", found.Skipped, err)
	}
	o.AllFiles, o.From, o.To = false, mustInstant(t, "2020-01-01"), time.Time{}
	o.Source = folder(t, map[string]string{"2013/01/01/08/a": "x", "2013/01/01/09/a": "x"})
	if _, err := TakeSurvey(t.Context(), o, 1); err == nil || !strings.Contains(err.Error(), "2013/01/01/08/a to 2013/01/01/09/a lie elsewhere") {
		t.Error(err)
	}
}

func TestAZoneIsThatOfThePathsToo(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	p := partitions{zone: berlin, from: mustInstant(t, "2013-07-01T00:00:00Z"), to: mustInstant(t, "2013-07-01T01:00:00Z")}
	var inside []string
	for _, hour := range []string{"00", "01", "02", "03", "04"} {
		if name := "2013/07/01/" + hour + "/x"; !p.outside(name) {
			inside = append(inside, hour)
		}
	}
	if !slices.Equal(inside, []string{"02"}) {
		t.Error(inside)
	}
}

func TestAnOffsetIsAZoneOfPathsToo(t *testing.T) {
	o := textOptions("")
	o.Source = folder(t, map[string]string{"dt=2013-01-01/hour=02/a": `{"key":"k","t":"2013-01-01 02:10:00"}`, "dt=2013-01-01/hour=06/b": "x"})
	o.Fields.TimeZone, o.From, o.To = "+02:00", mustInstant(t, "2013-01-01T00:00:00Z"), mustInstant(t, "2013-01-01T01:00:00Z")
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil || found.Records != 1 || found.Unopened != 1 || found.Skipped.Count != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func mustInstant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
