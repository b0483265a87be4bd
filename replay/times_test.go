package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"weir/record"
)

var guessNow = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// writtenTimes are recordings' event times in one form each.
type writtenTimes struct {
	name  string
	write func(time.Time) string // a JSON value
	zone  string                 // what the user has to say, if anything
	exact time.Duration
	// ambiguous says that day and month may stand in either order.
	ambiguous bool
}

func layoutTimes(layout, zone string, exact time.Duration) writtenTimes {
	return writtenTimes{name: layout, zone: zone, exact: exact, write: func(at time.Time) string { return at.UTC().Format(`"` + layout + `"`) }}
}

func numberTimes(name string, exact time.Duration, format string, number func(time.Time) any) writtenTimes {
	return writtenTimes{name: name, exact: exact, write: func(at time.Time) string { return fmt.Sprintf(format, number(at)) }}
}

func allWrittenTimes() []writtenTimes {
	all := []writtenTimes{
		numberTimes("s", time.Second, "%d", func(at time.Time) any { return at.Unix() }),
		numberTimes("s in text", time.Second, `"%d"`, func(at time.Time) any { return at.Unix() }),
		numberTimes("s with a fraction", time.Millisecond, "%s", func(at time.Time) any { return fmt.Sprintf("%d.%03d", at.Unix(), at.UnixMilli()%1000) }),
		numberTimes("ms", time.Millisecond, "%d", func(at time.Time) any { return at.UnixMilli() }),
		numberTimes("ms in text", time.Millisecond, `"%d"`, func(at time.Time) any { return at.UnixMilli() }),
		numberTimes("us", time.Millisecond, "%d", func(at time.Time) any { return at.UnixMicro() }),
		numberTimes("ns", time.Millisecond, "%d", func(at time.Time) any { return at.UnixNano() }),
		numberTimes("ns in text", time.Millisecond, `"%d"`, func(at time.Time) any { return at.UnixNano() }),
	}
	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05 -0700", "2006-01-02t15:04:05z", "20060102T150405Z", "2006-01-02 15:04:05 UTC",
		"02/Jan/2006:15:04:05 -0700", "Mon, 02 Jan 2006 15:04:05 -0700", "Mon Jan 02 15:04:05 -0700 2006", "Mon, 02 Jan 2006 15:04:05 GMT", "2006/01/02 15:04:05 -0700",
	} {
		all = append(all, layoutTimes(layout, "", time.Second))
	}
	all = append(all, layoutTimes("2006-01-02 15:04:05.000000+00", "", time.Millisecond))
	for _, layout := range []string{
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006/01/02 15:04:05", "02-Jan-2006 15:04:05", "Mon Jan _2 15:04:05 2006", "20060102150405", "20060102 15:04:05",
	} {
		all = append(all, layoutTimes(layout, "UTC", time.Second))
	}
	for _, layout := range []string{"01/02/2006 15:04:05", "02/01/2006 15:04:05", "01/02/2006 03:04:05 PM", "02.01.2006 15:04:05", "02-01-2006 15:04:05"} {
		form := layoutTimes(layout, "UTC", time.Second)
		form.ambiguous = true
		all = append(all, form)
	}
	return all
}

// generatedRecording writes records in some format and compression, and gives their event times.
func generatedRecording(r *rand.Rand, form *writtenTimes) (text []byte, times []int64, format Format) {
	var b bytes.Buffer
	format = []Format{NDJSON, Concatenated, CSV}[r.IntN(3)]
	if format == CSV {
		b.WriteString("key;t;value\n")
	}
	at := time.Date(1995+r.IntN(31), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e9), time.UTC)
	if latest := guessNow.AddDate(0, -2, 0); at.After(latest) {
		at = latest
	}
	step := []time.Duration{time.Millisecond, time.Second, time.Hour}[r.IntN(3)]
	for range 1 + r.IntN(200) {
		value := form.write(at)
		switch format {
		case CSV:
			fmt.Fprintf(&b, "k;%s;1\n", value)
		case NDJSON:
			fmt.Fprintf(&b, `{"key":"k","t":%s,"value":1}`+"\n", value)
		default:
			fmt.Fprintf(&b, `{"key":"k","t":%s,"value":1}`, value)
		}
		times = append(times, at.Truncate(form.exact).UnixMilli())
		at = at.Add(time.Duration(r.Int64N(int64(step))))
	}
	return compressed(r.IntN(3), b.Bytes()), times, format
}

func compressed(how int, text []byte) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch how {
	case 1:
		w = gzip.NewWriter(&b)
	case 2:
		w, _ = zstd.NewWriter(&b)
	default:
		return text
	}
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

// unlistedTimes are forms of other programs' that weir may not know: it may ask, or find no event time, and never take one for another.
func unlistedTimes() (all []writtenTimes) {
	const perDay = 24 * 60 * 60
	all = []writtenTimes{
		numberTimes("a date as a number", 24*time.Hour, "%s", func(at time.Time) any { return at.UTC().Format("20060102") }),
		numberTimes("a date and an hour as a number", time.Hour, "%s", func(at time.Time) any { return at.UTC().Format("2006010215") }),
		numberTimes("days since 1970", 24*time.Hour, "%d", func(at time.Time) any { return at.Unix() / perDay }),
		numberTimes("minutes since 1970", time.Minute, "%d", func(at time.Time) any { return at.Unix() / 60 }),
		numberTimes("a serial of Excel's", time.Second, "%.6f", func(at time.Time) any { return float64(at.Unix())/perDay + 25569 }),
		numberTimes("ticks of .NET's", time.Millisecond, "%d", func(at time.Time) any { return at.UnixMilli()*10_000 + 621_355_968_000_000_000 }),
		numberTimes("FILETIME of Windows", time.Millisecond, "%d", func(at time.Time) any { return at.UnixMilli()*10_000 + 116_444_736_000_000_000 }),
		numberTimes("s as a power of ten", time.Second, "%s", func(at time.Time) any { return fmt.Sprintf("%.9e", float64(at.Unix())) }),
	}
	for _, layout := range []string{
		"1/2/2006 15:04:05", "2/1/2006 15:04:05", "1/2/06 15:04", "2.1.2006 15:04:05", "01-02-06 15:04:05", "2006-01-02", "Jan 2, 2006 15:04", "January 2, 2006 3:04:05 PM",
		"02/Jan/2006:15:04:05", "2006.01.02 15:04:05", "2006-002 15:04:05", "15:04:05 02/01/2006", "Mon, 2 Jan 2006 15:04:05 +0000", "2006-01-02T15-04-05", "20060102T150405",
	} {
		all = append(all, layoutTimes(layout, "UTC", time.Second))
	}
	for _, layout := range []string{"02/Jan/2006:15:04:05.000 -0700", "2006/01/02 15:04:05.000000 -0700", "2006-01-02T15:04:05.000000000Z"} {
		all = append(all, layoutTimes(layout, "", time.Millisecond))
	}
	return all
}

// mayBeSwapped says that day and month of all the times could be each other.
func mayBeSwapped(times []int64) bool {
	return !slices.ContainsFunc(times, func(ms int64) bool { return time.UnixMilli(ms).UTC().Day() > 12 })
}

// readByGuess plays a recording by a guess, and sees to it that every record that is read has its own time.
func readByGuess(t *testing.T, o Options, what string, guess Times, times []int64) (read int) {
	t.Helper()
	o.Fields.TimeFormat, o.Fields.TimeZone = guess.Format, guess.Zone
	if _, err := Open(t.Context(), o); err != nil && errors.Is(err, ErrEmpty) {
		return 0
	}
	text, _ := o.Stdin.(*bytes.Reader)
	if _, err := text.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	records, _ := play(t, o)
	at := 0
	for n := range records { // those of the times that were skipped are passed over
		for at < len(times) && times[at] != records[n].Event.Time {
			at++
		}
		if at == len(times) {
			t.Fatalf("%s: record %d is at %d, which is none of the times from there on; guessed %+v", what, n, records[n].Event.Time, guess)
		}
		at++
	}
	return len(records)
}

// TestAGuessOfTimesIsRightOrAsks goes through generated recordings: what is guessed reads each of the times as it was written, and what is asked is asked for a reason.
func TestAGuessOfTimesIsRightOrAsks(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 1))
	forms := allWrittenTimes()
	for i := range 300 {
		form := &forms[i%len(forms)]
		text, times, format := generatedRecording(r, form)
		what := fmt.Sprintf("%d %s %s", i, form.name, format)
		o := Options{Source: "-", Stdin: bytes.NewReader(text), Fields: record.Fields{EventTime: "t", Key: []string{"key"}, Value: "value"}, Order: ByFile}
		guess, err := GuessTimes(t.Context(), o, guessNow)
		if form.zone != "" {
			if _, isAsked := errors.AsType[*TimesError](err); !isAsked {
				t.Errorf("%s: nobody asked for a zone: %+v, %v", what, guess, err)
			}
			o.Stdin, o.Fields.TimeZone = bytes.NewReader(text), form.zone
			guess, err = GuessTimes(t.Context(), o, guessNow)
		}
		if err != nil {
			if !form.ambiguous || !mayBeSwapped(times) {
				t.Errorf("%s: it asks without a need: %v", what, err)
			}
			continue
		}
		o.Stdin = bytes.NewReader(text)
		if read := readByGuess(t, o, what, guess, times); read != len(times) {
			t.Errorf("%s: %d of %d records; guessed %+v", what, read, len(times), guess)
		}
	}
}

func TestAFormThatIsNotKnownIsNeverTakenForAnother(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 2))
	forms := unlistedTimes()
	for i := range 8 * len(forms) {
		form := &forms[i%len(forms)]
		text, times, format := generatedRecording(r, form)
		o := Options{Source: "-", Stdin: bytes.NewReader(text), Fields: record.Fields{EventTime: "t", Key: []string{"key"}, Value: "value", TimeZone: form.zone}, Order: ByFile}
		guess, err := GuessTimes(t.Context(), o, guessNow)
		if err != nil {
			continue
		}
		o.Stdin = bytes.NewReader(text)
		readByGuess(t, o, fmt.Sprintf("%d %s %s", i, form.name, format), guess, times)
	}
}

func TestWhatIsGuessedIsSaidWithItsReason(t *testing.T) {
	for text, want := range map[string]string{
		`{"key":"k","t":1700000000}`:                                        "event times are taken as seconds since 1970: 1700000000 is 2023-11-14T22:13:20Z, and would be 1970-01-20T16:13:20Z in milliseconds (--time-format s)",
		`{"key":"k","t":1700000000} {"key":"k","t":"2023-11-14T22:13:20Z"}`: "event times (where they are numbers) are taken as seconds since 1970: 1700000000 is 2023-11-14T22:13:20Z, and would be 1970-01-20T16:13:20Z in milliseconds (--time-format s)",
		`{"key":"k","t":"31/Jan/2013:18:05:09 +0000"}`:                      `event times are taken as written by "02/Jan/2006:15:04:05 -0700", as all of the first records are: 31/Jan/2013:18:05:09 +0000 (--time-format)`,
		`{"key":"k","t":1700000000000}`:                                     "",
		`{"key":"k","t":"2023-11-14 22:13:20 UTC"}`:                         "",
		`{"key":"k"}`: "",
		`no JSON`:     "",
	} {
		guess, err := GuessTimes(t.Context(), textOptions(text), guessNow)
		if err != nil || guess.Why != want {
			t.Errorf("%s: %+v, %v", text, guess, err)
		}
	}
	for text, want := range map[string]string{
		`{"key":"k","t":1700000000} {"key":"k","t":1700000000000}`: "the event times are numbers of several units: 1700000000 may be seconds, 1700000000000 may be milliseconds",
		`{"key":"k","t":"2013-01-31 18:05:09"}`:                    `event times have no zone, as "2013-01-31 18:05:09"`,
		`{"key":"k","t":"02/01/2013 18:05:09"}`:                    `event times as "02/01/2013 18:05:09" may be written as 01/02/2006 15:04:05 or 02/01/2006 15:04:05: the records do not tell which`,
		`{"key":"k","t":"03/03/2013 18:05:09"}`:                    `event times as "03/03/2013 18:05:09" may be written as 01/02/2006 15:04:05 or 02/01/2006 15:04:05: the records do not tell which`,
		`{"key":"k","t":20130131}`:                                 "event times as 20130131 are no times since 1990 in seconds, milli-, micro- or nanoseconds",
		`{"key":"k","t":"20130131"} {"key":"k","t":"20130201"}`:    "event times as 20130131 are no times since 1990 in seconds, milli-, micro- or nanoseconds",
		`{"key":"k","t":5} {"key":"k","t":900}`:                    "event times as 5 are no times since 1990 in seconds, milli-, micro- or nanoseconds",
		`{"key":"k","t":41305.75}`:                                 "event times as 41305.75 are no times since 1990 in seconds, milli-, micro- or nanoseconds",
		`{"key":"k","t":20130131180509}`:                           `event times have no zone, as "20130131180509"`,
	} {
		_, err := GuessTimes(t.Context(), textOptions(text), guessNow)
		asked, ok := errors.AsType[*TimesError](err)
		if !ok || asked.Error() != want || !strings.Contains(asked.Hint(), "--time-") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A goroutine of the look may come to its next Read when the look is over.
func TestALookThatIsOverTakesNothing(t *testing.T) {
	l := NewLookahead("-", strings.NewReader("the start, and the rest"))
	looking := l.reader()
	start := make([]byte, 3)
	if _, err := io.ReadFull(looking, start); err != nil {
		t.Fatal(err)
	}
	l.Rewind()
	if n, err := looking.Read(start); n != 0 || err != io.EOF {
		t.Errorf("%d bytes, %v", n, err)
	}
	if text, err := io.ReadAll(l.reader()); err != nil || string(text) != "the start, and the rest" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestANamedPipeIsReadFromItsStartAfterALook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no named pipes here:", err)
	}
	const records = 5000
	written := make(chan error, 1)
	go func() {
		written <- os.WriteFile(path, []byte(strings.Repeat(`{"key":"k","t":1700000000}`+"\n", records)), 0)
	}()
	o := textOptions("")
	o.Source, o.Fields.TimeFormat = path, ""
	look := NewLookahead(path, nil)
	o.Stdin = look
	guess, err := GuessTimes(t.Context(), o, guessNow)
	if err != nil || guess.Format != "s" {
		t.Fatalf("%+v, %v", guess, err)
	}
	look.Rewind()
	o.Fields.TimeFormat = guess.Format
	if got, _ := play(t, o); len(got) != records {
		t.Errorf("%d records", len(got))
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// The zone that the user says is that of the dates in paths, too.
func TestAGuessKeepsTheZoneThatTheUserSays(t *testing.T) {
	for _, value := range []string{"Thu, 31 Jan 2013 18:05:09 GMT", "31/Jan/2013:18:05:09 +0000", "2013-01-31 18:05:09", "2013/01/31 18:05:09"} {
		o := textOptions(`{"key":"k","t":"` + value + `"}`)
		o.Fields.TimeZone = "+01:00"
		if guess, err := GuessTimes(t.Context(), o, guessNow); err != nil || guess.Zone != "+01:00" {
			t.Errorf("%s: %+v, %v", value, guess, err)
		}
	}
}

// endless gives the same line for ever.
type endless struct {
	line string
	read int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		copied := copy(p[n:], e.line[e.read:])
		n += copied
		e.read = (e.read + copied) % len(e.line)
	}
	return n, nil
}

// TestALookIsShort whatever the recording is.
func TestALookIsShort(t *testing.T) {
	for _, line := range []string{"no JSON\n", `{"key":"no time"}` + "\n", `{"key":"k","t":1700000000}` + "\n", `{"key":"k","t":[]}`} {
		o := textOptions("")
		o.Stdin = &endless{line: line}
		if _, err := GuessTimes(t.Context(), o, guessNow); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestAStreamIsReadFromItsStartAfterALook(t *testing.T) {
	text := strings.Repeat(`{"key":"k","t":1700000000}`+"\n", 5000)
	stream := NewLookahead("-", strings.NewReader(text))
	o := textOptions("")
	o.Stdin = stream
	guess, err := GuessTimes(t.Context(), o, guessNow)
	if err != nil || guess.Format != "s" {
		t.Fatalf("%+v, %v", guess, err)
	}
	stream.Rewind()
	o.Fields.TimeFormat = guess.Format
	if records, _ := play(t, o); len(records) != 5000 {
		t.Errorf("%d records", len(records))
	}
}
