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
		`"2013-01-31 18:05:09 CET"`, `"2013-01-31 18:05:09+1"`, `"2013-01-31 18:05:09+25:00"`, `"31/Jan/2013:18:05:09"`, `""`, `"Z"`, `" 2013-01-31T18:05:09Z"`,
		`"2013-01-31T18:05:09.Z"`, `"+2013-01-31T18:05:09Z"`, `"2013-01-31T18:05:09ZZ"`, `true`, `{}`, `null`,
	} {
		if at, err := decodeTime(t, "", "", value); !errors.Is(err, ErrNoEventTime) {
			t.Errorf("%s is %s (%v)", value, at, err)
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
		{"2006-01-02 15:04:05 MST", "", "abbreviation of a zone"},
		{"%Y-%m-%d %H:%M:%S %Z", "", "has %Z, which is not taken"},
		{"%Y-%", "UTC", "ends in a %"},
		{"hours", "UTC", "has no day"},
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

// TestWhatIsWrittenIsRead goes through the forms, instants and zones.
func TestWhatIsWrittenIsRead(t *testing.T) {
	formats := []string{"", "s", "ms", "us", "ns", "02/Jan/2006:15:04:05 -0700", "%Y-%m-%d %H:%M:%S.%f%z", "2006-01-02 15:04:05"}
	rapid.Check(t, func(t *rapid.T) {
		format := rapid.SampledFrom(formats).Draw(t, "format")
		d, err := NewDecoder(Fields{EventTime: "t", TimeFormat: format, TimeZone: "+03:00"})
		if err != nil {
			t.Fatal(err)
		}
		from := time.UnixMilli(1000 * rapid.Int64Range(0, 4_000_000_000).Draw(t, "from")).Add(time.Duration(rapid.SampledFrom([]int{0, 250, 999}).Draw(t, "ms")) * time.Millisecond)
		from = from.In(time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(t, "zone")*60))
		forms := []string{
			from.Format(`"2006-01-02 15:04:05.000-0700"`), from.UTC().Format(`"2006-01-02t15:04:05.000z"`), from.Format(`"2006-01-02T15:04:05.000000 -07:00"`),
			from.In(time.FixedZone("", 3*3600)).Format(`"2006-01-02 15:04:05.000"`),
		}
		switch format {
		case "s":
			forms = []string{fmt.Sprintf("%d.%03d", from.Unix(), from.UnixMilli()%1000)}
		case "ms":
			forms = []string{fmt.Sprint(from.UnixMilli())}
		case "us":
			forms = []string{fmt.Sprint(from.UnixMicro()), fmt.Sprintf(`"%d"`, from.UnixMicro())}
		case "ns":
			forms = []string{fmt.Sprint(from.UnixNano())}
		case formats[5]:
			from = from.Truncate(time.Second)
			forms = []string{from.Format(`"` + formats[5] + `"`)}
		}
		old := rapid.SampledFrom(forms).Draw(t, "old")
		var got Decoded
		if err := d.Decode([]byte(`{"t":`+old+`}`), &got); err != nil || got.Event.Time != from.UnixMilli() {
			t.Fatalf("%q: %s is %d, want %d (%v)", format, old, got.Event.Time, from.UnixMilli(), err)
		}
		to := rapid.Int64Range(0, 4_000_000_000_000).Draw(t, "to")
		text, err := d.AppendTime(nil, []byte(old), to)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decode([]byte(`{"t":`+string(text)+`}`), &got); err != nil || got.Event.Time != to {
			t.Fatalf("%q: %s became %s, which is %d, want %d (%v)", format, old, text, got.Event.Time, to, err)
		}
	})
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
