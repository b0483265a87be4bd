package replay

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDatesInPaths(t *testing.T) {
	for name, want := range map[string]string{
		"2013/01/31/18/orders-1-2013-01-31-18-05-00-uuid":     "2013-01-31T18:00:00Z 1h0m0s",
		"firehose/2013/01/31/18/x":                            "2013-01-31T18:00:00Z 1h0m0s",
		"2013/01/31/x":                                        "2013-01-31T00:00:00Z 24h0m0s",
		"2013/02/x":                                           "",
		"store/2013/07/x":                                     "",
		"2013/01/31/07/2014/02/01/x":                          "",
		"2013/2013/01/31/x":                                   "2013-01-31T00:00:00Z 24h0m0s",
		"yyyy=2013/MM=01/dd=31/HH=18/mm=05/x":                 "2013-01-31T18:00:00Z 1h0m0s",
		"year=2013/month=1/day=31/hour=18/mm=05/x":            "2013-01-31T18:00:00Z 1h0m0s",
		"y=2013/m=1/d=31/h=18/m=5/x":                          "2013-01-31T18:00:00Z 1h0m0s",
		"YEAR=2013/MONTH=01/DAY=31/x":                         "2013-01-31T00:00:00Z 24h0m0s",
		"dt=2013-01-31/ingest_date=2013-02-05/x":              "",
		"dt=2013-01-31/ingest_date=2013-01-31/x":              "2013-01-31T00:00:00Z 24h0m0s",
		"dt=2013-01-31/2013/02/01/x":                          "",
		"dt=2013-01-31/2013/01/31/18/x":                       "2013-01-31T18:00:00Z 1h0m0s",
		"order=2011-01/x":                                     "",
		"customer=20130131/x":                                 "",
		"dt=2013-01-31/customer=20110203/x":                   "2013-01-31T00:00:00Z 24h0m0s",
		"ds=2013-01-31/x":                                     "2013-01-31T00:00:00Z 24h0m0s",
		"day=2013-01-31/x":                                    "2013-01-31T00:00:00Z 24h0m0s",
		"month=2013-01/x":                                     "2013-01-01T00:00:00Z 744h0m0s",
		"date=2013-01-31/hour=18/order_date=none/x":           "2013-01-31T18:00:00Z 1h0m0s",
		"=2013-01-31/x":                                       "",
		"dt=2013-01-31/x":                                     "2013-01-31T00:00:00Z 24h0m0s",
		"kind=a/dt=2013-01-31/hour=18/x":                      "2013-01-31T18:00:00Z 1h0m0s",
		"year=2013/month=1/day=31/hour=7/part-0.parquet":      "2013-01-31T07:00:00Z 1h0m0s",
		"year=2013/month=12/x":                                "2013-12-01T00:00:00Z 744h0m0s",
		"datehour=2013-01-31-18/x":                            "2013-01-31T18:00:00Z 1h0m0s",
		"event_date=20130131/x":                               "2013-01-31T00:00:00Z 24h0m0s",
		"ts=2013-01-31 18/x":                                  "2013-01-31T18:00:00Z 1h0m0s",
		"2013-01-31.ndjson":                                   "",
		"2013/x":                                              "",
		"a/b/c":                                               "",
		"dt=2013-02-30/x":                                     "",
		"2013/13/01/00/x":                                     "",
		"2013/02/31/00/x":                                     "",
		"hour=18/x":                                           "",
		"year=__HIVE_DEFAULT_PARTITION__/month=1/day=1/x":     "",
		"shard=0007/x":                                        "",
		"order=2013/x":                                        "",
		"2013/01/31/24/x":                                     "",
		"processing-failed/2013/01/31/18/orders-1-2013-01-31": "2013-01-31T18:00:00Z 1h0m0s",
	} {
		got := ""
		if d, ok := datesIn(name); ok {
			start, end := d.span(time.UTC)
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
	if found.Records != 4 || found.Files != 4 || found.Unopened.Files != 3 || found.Skipped.Count != 0 {
		t.Errorf("%d records in %d files, %s not opened, %+v", found.Records, found.Files, found.Unopened, found.Skipped)
	}
	if text := found.String(); !strings.Contains(text, "3 files by the dates in their paths, 2013/01/01/08/a to 2013/01/01/13/f") {
		t.Error(text)
	}
	o.AllFiles = true
	if found, err = TakeSurvey(t.Context(), o, 1); err != nil || found.Skipped.Count != 3 || found.Unopened.Files != 0 {
		t.Errorf("%+v, %v", found.Skipped, err)
	}
	o.AllFiles, o.From, o.To = false, mustInstant(t, "2020-01-01"), time.Time{}
	o.Source = folder(t, map[string]string{"2013/01/01/08/a": "x", "2013/01/01/09/a": "x"})
	if _, err := TakeSurvey(t.Context(), o, 1); err == nil || !strings.Contains(err.Error(), "not opened: 2 files by the dates in their paths, 2013/01/01/08/a to 2013/01/01/09/a (--all-files opens them)") {
		t.Error(err)
	}
}

// Firehose writes UTC into its paths whatever zone the event times have; a job of the user's own may write the zone.
func TestAPathMayBeOfUTCAndOfTheZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	p := partitions{zones: []*time.Location{time.UTC, berlin}, from: mustInstant(t, "2013-07-01T00:00:00Z"), to: mustInstant(t, "2013-07-01T01:00:00Z")}
	var inside []string
	for _, hour := range []string{"00", "01", "02", "03", "04"} {
		if name := "2013/07/01/" + hour + "/x"; !p.outside(name) {
			inside = append(inside, hour)
		}
	}
	if !slices.Equal(inside, []string{"00", "02"}) {
		t.Error(inside)
	}
}

func TestAnHourThatComesTwiceIsBoth(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	d, ok := datesIn("2026/10/25/02/x")
	start, end := d.span(berlin)
	if !ok || !start.Equal(mustInstant(t, "2026-10-25T00:00:00Z")) || !end.Equal(mustInstant(t, "2026-10-25T02:00:00Z")) {
		t.Errorf("%s to %s", start, end)
	}
}

func TestTheZoneOfEventTimesLeavesNoFileOfFirehoseOut(t *testing.T) {
	o := textOptions("")
	o.Source = folder(t, map[string]string{"2013/07/01/22/a": `{"key":"k","t":"2013-07-02 00:10:00"}`, "2013/07/01/08/b": "x"})
	o.Fields.TimeZone, o.From, o.To = "+02:00", mustInstant(t, "2013-07-01T22:00:00Z"), mustInstant(t, "2013-07-01T23:00:00Z")
	records, stats := play(t, o)
	if len(records) != 1 || stats.Unopened != (UnopenedFiles{1, "2013/07/01/08/b", "2013/07/01/08/b"}) || stats.Skipped.Count != 0 {
		t.Errorf("%d records, %+v", len(records), stats)
	}
}

func TestFilesThatAreNotOpenedAreCountedOnceInALoop(t *testing.T) {
	o := textOptions("")
	o.Source = folder(t, map[string]string{"2013/01/01/10/a": `{"key":"k","t":"2013-01-01T10:10:00Z"}`, "2013/01/01/18/b": "x"})
	o.From, o.To, o.Loop = mustInstant(t, "2013-01-01T10:00:00Z"), mustInstant(t, "2013-01-01T11:00:00Z"), 3
	if records, stats := play(t, o); len(records) != 3 || stats.Unopened.Files != 1 {
		t.Errorf("%d records, %+v", len(records), stats.Unopened)
	}
}

func TestARecordingWithoutARecordOfThoseAskedForNamesTheFilesThatWereNotOpened(t *testing.T) {
	o := textOptions("")
	o.Source = folder(t, map[string]string{"2013/01/01/10/a": `{"key":"k","t":"2013-01-01T08:10:00Z"}`, "2013/01/01/18/b": "x"})
	o.From, o.To = mustInstant(t, "2013-01-01T10:00:00Z"), mustInstant(t, "2013-01-01T11:00:00Z")
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "not opened: 1 file by the date in its path, 2013/01/01/18/b (--all-files opens them)") {
		t.Error(err)
	}
}

func TestTheLookAtEventTimesOpensNoFileOutsideOfTheStretch(t *testing.T) {
	o := textOptions("")
	o.Source = folder(t, map[string]string{"2013/01/01/08/a": `{"key":"k","t":1357027200}`, "2013/01/01/18/b": `{"key":"k","t":"2013-01-01T18:00:00Z"}`})
	o.From, o.To = mustInstant(t, "2013-01-01T17:00:00Z"), mustInstant(t, "2013-01-01T20:00:00Z")
	got, err := GuessTimes(t.Context(), o, mustInstant(t, "2026-01-01"))
	if err != nil || got != (Times{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnOffsetIsAZoneOfPathsToo(t *testing.T) {
	o := textOptions("")
	o.Source = folder(t, map[string]string{"dt=2013-01-01/hour=02/a": `{"key":"k","t":"2013-01-01 02:10:00"}`, "dt=2013-01-01/hour=06/b": "x"})
	o.Fields.TimeZone, o.From, o.To = "+02:00", mustInstant(t, "2013-01-01T00:00:00Z"), mustInstant(t, "2013-01-01T01:00:00Z")
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil || found.Records != 1 || found.Unopened.Files != 1 || found.Skipped.Count != 0 {
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
