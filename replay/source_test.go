package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"weir/record"
)

var flights = filepath.Join("..", "testdata", "nycflights13")

func flightFields() record.Fields {
	return record.Fields{Kind: "kind", EventTime: "event_time", Value: "delay", Key: []string{"origin"}, PartitionKey: []string{"origin", "flight"}}
}

// play is every record of a source, taken a millisecond of its schedule at a time, if it has one.
func play(t testing.TB, o Options) ([]record.Record, Stats) {
	t.Helper()
	source, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- source.Run(t.Context()) }()
	batch := fillAll(t, source)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return batch.Records, source.Stats()
}

func fillAll(t testing.TB, source *Source) record.Batch {
	t.Helper()
	var batch record.Batch
	for {
		due, ok := source.Next()
		before := len(batch.Records)
		err := source.Fill(&batch, due+time.Millisecond)
		if err == io.EOF {
			return batch
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := len(batch.Records) - before; n > fillRecords {
			t.Fatalf("%d records at once", n)
		}
		if !ok && len(batch.Records) == before {
			time.Sleep(time.Millisecond)
		}
		for _, r := range batch.Records[before:] {
			if r.Due >= due+time.Millisecond && !source.sequence.schedule.pace.Max() {
				t.Fatalf("a record due at %v came before %v", r.Due, due+time.Millisecond)
			}
		}
	}
}

func dataOf(records []record.Record) []string {
	var data []string
	for i := range records {
		data = append(data, string(records[i].Data))
	}
	return data
}

// opened with the default fields, "t" for the event time.
func textOptions(text string) Options {
	f := record.DefaultFields()
	f.EventTime = "t"
	return Options{Source: "-", Stdin: strings.NewReader(text), Fields: f}
}

func TestTheJanuaryRecordingComesBackByteForByte(t *testing.T) {
	t.Parallel()
	lines := readLines(t, mustFind(t, filepath.Join(flights, "2013-01.ndjson.gz")))
	for _, order := range []Order{ByEventTime, ByFile} {
		records, stats := play(t, Options{
			Source: filepath.Join(flights, "2013-01.ndjson.gz"), Fields: flightFields(), Order: order, Pace: mustSpeed(t, "89280x"),
			Required: []string{"kind", "event_time", "origin", "delay", "flight"},
		})
		if len(records) != 55_083 || stats.Read != 55_083 || stats.Offered != 55_083 || stats.Skipped.Count != 0 || stats.Disordered != 0 {
			t.Fatalf("%d records, %+v", len(records), stats)
		}
		first := records[0].Event.Time
		for i, data := range dataOf(records) {
			if want := lines[i]; !strings.HasSuffix(want, " "+data) {
				t.Fatalf("%s: record %d is %s, want %s", order, i, data, want)
			}
			if due := time.Duration((records[i].Event.Time - first) * 1_000_000 / 89_280); records[i].Due != due {
				t.Fatalf("%s: record %d is due at %v, want %v", order, i, records[i].Due, due)
			}
		}
	}
}

func mustFind(t testing.TB, source string) files {
	t.Helper()
	f, err := findLocal(source)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheFirehoseWeekIsTheStartOfJanuary(t *testing.T) {
	t.Parallel()
	month, _ := play(t, Options{Source: filepath.Join(flights, "2013-01.ndjson.gz"), Fields: flightFields(), Pace: mustSpeed(t, "max")})
	week, _ := play(t, Options{Source: filepath.Join(flights, "firehose"), Fields: flightFields(), Pace: mustSpeed(t, "max")})
	if len(week) != 12_148 {
		t.Fatalf("%d records", len(week))
	}
	if diff := cmp.Diff(dataOf(month)[:len(week)], dataOf(week)); diff != "" {
		t.Error(diff)
	}
}

func TestTheFirehoseWeekComesFromS3AsItDoesFromAFolder(t *testing.T) {
	root := filepath.Join(flights, "firehose")
	local, _ := play(t, Options{Source: root, Fields: flightFields(), Pace: mustSpeed(t, "max")})
	objects := make(map[string]string)
	for _, name := range mustFind(t, root).(*localFiles).names {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		objects["firehose/"+name] = string(content)
	}
	client := fakeS3(t, objects)
	remote, stats := play(t, Options{Source: "s3://bucket/firehose/", S3: smallPages{client}, Fields: flightFields(), Pace: mustSpeed(t, "max")})
	if diff := cmp.Diff(dataOf(local), dataOf(remote)); diff != "" || stats.Skipped.Count != 0 {
		t.Error(diff, stats.Skipped)
	}
}

func TestAListingThatFailsMidwayEndsTheRun(t *testing.T) {
	contents := map[string]string{"0": strings.Repeat(`{"t":1,"key":"a"}`+"\n", 2*chunkRecords)}
	for i := range 9 {
		contents[fmt.Sprint(i+1)] = `{"t":2,"key":"b"}`
	}
	o := textOptions("")
	o.Source, o.Order, o.S3 = "s3://bucket", ByFile, &failingList{S3: smallPages{fakeS3(t, contents)}, pages: 3}
	source, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "out of order today") {
		t.Errorf("Run: %v", err)
	}
	var batch record.Batch
	for err = nil; err == nil; {
		err = source.Fill(&batch, time.Hour)
	}
	if !strings.Contains(err.Error(), "out of order today") || len(batch.Records) < 2*chunkRecords {
		t.Errorf("Fill: %d records, %v", len(batch.Records), err)
	}
}

// failingList lists a few pages and then fails.
type failingList struct {
	S3
	pages int
}

func (f *failingList) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, o ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	if f.pages--; f.pages < 0 {
		return nil, errors.New("out of order today")
	}
	return f.S3.ListObjectsV2(ctx, in, o...)
}

func TestOrdersAreTwo(t *testing.T) {
	for text, want := range map[string]Order{"event-time": ByEventTime, "file": ByFile, "": "", "File": ""} {
		if got, err := ParseOrder(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestTheDisorderedRecordingIsSortedWithinAnHour(t *testing.T) {
	o := Options{Source: filepath.Join(flights, "disordered-2013-01.ndjson.gz"), Fields: flightFields(), Pace: mustSpeed(t, "89280x")}
	records, stats := play(t, o)
	inOrder := slices.IsSortedFunc(records, func(a, b record.Record) int { return int(a.Event.Time - b.Event.Time) })
	if stats.Disordered == 0 || inOrder {
		t.Error("delays of up to three hours do not fit a buffer of one")
	}
	var late int64
	horizon := records[0].Event.Time
	for i := range records {
		if records[i].Event.Time < horizon {
			late++
		}
		horizon = max(horizon, records[i].Event.Time)
		if i > 0 && records[i].Due < records[i-1].Due {
			t.Fatal("due times fall")
		}
	}
	if late != stats.Disordered || len(records) != 55_083 {
		t.Errorf("%d of %d records came late, %d were counted", late, len(records), stats.Disordered)
	}
	o.Order = ByFile
	if records, stats = play(t, o); stats.Disordered != 0 || len(records) != 55_083 {
		t.Errorf("%d, %+v", len(records), stats)
	}
}

func TestBadLinesAreSkippedAndTheRestIsReplayed(t *testing.T) {
	long := strings.Repeat("é", 257)
	big := strings.Repeat("x", 1<<20)
	text := strings.Join([]string{
		`{"t":0,"key":"a","kind":"k","value":1}`,
		``,
		`{"t":1,"key":"b"`,
		`{"key":"c"}`,
		"{\"t\":2,\"key\":\"d\"}\r",
		`{"t":3}`,
		`{"t":3,"key":"` + long + `"}`,
		`{"t":3,"key":"` + long[2:] + `"}`,
		`{"t":4,"key":"e","x":"` + big + `"}`,
		`{"t":5,"key":"weir-flush-1"}`,
		strings.Repeat(" ", 2*maxLine),
		`{"t":6,"key":"f"}`,
	}, "\n")
	records, stats := play(t, textOptions(text))
	var keys []string
	for i := range records {
		keys = append(keys, records[i].PartitionKey)
	}
	if diff := cmp.Diff([]string{"a", "d", long[2:], "f"}, keys); diff != "" {
		t.Error(diff)
	}
	if string(records[1].Data) != `{"t":2,"key":"d"}` {
		t.Errorf("%q", records[1].Data)
	}
	want := map[Reason]int64{NotJSON: 1, NoEventTime: 1, NoPartitionKey: 1, LongKey: 1, LargeRecord: 1, ReservedKey: 1, LongLine: 1}
	if diff := cmp.Diff(want, stats.Skipped.ByReason); diff != "" {
		t.Error(diff)
	}
	wantLines := map[Reason]int64{NotJSON: 3, NoEventTime: 4, NoPartitionKey: 6, LongKey: 7, LargeRecord: 9, ReservedKey: 10, LongLine: 11}
	for _, sample := range stats.Skipped.Samples {
		if sample.Line != wantLines[sample.Reason] || sample.File != "-" || len(sample.Sample) > sampleBytes || sample.Sample == "" {
			t.Errorf("%+v", sample)
		}
	}
	if stats.Skipped.Count != 7 || stats.Read != 4 || stats.FirstEvent != 0 || stats.LastEvent != 6 {
		t.Errorf("%+v", stats)
	}
}

func TestSamplesOfSkipsAreBounded(t *testing.T) {
	_, stats := play(t, textOptions(`{"t":1,"key":"a"}`+strings.Repeat("\nbroken", 1000)+"\n{}"))
	if stats.Skipped.Count != 1001 || len(stats.Skipped.Samples) != samplesPerReason+1 || stats.Skipped.ByReason[NotJSON] != 1000 {
		t.Errorf("%+v", stats.Skipped)
	}
}

func TestPartitionKeysComeFromTheirFieldsElseTheKey(t *testing.T) {
	f := record.Fields{EventTime: "t", Key: []string{"o", "d"}}
	chosen := f
	chosen.PartitionKey = []string{"c", "n"}
	for _, test := range []struct {
		fields record.Fields
		line   string
		want   string
	}{
		{f, `{"t":1,"o":"x","d":"y","c":"z"}`, "x|y"},
		{f, `{"t":1,"d":"y"}`, "y"},
		{f, `{"t":1,"o":"a|b","d":"y"}`, "a|b|y"},
		{chosen, `{"t":1,"o":"x","c":"z","n":7}`, "z|7"},
		{chosen, `{"t":1,"o":"x","n":7}`, "7"},
		{chosen, `{"t":1,"o":"a|b","d":"y"}`, "a|b|y"},
		{chosen, `{"t":1,"d":"y"}`, "y"},
	} {
		records, _ := play(t, Options{Source: "-", Stdin: strings.NewReader(test.line), Fields: test.fields})
		if got := records[0].PartitionKey; got != test.want {
			t.Errorf("%s: %q, want %q", test.line, got, test.want)
		}
	}
}

func TestATruncatedFileIsReplayedUpToTheBreak(t *testing.T) {
	var text bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&text, "{\"t\":%d,\"key\":\"k%d\"}\n", i, i*i%977)
	}
	whole := zipped(t, text.String())
	root := folder(t, map[string]string{"1.gz": whole[:len(whole)/2], "2": `{"t":10000,"key":"z"}`})
	o := textOptions("")
	o.Source = root
	records, stats := play(t, o)
	n := len(records) - 1
	if n < 1000 || n > 4000 || string(records[n].Data) != `{"t":10000,"key":"z"}` {
		t.Fatalf("%d records", n+1)
	}
	for i := range n {
		if records[i].Event.Time != int64(i) {
			t.Fatalf("record %d is of %d", i, records[i].Event.Time)
		}
	}
	offset := 0
	for i := range n {
		offset += len(records[i].Data) + 1
	}
	want := []Skip{{Reason: Broken, File: "1.gz", Line: int64(n + 1), Offset: int64(offset)}}
	if len(stats.Skipped.Samples) == 1 {
		want[0].Detail = stats.Skipped.Samples[0].Detail
		if want[0].Sample = stats.Skipped.Samples[0].Sample; !strings.HasPrefix(fmt.Sprintf("{\"t\":%d,\"key\":\"k%d\"}", n, n*n%977), want[0].Sample) {
			t.Errorf("sample %q", want[0].Sample)
		}
	}
	if diff := cmp.Diff(want, stats.Skipped.Samples); diff != "" || !strings.Contains(want[0].Detail, "unexpected EOF") {
		t.Error(diff, want[0].Detail)
	}
}

func TestSourcesThatCannotBeReplayedAreRefusedBeforeAnythingIsSent(t *testing.T) {
	line := `{"t":1,"key":"a"}` + "\n"
	for _, test := range []struct {
		name     string
		text     string
		required []string
		want     error
		says     string
	}{
		{"no line", "", nil, ErrEmpty, "recording - holds no record: it has no line"},
		{"empty lines", "\n\n", nil, ErrEmpty, "recording - holds no record: it has no line"},
		{"no record", "a;b\nno json\n", nil, ErrEmpty, "recording - holds no record that can be replayed: -:1: not a JSON object"},
		{"no event time", `{"a.b":{"c":1,"d":{}},"at":1}`, nil, ErrEmpty, `recording - holds no record that can be replayed: -:1: no event time (no "t"): "{\"a.b\":{\"c\":1,\"d\":{}},\"at\":1}"; the first record has a\.b.c, a\.b.d, at`},
		{"an event time in a form of its own", `{"t":"31.01.2013 18:05","key":"a"}`, nil, ErrUnreadTime, `recording - holds no record that can be replayed: -:1: event time that cannot be read ("t" is "31.01.2013 18:05"): "{`},
		{"an event time without a zone", `{"t":"2013-01-31 18:05:09","key":"a"}`, nil, ErrUnreadTime, `recording - holds no record that can be replayed: -:1: event time that cannot be read ("t" is "2013-01-31 18:05:09", which has no zone)`},
		{"an event time that is too late", `{"t":"9999-12-31T00:00:00Z","key":"a"}`, nil, ErrUnreadTime, `recording - holds no record that can be replayed: -:1: event time that cannot be read ("t" is "9999-12-31T00:00:00Z", and the years 2 to 8999 are taken)`},
		{"an event time without a character", `{"t":"","key":"a"}`, nil, ErrNoSuchField, `recording - holds no record that can be replayed: -:1: no event time ("t" at byte`},
		{"no column of the event time", "a,b\n1,2\n", nil, ErrEmpty, `recording - holds no record that can be replayed: -:2: no event time (no "t"): "1,2"; the first record has a, b`},
		{"no record far and wide", strings.Repeat("a b\n", 3*requiredWithin) + line, nil, ErrEmpty, "recording - holds no record that can be replayed: -:1: not a JSON object"},
		{"Avro", "Obj\x01........", nil, ErrEmpty, "recording - holds no record that can be replayed: -: file is compressed or encoded in a way that is not read (it is Avro: write it as NDJSON or Parquet, as avro-tools tojson does)"},
		{"ORC", "ORC\x0a\x03.....", nil, ErrEmpty, "recording - holds no record that can be replayed: -: file is compressed or encoded in a way that is not read (it is ORC: write it as Parquet, as CREATE TABLE … AS SELECT does in Athena, with format = 'PARQUET')"},
		{"Parquet on standard input", "PAR1\x15\x04.....", nil, ErrEmpty, "recording - holds no record that can be replayed: -: file is compressed or encoded in a way that is not read (a Parquet file is read from its end, which standard input has not until it is over: write it into a file)"},
		{"another event time", `{"at":1,"key":"a"}` + "\n", []string{"t"}, ErrNoSuchField, `no such field: none of the first 1 records of - has "t"; the first record has at, key`},
		{"a path of the user's", line + line, []string{"key", "value"}, ErrNoSuchField, `no such field: none of the first 2 records of - has "value"`},
		{
			"a path that comes too late", strings.Repeat(line, requiredWithin) + `{"t":1,"key":"a","value":1}` + "\n",
			[]string{"value"},
			ErrNoSuchField, `no such field: none of the first 10000 records of - has "value"`,
		},
		{"a path of the user's in a file that is not JSON", "a,b\n", []string{"value"}, ErrEmpty, "recording - holds no record that can be replayed"},
	} {
		o := textOptions(test.text)
		o.Required = test.required
		_, err := Open(t.Context(), o)
		if !errors.Is(err, test.want) || !strings.HasPrefix(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want %s", test.name, err, test.says)
		}
	}
}

func TestTheStreamSaysHowLargeARecordMayBe(t *testing.T) {
	o := textOptions(fmt.Sprintf("{\"t\":1,\"key\":\"a\",\"x\":%q}\n{\"t\":2,\"key\":\"a\"}\n", strings.Repeat("x", 2<<20)))
	o.RecordBytes = 4 << 20
	if records, stats := play(t, o); len(records) != 2 {
		t.Errorf("%+v", stats)
	}
	o = textOptions("{\"t\":1,\"key\":\"a\"}\n{\"t\":2,\"key\":\"ab\"}\n")
	o.RecordBytes = 18
	if records, stats := play(t, o); len(records) != 1 || stats.Skipped.Samples[0].Detail != "20 bytes of 18" {
		t.Errorf("%d records, %+v", len(records), stats.Skipped)
	}
}

func TestAPathThatTheLastOfTheFirstRecordsHasIsEnough(t *testing.T) {
	line := `{"t":1,"key":"a"}` + "\n"
	o := textOptions(strings.Repeat(line, requiredWithin-1) + `{"t":1,"key":"a","value":1}` + "\n" + line)
	o.Required = []string{"value", "t"}
	records, _ := play(t, o)
	if len(records) != requiredWithin+1 {
		t.Errorf("%d records", len(records))
	}
}

func TestARequiredPathMustBeAField(t *testing.T) {
	o := textOptions(`{"t":1,"key":"a"}`)
	o.Required = []string{"colour"}
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), `"colour"`) {
		t.Error(err)
	}
}

func TestFillHandsOutWhatIsDueBeforeAndNoMore(t *testing.T) {
	source, err := Open(t.Context(), textOptions(`{"t":5,"key":"a"}
{"t":5,"key":"b"}
{"t":8,"key":"c"}
{"t":15,"key":"d"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	for _, step := range []struct {
		until time.Duration
		next  time.Duration // before the call
		want  int
	}{
		{0, 0, 0}, {1, 0, 2}, {3 * ms, 3 * ms, 0}, {3*ms + 1, 3 * ms, 1}, {10 * ms, 10 * ms, 0}, {time.Hour, 10 * ms, 1},
	} {
		var batch record.Batch
		next, ok := source.Next()
		if err := source.Fill(&batch, step.until); err != nil || len(batch.Records) != step.want || next != step.next || !ok {
			t.Errorf("before %v: %d records, %v; next was %v, %t", step.until, len(batch.Records), err, next, ok)
		}
	}
	var batch record.Batch
	if _, ok := source.Next(); ok {
		t.Error("there is a next record after the last")
	}
	if err := source.Fill(&batch, time.Hour); err != io.EOF {
		t.Error(err)
	}
	if stats := source.Stats(); stats.Offered != 4 || stats.OfferedBytes != int64(4*(len(`{"t":5,"key":"a"}`)+1)+1) {
		t.Errorf("%+v", stats)
	}
}

func TestRatesIgnoreTheRecordingsTiming(t *testing.T) {
	o := textOptions(`{"t":5,"key":"a"}` + "\n" + `{"t":999999,"key":"b"}` + "\n" + `{"t":999999,"key":"c"}`)
	o.Pace = mustRate(t, "1k/s")
	records, _ := play(t, o)
	for i, r := range records {
		if r.Due != time.Duration(i)*time.Millisecond {
			t.Errorf("record %d is due at %v", i, r.Due)
		}
	}
}

// A slow source: what has come is handed out, though the next line is not there, and the end of the run ends the wait.
func TestASlowSourceIsNeitherHeldBackNorWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		defer writer.Close()
		o := textOptions("")
		o.Stdin, o.Order, o.Pace = reader, ByFile, mustSpeed(t, "max")
		go func() {
			for i := range chunkRecords + 2 {
				fmt.Fprintf(writer, "{\"t\":%d,\"key\":\"a\"}\n", i)
			}
		}()
		source, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- source.Run(ctx) }()
		var batch record.Batch
		for len(batch.Records) < chunkRecords+2 {
			if err := source.Fill(&batch, 0); err != nil {
				t.Fatal(err)
			}
		}
		time.AfterFunc(time.Minute, cancel)
		if err := source.Fill(&batch, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("Fill: %v", err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
		if stats := source.Stats(); stats.Offered != chunkRecords+2 || stats.Skipped.Count != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestOnAScheduleFillNeverWaitsForTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		o := textOptions("")
		o.Stdin, o.Order = reader, ByFile
		go func() {
			for range chunkRecords {
				fmt.Fprintln(writer, `{"t":0,"key":"a"}`)
			}
			time.Sleep(time.Second)
			fmt.Fprintln(writer, `{"t":500,"key":"b"}`)
			_ = writer.Close()
		}()
		source, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = source.Run(t.Context()) }()
		start, batch := time.Now(), record.Batch{}
		if err := source.Fill(&batch, time.Hour); err != nil || len(batch.Records) != chunkRecords || time.Since(start) > 0 {
			t.Errorf("%d records after %v, %v", len(batch.Records), time.Since(start), err)
		}
		if _, ok := source.Next(); ok || source.Stats().Stalled != 1 {
			t.Errorf("next %t, %d stalls", ok, source.Stats().Stalled)
		}
		time.Sleep(2 * time.Second)
		if due, ok := source.Next(); due != 500*time.Millisecond || !ok {
			t.Errorf("%v, %t", due, ok)
		}
		if err := source.Fill(&batch, time.Hour); err != nil || len(batch.Records) != chunkRecords+1 {
			t.Errorf("%d records, %v", len(batch.Records), err)
		}
		if err := source.Fill(&batch, time.Hour); err != io.EOF {
			t.Error(err)
		}
	})
}

func TestAnEndedOpenLeavesNothingBehind(t *testing.T) {
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	o := textOptions("")
	o.Stdin = reader
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := Open(ctx, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_ = writer.Close() // a read of standard input cannot be interrupted: it ends here
}

func TestTheEndOfARunClosesWhatWasOpenedAhead(t *testing.T) {
	contents := make([]string, 100)
	for i := range contents {
		contents[i] = fmt.Sprintf(`{"t":%d,"key":"a"}`, i)
	}
	counted := &counting{files: inMemory(contents...)}
	ctx, cancel := context.WithCancel(t.Context())
	ahead := newPrefetch(counted)
	ended := make(chan struct{})
	go func() { defer close(ended); ahead.run(ctx) }()
	first, err := ahead.take(ctx)
	if err != nil || first.name != "file0" {
		t.Fatal(first, err)
	}
	closeQuietly(first.body)
	cancel()
	ahead.drain()
	<-ended
	if counted.opened.Load() == 0 || counted.opened.Load() != counted.closed.Load() {
		t.Errorf("%d files were opened, %d closed", counted.opened.Load(), counted.closed.Load())
	}
}
