package record

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// decodeTime is the event time of a JSON value.
func decodeTime(t testing.TB, format, zone, value string) (at string, err error) {
	t.Helper()
	d, err := NewDecoder(Fields{EventTime: "t", TimeFormat: format, TimeZone: zone})
	if err != nil {
		t.Fatal(err)
	}
	var got Decoded
	if err := d.Decode([]byte(`{"t":`+value+`}`), &got); err != nil && !errors.Is(err, ErrBadValue) {
		return "", err
	}
	return FormatTime(got.Event.Time, true), nil
}

func TestEventTimesInTheFormsThatPeopleHave(t *testing.T) {
	const at, milli = "2013-01-31T18:05:09.000Z", "2013-01-31T18:05:09.250Z"
	for _, c := range []struct{ format, zone, value, want string }{
		{"", "", `"2013-01-31T18:05:09Z"`, at},
		{"", "", `"2013-01-31t18:05:09z"`, at},
		{"", "", `"2013-01-31 18:05:09Z"`, at},
		{"", "", `"2013-01-31 18:05:09 UTC"`, at},
		{"", "", `"2013-01-31 18:05:09+00"`, at},
		{"", "", `"2013-01-31 20:05:09+02"`, at},
		{"", "", `"2013-01-31T18:05:09+0000"`, at},
		{"", "", `"2013-01-31T18:05:09+00:00"`, at},
		{"", "", `"2013-01-31T12:35:09-0530"`, at},
		{"", "", `"2013-01-31 18:05:09 +0000"`, at},
		{"", "", `"2013-01-31T18:05:09.250Z"`, milli},
		{"", "", `"2013-01-31T18:05:09,250Z"`, milli},
		{"", "", `"2013-01-31 18:05:09.250999999+00"`, milli},
		{"", "", `"20130131T180509Z"`, at},
		{"", "", `"2013-01-31T18:05Z"`, "2013-01-31T18:05:00.000Z"},
		{"", "", `1359655509250`, milli},
		{"", "", `"1359655509250"`, milli},
		{"", "", `1359655509250.9`, milli},
		{"s", "", `1359655509`, at},
		{"s", "", `"1359655509"`, at},
		{"s", "", `1359655509.25`, milli},
		{"s", "", `1359655509.2509`, milli},
		{"s", "", `1.359655509e9`, at},
		{"%s", "", `1359655509`, at},
		{"s", "", `-1.5`, "1969-12-31T23:59:58.500Z"},
		{"us", "", `1359655509250999`, milli},
		{"us", "", `1359655509250999.75`, milli},
		{"us", "", `-1`, "1969-12-31T23:59:59.999Z"},
		{"ns", "", `1359655509250999999`, milli},
		{"ns", "", `"1359655509250999999"`, milli},
		{"s", "", `"2013-01-31T18:05:09Z"`, at},
		{"", "UTC", `"2013-01-31 18:05:09"`, at},
		{"", "UTC", `"2013-01-31T18:05:09.25"`, milli},
		{"", "+01:00", `"2013-01-31 19:05:09"`, at},
		{"", "Europe/Berlin", `"2013-01-31 19:05:09"`, at},
		{"", "Europe/Berlin", `"2013-01-31 18:05:09Z"`, at},
		{"02/Jan/2006:15:04:05 -0700", "", `"31/Jan/2013:19:05:09 +0100"`, at},
		{"%d/%b/%Y:%H:%M:%S %z", "", `"31/Jan/2013:19:05:09 +0100"`, at},
		{"%d/%b/%Y:%H:%M:%S %z", "", `"31/Jan/2013:19:05:09 +01:00"`, at},
		{"%Y-%m-%dT%H:%M:%S.%f%z", "", `"2013-01-31T18:05:09.250000Z"`, milli},
		{"%Y-%m-%dT%H:%M:%S.%f%z", "", `"2013-01-31T18:05:09.250+0000"`, milli},
		{"%m/%d/%Y %I:%M:%S %p", "UTC", `"01/31/2013 06:05:09 PM"`, at},
		{"%d.%m.%Y %H:%M:%S", "Europe/Berlin", `"31.01.2013 19:05:09"`, at},
		{"%Y%m%d%H%M%S", "UTC", `"20130131180509"`, at},
		{"20060102150405", "UTC", `20130131180509`, at},
		{"%-m/%-d/%Y %-I:%M:%S %p", "UTC", `"1/31/2013 6:05:09 PM"`, at},
		{"%-d.%-m.%Y %-H:%-M:%-S", "UTC", `"31.1.2013 18:5:9"`, at},
		{"%-d.%-m.%Y %-H:%-M:%-S.%f", "UTC", `"31.1.2013 18:5:9.25"`, milli},
		{"%Y-%m-%dT%H:%M:%S,%f", "UTC", `"2013-01-31T18:05:09,250"`, milli},
		{"%d. %B %Y, %H:%M:%S", "UTC", `"31. January 2013, 18:05:09"`, at},
		{"Mon, 02 Jan 2006 15:04:05 GMT", "+03:00", `"Thu, 31 Jan 2013 18:05:09 GMT"`, at},
		{"%Y-%m-%dT%H:%M:%S.%fZ", "", `"2013-01-31T18:05:09.250Z"`, milli},
		{"%d.%m.%Y %H:%M:%SZ", "Europe/Berlin", `"31.01.2013 18:05:09Z"`, at},
		{"%s.%f", "", `"1359655509.25"`, milli},
		{"2006-02-01T15:04:05Z", "UTC", `"2013-06-05T18:05:09Z"`, "2013-05-06T18:05:09.000Z"},
		{"%Y-%m-%d %H:%M:%S", "UTC", `"2013-01-31T18:05:09Z"`, at},
		{"%Y-%m-%dT%H:%M:%SZ", "+05:00", `"2013-01-31T18:05:09Z"`, at},
		{"%Y-%m-%dT%H:%M:%SZ", "+05:00", `"2013-01-31T18:05:09.250Z"`, milli},
		{"%d.%m.%Y %H:%M:%S,%f", "UTC", `"31.01.2013 18:05:09,250"`, milli},
		{"", "", `"2016-12-31T23:59:60Z"`, "2017-01-01T00:00:00.000Z"},
		{"", "", `"2016-12-31T23:59:60.250Z"`, "2017-01-01T00:00:00.250Z"},
		{"", "", `"2016-12-31T15:59:60-08:00"`, "2017-01-01T00:00:00.000Z"},
		{"", "+01:00", `"2017-01-01 00:59:60"`, "2017-01-01T00:00:00.000Z"},
		{"", "", `"2013-01-31T24:00:00Z"`, "2013-02-01T00:00:00.000Z"},
		{"", "", `"2013-01-31T24:00Z"`, "2013-02-01T00:00:00.000Z"},
	} {
		if _, err := ParseZone(c.zone); err != nil && strings.Contains(c.zone, "/") {
			continue // a machine without zones
		}
		got, err := decodeTime(t, c.format, c.zone, c.value)
		if got != c.want {
			t.Errorf("%q %q %s: %s (%v), want %s", c.format, c.zone, c.value, got, err, c.want)
		}
	}
}

func TestATimeWithoutAZoneIsNone(t *testing.T) {
	for _, value := range []string{
		`"2013-01-31T18:05:09"`, `"2013-01-31 18:05:09"`, `"2013-01-31 18:05:09.5"`, `"2013-01-31"`, `"2013-02-30 18:05:09Z"`, `"2013-01-31 24:05:09Z"`,
		`"2013-01-31T18:05:60Z"`, `"2013-01-30T23:59:60Z"`, `"2013-01-31T23:59:60-08:00"`, `"2013-01-31T24:00:01Z"`, `"2013-01-31T24:00:00.5Z"`, `"2013-01-31T25:00:00Z"`, `"2013-01-31T23:59:61Z"`,
		`"2013-01-31 18:05:09 CET"`, `"2013-01-31 18:05:09+1"`, `"2013-01-31 18:05:09+25:00"`, `"31/Jan/2013:18:05:09"`, `""`, `"Z"`, `" 2013-01-31T18:05:09Z"`,
		`"2013-01-31T18:05:09.Z"`, `"+2013-01-31T18:05:09Z"`, `"2013-01-31T18:05:09ZZ"`, `true`, `{}`, `null`,
	} {
		if at, err := decodeTime(t, "", "", value); !errors.Is(err, ErrNoEventTime) {
			t.Errorf("%s is %s (%v)", value, at, err)
		}
	}
}

// A number that the layout does not fit would else be milliseconds of 1970, or of the year 2608.
func TestWithALayoutANumberThatDoesNotFitItIsNoTime(t *testing.T) {
	for _, value := range []string{`20130131`, `"20130131"`, `201301311805`, `1359655509250`, `5`} {
		if at, err := decodeTime(t, "20060102150405", "UTC", value); !errors.Is(err, ErrNoEventTime) {
			t.Errorf("%s is %s (%v)", value, at, err)
		}
	}
}

func TestAnEventTimeIsReadWithoutMemoryOfItsOwn(t *testing.T) {
	form, err := newTimeForm("", "UTC")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"2013-01-31T18:05:09Z", "2013-01-31T18:05:09.250+00:00", "2013-01-31 18:05:09.250", "20130131T180509Z", "2013-01-31 18:05 UTC", "1359655509250"} {
		if n := testing.AllocsPerRun(100, func() { _, _ = form.parse(text, false) }); n > 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func TestTimeFormatsThatCannotBe(t *testing.T) {
	for _, c := range []struct{ format, zone, want string }{
		{"%Y-%m-%d %H:%M:%S", "", "has no zone"},
		{"2006-01-02 15:04:05", "", "has no zone"},
		{"2006-01-02", "UTC", "has no hour"},
		{"15:04:05", "UTC", "has no day"},
		{"Jan 02 15:04:05", "UTC", "has no year"},
		{"Mon Jan 02 15:04:05", "UTC", "has no year"},
		{"%Y %d %H:%M:%S", "UTC", "has no month"},
		{"%Y %A %d %H:%M:%S", "UTC", "has no month"},
		{"%Y-%m %A %H:%M:%S", "UTC", "has no day"},
		{"%Y-%m-%d %H h %S", "UTC", "has seconds and no minutes"},
		{"2006-01-02 15:04:05 MST", "", "abbreviation of a zone"},
		{"%Y-%m-%d %H:%M:%S %Z", "", "has %Z, which is not taken"},
		{"%Y-%", "UTC", "ends in a %"},
		{"hours", "UTC", "has no day"},
		{"%Y-%m-%d %I:%M:%S", "UTC", "has an hour of twelve, and no AM or PM"},
		{"2006-01-02 03:04:05", "UTC", "has an hour of twelve, and no AM or PM"},
		{"%Y-%m-%d %H:%M:%S %s", "UTC", "has %s beside other parts"},
		{"%Y-%j %-j %H:%M:%S", "UTC", "has %-j, which is not taken"},
		{"%:Y-%m-%d %H:%M:%S", "UTC", "has %:Y, which is not taken"},
		{"%Y-%m-%d at 1 %H:%M:%S", "UTC", "has text that cannot be told from a part of a time"},
		{"%Y-%m-%d Mon %H:%M:%S", "UTC", "has text that cannot be told from a part of a time"},
		{"", "Mars/Olympus", `time zone "Mars/Olympus" is not known`},
		{"", "Local", "is not known"},
		{"", "+25:00", "is not known"},
	} {
		_, err := NewDecoder(Fields{EventTime: "t", TimeFormat: c.format, TimeZone: c.zone})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %q: %v, want %s", c.format, c.zone, err, c.want)
		}
	}
}

// TestATimeIsWrittenInItsOwnForm is what laps and shifts rely on: what is written reads as it was meant, and looks as what was there.
func TestATimeIsWrittenInItsOwnForm(t *testing.T) {
	const hour = 3_600_000
	for _, c := range []struct{ format, zone, old, want string }{
		{"", "", `"2013-01-31t18:05:09z"`, `"2013-01-31t19:05:09z"`},
		{"", "", `"2013-01-31 18:05:09,2501 +00"`, `"2013-01-31 19:05:09,2501 +00"`},
		{"", "", `"2013-01-31T18:05+0100"`, `"2013-01-31T19:05+0100"`},
		{"", "", `"20130131T230509Z"`, `"20130201T000509Z"`},
		{"", "UTC", `"2013-01-31 18:05:09"`, `"2013-01-31 19:05:09"`},
		{"s", "", `1359655509`, `1359659109`},
		{"s", "", `1359655509.25`, `1359659109.25`},
		{"s", "", `"1359655509.2501"`, `"1359659109.2501"`},
		{"us", "", `1359655509250999`, `1359659109250999`},
		{"ns", "", `1359655509250999001`, `1359659109250999001`},
		{"%d/%b/%Y:%H:%M:%S %z", "", `"31/Jan/2013:23:05:09 +0100"`, `"01/Feb/2013:00:05:09 +0100"`},
		{"2006/01/02 15:04:05", "UTC", `"2013/01/31 18:05:09.500"`, `"2013/01/31 19:05:09.500"`},
		{"%d.%m.%Y %H:%M:%S", "UTC", `"31.01.2013 18:05:09.500001"`, `"31.01.2013 19:05:09.500001"`},
		{"%d.%m.%Y %H:%M:%S,%f", "UTC", `"31.01.2013 18:05:09,250"`, `"31.01.2013 19:05:09,250"`},
		{"%d.%m.%Y\\%H:%M:%S", "UTC", `"31.01.2013\\18:05:09"`, `"31.01.2013\\19:05:09"`},
		{"2006-02-01T15:04:05Z", "UTC", `"2013-06-05T18:05:09Z"`, `"2013-06-05T19:05:09Z"`},
	} {
		d, err := NewDecoder(Fields{EventTime: "t", TimeFormat: c.format, TimeZone: c.zone})
		if err != nil {
			t.Fatal(err)
		}
		var got Decoded
		_ = d.Decode([]byte(`{"t":`+c.old+`}`), &got)
		text, err := d.AppendTime(nil, []byte(c.old), got.Event.Time+hour)
		if err != nil || string(text) != c.want {
			t.Errorf("%q %s: %s (%v), want %s", c.format, c.old, text, err, c.want)
		}
	}
}

// TestTheGrainOfAFormCanBeWritten goes through steps of the grain, and sees to it that no finer one can be written.
func TestTheGrainOfAFormCanBeWritten(t *testing.T) {
	for _, c := range []struct {
		format, zone string
		grain        int64
	}{
		{"", "", 1},
		{"s", "", 1},
		{"ns", "", 1},
		{"%d.%m.%Y %H:%M:%S", "UTC", 1},
		{"20060102150405", "UTC", 1},
		{"2006/01/02 15:04:05.0", "UTC", 100},
		{"2006/01/02 15:04:05.00", "UTC", 10},
		{"1/2/2006 15:04", "+05:30", 60_000},
		{"1/2/2006 3:04 PM", "UTC", 60_000},
		{"%d.%m.%Y %H", "+05:30", 3_600_000},
		{"%d.%m.%Y %I %p %z", "", 3_600_000},
	} {
		d, err := NewDecoder(Fields{EventTime: "t", TimeFormat: c.format, TimeZone: c.zone})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.TimeGrain(); got != c.grain {
			t.Errorf("%q: %d, want %d", c.format, got, c.grain)
		}
		if len(d.times.layouts) == 0 {
			continue
		}
		hour := time.Date(2013, time.January, 31, 22, 0, 0, 0, d.times.location())
		old := hour.Format(d.times.layouts[0])
		for step := range int64(200) {
			to := hour.UnixMilli() + step*c.grain
			written, err := d.times.write(old, isNumber(old), to)
			if read, ok := d.times.parse(written, isNumber(old)); err != nil || !ok || read != to {
				t.Errorf("%q: %d steps are written %q (%v)", c.format, step, written, err)
			}
		}
		if _, err := d.times.write(old, isNumber(old), hour.UnixMilli()+c.grain/10); c.grain > 1 && !errors.Is(err, ErrTimeForm) {
			t.Errorf("%q: a tenth of %d: %v", c.format, c.grain, err)
		}
	}
}

// comesTwice says that an instant's clock in a zone is that of another instant, too, as when summer time ends.
func comesTwice(at time.Time, zone *time.Location) bool {
	const clock = "2006-01-02 15:04:05"
	for away := 30 * time.Minute; away <= 3*time.Hour; away += 30 * time.Minute {
		if here := at.In(zone).Format(clock); here == at.Add(away).In(zone).Format(clock) || here == at.Add(-away).In(zone).Format(clock) {
			return true
		}
	}
	return false
}

// TestWhatIsWrittenIsRead goes through the forms, instants and zones, those with summer time, too: what cannot be written is an error, and nothing else is.
func TestWhatIsWrittenIsRead(t *testing.T) {
	formats := []string{"", "s", "ms", "us", "ns", "02/Jan/2006:15:04:05 -0700", "%Y-%m-%d %H:%M:%S.%f%z", "2006-01-02 15:04:05", "%-d.%-m.%Y %-I:%M:%S.%f %p"}
	zones := []string{"UTC", "+03:00", "-09:30"}
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"} {
		if _, err := time.LoadLocation(name); err == nil {
			zones = append(zones, name)
		}
	}
	changes := []int64{0, 1351386000, 1352008800, 1365260400, 1792890000} // when clocks are changed there, and 1970
	instant := func(t *rapid.T, name string) time.Time {
		s := rapid.Int64Range(0, 4_000_000_000).Draw(t, name)
		if rapid.Bool().Draw(t, name+" near a change") {
			s = rapid.SampledFrom(changes).Draw(t, name+" change") + s%20_000
		}
		return time.UnixMilli(1000*s + int64(rapid.SampledFrom([]int{0, 250, 999}).Draw(t, name+" ms")))
	}
	rapid.Check(t, func(t *rapid.T) {
		format, zoneName := rapid.SampledFrom(formats).Draw(t, "format"), rapid.SampledFrom(zones).Draw(t, "time zone")
		d, err := NewDecoder(Fields{EventTime: "t", TimeFormat: format, TimeZone: zoneName})
		if err != nil {
			t.Fatal(err)
		}
		zone, err := ParseZone(zoneName)
		if err != nil {
			t.Fatal(err)
		}
		from, plain := instant(t, "from"), false
		offset := time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(t, "offset")*60)
		forms := []string{
			from.In(offset).Format(`"2006-01-02 15:04:05.000-0700"`), from.UTC().Format(`"2006-01-02t15:04:05.000z"`), from.In(offset).Format(`"2006-01-02T15:04:05.000000 -07:00"`),
		}
		if rapid.Bool().Draw(t, "without a zone") {
			plain, forms = true, []string{from.In(zone).Format(`"2006-01-02 15:04:05.000"`)}
		}
		switch format {
		case "s":
			plain, forms = false, []string{fmt.Sprintf("%d.%03d", from.Unix(), from.UnixMilli()%1000)}
		case "ms":
			plain, forms = false, []string{fmt.Sprint(from.UnixMilli())}
		case "us":
			plain, forms = false, []string{fmt.Sprint(from.UnixMicro()), fmt.Sprintf(`"%d"`, from.UnixMicro())}
		case "ns":
			plain, forms = false, []string{fmt.Sprint(from.UnixNano())}
		case formats[5]:
			from = from.Truncate(time.Second)
			plain, forms = false, []string{from.In(offset).Format(`"` + formats[5] + `"`)}
		case formats[8]:
			plain, forms = true, []string{from.In(zone).Format(`"2.1.2006 3:04:05.000 PM"`)}
		}
		old := rapid.SampledFrom(forms).Draw(t, "old")
		var got Decoded
		if err := d.Decode([]byte(`{"t":`+old+`}`), &got); err != nil || got.Event.Time != from.UnixMilli() && !(plain && comesTwice(from, zone)) {
			t.Fatalf("%q: %s is %d, want %d (%v)", format, old, got.Event.Time, from.UnixMilli(), err)
		}
		to := instant(t, "to")
		text, err := d.AppendTime(nil, []byte(old), to.UnixMilli())
		if errors.Is(err, ErrTimeForm) && plain && comesTwice(to, zone) {
			return
		}
		if err != nil {
			t.Fatalf("%q: %s cannot become %s: %v", format, old, to, err)
		}
		if err := d.Decode([]byte(`{"t":`+string(text)+`}`), &got); err != nil || got.Event.Time != to.UnixMilli() {
			t.Fatalf("%q: %s became %s, which is %d, want %d (%v)", format, old, text, got.Event.Time, to.UnixMilli(), err)
		}
	})
}

// TestAnHourThatComesTwiceIsWrittenRightOrNotAtAll goes through the night in which summer time ends.
func TestAnHourThatComesTwiceIsWrittenRightOrNotAtAll(t *testing.T) {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip(err)
	}
	d, err := NewDecoder(Fields{EventTime: "t", TimeZone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	unwritten := 0
	start := time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC)
	for minute := range 12 * 60 {
		to := start.Add(time.Duration(minute) * time.Minute).UnixMilli()
		text, err := d.AppendTime(nil, []byte(`"2013-01-31 19:05:09"`), to)
		if errors.Is(err, ErrTimeForm) {
			unwritten++
			continue
		}
		var got Decoded
		if err := d.Decode([]byte(`{"t":`+string(text)+`}`), &got); err != nil || got.Event.Time != to {
			t.Errorf("%s is %s, meant %s", text, FormatTime(got.Event.Time, false), FormatTime(to, false))
		}
	}
	if unwritten != 60 {
		t.Errorf("%d minutes cannot be written", unwritten)
	}
}

func FuzzEventTime(f *testing.F) {
	for _, seed := range []string{"2013-01-31T18:05:09Z", "2013-01-31 18:05:09,25+0100", "20130131T180509Z", "1359655509.25", "31/Jan/2013:18:05:09 +0000", "-1e3"} {
		for _, format := range []string{"", "s", "ns", "%d/%b/%Y:%H:%M:%S %z"} {
			f.Add(seed, format)
		}
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		form, err := newTimeForm(format, "")
		if err != nil {
			return
		}
		ms, ok := form.parse(text, false)
		if !ok {
			return
		}
		again, ok := form.rewrite(text, ms)
		if !ok {
			t.Fatalf("%q cannot be written again", text)
		}
		if back, ok := form.parse(again, false); !ok || back != ms {
			t.Errorf("%q is %d; written again %q, which is %d", text, ms, again, back)
		}
	})
}
