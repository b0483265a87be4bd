package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"weir/record"
	"weir/stream/kpl"
)

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

// packed is a KPL aggregate of records under the keys p0, p1, …
func packed(data ...string) []byte {
	var p kpl.Packer
	for i, d := range data {
		p.Add(&kpl.Record{PartitionKey: fmt.Sprintf("p%d", i), Data: []byte(d)})
	}
	aggregate := p.Append(nil)
	kpl.Seal(aggregate)
	return aggregate
}

func event(key string, ms int) string { return fmt.Sprintf(`{"key":%q,"t":%d}`, key, ms) }

func base64Of(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

func subscription(messages ...string) string {
	var events []string
	for i, m := range messages {
		text, _ := json.Marshal(m)
		events = append(events, fmt.Sprintf(`{"id":"%d","timestamp":%d,"message":%s}`, i, 1_510_109_208_016+i, text))
	}
	return `{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[` + strings.Join(events, ",") + `]}`
}

// TestRecordsInEnvelopes opens what a record may be stored in, and in what that may be.
func TestRecordsInEnvelopes(t *testing.T) {
	one, two := event("a", 1), event("b", 2)
	capture := func(data []byte) string {
		return line(record.Captured{Shard: "s", Sequence: "1", Arrived: 5000, PartitionKey: "outer", Data: data})
	}
	for _, test := range []struct {
		name, file string
		want       []string // partition key and data
		skipped    map[Reason]int64
	}{
		{"KPL aggregates, one behind another", string(packed(one, two)) + string(packed(two)), []string{"p0 " + one, "p1 " + two, "p0 " + two}, nil},
		{"KPL aggregates and single records", string(packed(one)) + two + string(packed(two)) + "\n" + one, []string{"p0 " + one, "b " + two, "p0 " + two, "a " + one}, nil},
		{"a single record, then an aggregate", one + string(packed(one, two)), []string{"a " + one, "p0 " + one, "p1 " + two}, nil},
		{"an aggregate that is corrupt", string(packed(one, two))[:60] + "x" + string(packed(one, two)[61:]) + string(packed(two)), []string{"p0 " + two}, map[Reason]int64{BadEnvelope: 1}},
		{"a captured aggregate", capture(packed(one, two)), []string{"p0 " + one, "p1 " + two}, nil},
		{"a captured aggregate with a record that is none", capture(packed(one, "x")), []string{"p0 " + one}, map[Reason]int64{NotJSON: 1}},
		{"captured gzip", capture(gzipped(one)), []string{"outer " + one}, nil},
		{"captured gzip that is cut", capture(gzipped(one)[:20]) + capture([]byte(two)), []string{"outer " + two}, map[Reason]int64{BadEnvelope: 1}},
		{"CloudWatch Logs in gzip, as it lies on a stream", capture(gzipped(subscription(one, two))), []string{"outer " + one, "outer " + two}, nil},
		{"CloudWatch Logs as Firehose stores it", string(gzipped(subscription(one))) + string(gzipped(subscription(two, "no JSON"))), []string{"a " + one, "b " + two}, map[Reason]int64{NoEventTime: 1}},
		{"CloudWatch Logs, compressed by Firehose again", string(gzipped(string(gzipped(subscription(one))) + string(gzipped(subscription(two))))), []string{"a " + one, "b " + two}, nil},
		{"CloudWatch Logs' control message", `{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE"}]}` + "\n" + one, []string{"a " + one}, map[Reason]int64{ControlMessage: 1}},
		{
			"an event of Lambda's", `{"Records":[{"kinesis":{"partitionKey":"k1","data":"` + base64Of([]byte(one)) + `","approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis"},` +
				`{"kinesis":{"partitionKey":"k2","data":"` + base64Of(packed(two)) + `","approximateArrivalTimestamp":1545084651.5}}]}`,
			[]string{"k1 " + one, "p0 " + two},
			nil,
		},
		{
			"an answer of GetRecords", "{\n \"Records\": [\n  {\"SequenceNumber\": \"1\", \"ApproximateArrivalTimestamp\": \"2024-01-01T00:00:00.123000+00:00\", \"Data\": \"" + base64Of([]byte(one)) +
				"\", \"PartitionKey\": \"k1\"}\n ],\n \"NextShardIterator\": \"x\", \"MillisBehindLatest\": 0\n}\n",
			[]string{"k1 " + one},
			nil,
		},
		{"an answer of GetRecords to which nothing had come", `{"Records":[],"NextShardIterator":"x","MillisBehindLatest":0}` + "\n" + one, []string{"a " + one}, nil},
		{"no records, and of something else", `{"records":[]}` + "\n" + one, []string{"a " + one}, map[Reason]int64{NoEventTime: 1}},
		{"records of GetRecords, one a line", `{"SequenceNumber":"1","Data":"` + base64Of([]byte(one)) + `","PartitionKey":"k1"}` + "\n", []string{"k1 " + one}, nil},
		{
			"Firehose's transformation", `{"invocationId":"i","records":[{"recordId":"1","approximateArrivalTimestamp":1510772160000,"data":"` + base64Of([]byte(one)) + `","kinesisRecordMetadata":{"partitionKey":"k1"}},` +
				`{"recordId":"2","data":"!"}]}`,
			[]string{"k1 " + one},
			map[Reason]int64{BadEnvelope: 1},
		},
		{"an object that has records of something else", `{"records":[{"id":1}]}` + "\n" + one, []string{"a " + one}, map[Reason]int64{NoEventTime: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := textOptions(test.file)
			o.Order, o.Fields.PartitionKey = ByFile, nil
			records, stats := play(t, o)
			var got []string
			for i := range records {
				got = append(got, records[i].PartitionKey+" "+string(records[i].Data))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%q,\nwant %q", got, test.want)
			}
			for reason, n := range stats.Skipped.ByReason {
				if test.skipped[reason] != n {
					t.Errorf("%d skipped as %s: %+v", n, reason, stats.Skipped.Samples)
				}
			}
			if len(test.skipped) != len(stats.Skipped.ByReason) {
				t.Errorf("skipped %v, want %v", stats.Skipped.ByReason, test.skipped)
			}
		})
	}
}

// TestAnAggregateMayEndInAnyByte goes through aggregates whose digests end in bytes that stand between words in text.
func TestAnAggregateMayEndInAnyByte(t *testing.T) {
	blanks := 0
	for i := range 3000 {
		aggregate := packed(event("a", i+1))
		if !blank(aggregate[len(aggregate)-1]) {
			continue
		}
		blanks++
		for _, file := range []string{
			`{"Records":[{"kinesis":{"partitionKey":"k","data":"` + base64Of(aggregate) + `"}}]}` + "\n",
			`{"SequenceNumber":"1","PartitionKey":"k","Data":"` + base64Of(aggregate) + `"}` + "\n",
			`{"errorCode":"e","rawData":"` + base64Of(aggregate) + `"}` + "\n",
		} {
			o := textOptions(file)
			o.FirehoseErrors = ReplayErrors
			if records, _ := play(t, o); len(records) != 1 || string(records[0].Data) != event("a", i+1) {
				t.Errorf("%d: %q", i, dataOf(records))
			}
		}
	}
	if blanks == 0 {
		t.Error("no aggregate ended in a blank")
	}
}

// TestFirehoseSetsApartWhatIsInEnvelopes just as what is in none.
func TestFirehoseSetsApartWhatIsInEnvelopes(t *testing.T) {
	for _, inside := range [][]byte{packed(event("a", 1), event("b", 2)), gzipped(event("a", 1)), []byte(subscription(event("a", 1))), []byte(event("a", 1) + "\n" + event("b", 2) + "\n"), gzipped(event("a", 1) + event("b", 2))} {
		o := textOptions(`{"errorCode":"e","rawData":"` + base64Of(inside) + `"}` + "\n")
		o.FirehoseErrors = ReplayErrors
		if records, stats := play(t, o); len(records) == 0 || string(records[0].Data) != event("a", 1) || stats.Skipped.Count != 0 {
			t.Errorf("%q: %q, %+v", inside, dataOf(records), stats.Skipped)
		}
	}
	deep := []byte(event("a", 1))
	for range 2 * maxEnvelopes {
		deep = []byte(`{"errorCode":"e","rawData":"` + base64Of(deep) + `"}`)
	}
	o := textOptions(string(deep) + "\n" + event("b", 2))
	o.FirehoseErrors = ReplayErrors
	if records, stats := play(t, o); len(records) != 1 || stats.Skipped.ByReason[BadEnvelope] != 1 {
		t.Errorf("%q, %+v", dataOf(records), stats.Skipped)
	}
}

// TestOneCodeOfAnErrorObjectIsShown whichever stands first.
func TestOneCodeOfAnErrorObjectIsShown(t *testing.T) {
	for range 50 {
		_, skipped := parseAll(t, inMemory(`{"lastErrorCode":"last","errorCode":"code","rawData":"eA=="}`+"\n"+`{"ErrorCode":7,"LastErrorCode":"last","RawData":"eA=="}`), AutoFormat)
		if skipped.Samples[0].Detail != "code" || skipped.Samples[1].Detail != "last" {
			t.Fatalf("%+v", skipped.Samples)
		}
	}
}

// TestRecordsOfLambdaHaveOneClock which is that of their events, be their arrival known or not.
func TestRecordsOfLambdaHaveOneClock(t *testing.T) {
	o := textOptions(`{"Records":[{"kinesis":{"partitionKey":"k","data":"` + base64Of([]byte(event("a", 1_359_655_509_000))) + `","approximateArrivalTimestamp":1545084650.987}},` +
		`{"kinesis":{"partitionKey":"k","data":"` + base64Of([]byte(event("b", 1_359_655_510_000))) + `"}}]}` + "\n")
	records, _ := play(t, o)
	if len(records) != 2 || records[1].Due-records[0].Due != time.Second {
		t.Errorf("%+v", records)
	}
}

// TestASurveyCountsTheRecordsInEnvelopes and not the envelopes.
func TestASurveyCountsTheRecordsInEnvelopes(t *testing.T) {
	found, err := TakeSurvey(t.Context(), textOptions(subscription(event("a", 1), event("b", 2))+"\n"), 1)
	if err != nil || len(found.Fields) != 2 || found.Fields[0].Path != "key" || found.Fields[0].Records != 2 || found.looked != 2 {
		t.Errorf("%+v of %d, %v", found.Fields, found.looked, err)
	}
}

// TestACorruptAggregateCostsNoObjectsBehindIt once their lines begin.
func TestACorruptAggregateCostsNoObjectsBehindIt(t *testing.T) {
	one, two, three := event("a", 1), event("b", 2), event("c", 3)
	corrupt := packed(one, event("x", 9)+"\n"+event("y", 9))
	corrupt[len(corrupt)-1] ^= 1
	for name, text := range map[string]string{
		"behind an object":           one + string(corrupt) + "\n" + two + "\n" + three + "\n",
		"behind a line":              one + "\n" + string(corrupt) + "\n" + two + "\n" + three,
		"in front of all":            string(corrupt) + "\n" + two + three,
		"in front of an aggregate":   string(corrupt) + "\n" + two + string(packed(three)),
		"in front of a cut one, too": string(corrupt) + string(corrupt[:30]) + "\n" + two + "\n" + three,
	} {
		for _, m := range []*memory{inMemory(text), slowly(text)} {
			records, skipped := parseAll(t, m, AutoFormat)
			if i := slices.Index(records, two); i < 0 || !slices.Equal(records[i:], []string{two, three}) || i > 1 || skipped.ByReason[BadEnvelope] == 0 {
				t.Errorf("%s: %q, %+v", name, records, skipped)
			}
		}
	}
}

// TestLinesMayHaveAnAggregateBehindThem whose bytes are no lines.
func TestLinesMayHaveAnAggregateBehindThem(t *testing.T) {
	lines := event("a", 1) + "\n" + event("a", 1) + "\n"
	want := []string{event("a", 1), event("a", 1), event("b\n", 2), event("c", 3), event("a", 1), event("a", 1)}
	text := lines + string(packed(want[2], want[3])) + "\n" + lines
	for _, m := range []*memory{inMemory(text), slowly(text)} {
		if records, skipped := parseAll(t, m, AutoFormat); !slices.Equal(records, want) || skipped.Count != 0 {
			t.Errorf("%q, %+v", records, skipped)
		}
	}
}

// slowly is a source of one file, of which each read brings a byte.
func slowly(text string) *memory {
	m := &memory{files: make(map[string]io.Reader)}
	m.add("file", iotest.OneByteReader(strings.NewReader(text)))
	return m
}

// TestALogEventWithoutAnObjectIsARecordItself as long as its own timestamp is what is asked for.
func TestALogEventWithoutAnObjectIsARecordItself(t *testing.T) {
	o := textOptions(subscription("plain text"))
	o.Fields = record.Fields{EventTime: "timestamp", Key: []string{"id"}}
	records, _ := play(t, o)
	if len(records) != 1 || records[0].Event.Time != 1_510_109_208_016 || string(records[0].Data) != `{"id":"0","timestamp":1510109208016,"message":"plain text"}` {
		t.Errorf("%+v", records)
	}
}

// TestChangeRecordsAndEventsAreReadByPaths goes by the shapes that AWS documents of DMS, of DynamoDB's streams and of EventBridge.
func TestChangeRecordsAndEventsAreReadByPaths(t *testing.T) {
	for _, test := range []struct {
		name, file string
		fields     record.Fields
		want       record.Event
	}{
		{
			"DMS", `{"data":{"id":7,"amount":"12.50"},"metadata":{"timestamp":"2024-01-01T00:00:01.000000Z","record-type":"data","operation":"insert","partition-key-type":"schema-table","schema-name":"shop","table-name":"orders"}}`,
			record.Fields{Kind: "metadata.operation", EventTime: "metadata.timestamp", Key: []string{"metadata.table-name", "data.id"}, Value: "data.amount"},
			record.Event{Kind: "insert", Key: "orders|7", Time: 1_704_067_201_000, Value: "12.50"},
		},
		{
			"DynamoDB", `{"awsRegion":"us-east-1","eventID":"e","eventName":"INSERT","userIdentity":null,"recordFormat":"application/json","tableName":"orders","dynamodb":{"ApproximateCreationDateTime":1704067201000,` +
				`"Keys":{"id":{"S":"o-7"}},"NewImage":{"amount":{"N":"12.50"},"id":{"S":"o-7"}},"SizeBytes":30},"eventSource":"aws:dynamodb"}`,
			record.Fields{Kind: "eventName", EventTime: "dynamodb.ApproximateCreationDateTime", Key: []string{"dynamodb.Keys.id"}, Value: "dynamodb.NewImage.amount"},
			record.Event{Kind: "INSERT", Key: "o-7", Time: 1_704_067_201_000, Value: "12.50"},
		},
		{
			"EventBridge", `{"version":"0","id":"i","detail-type":"order placed","source":"shop","account":"123456789012","time":"2024-01-01T00:00:01Z","region":"us-east-1","resources":["arn:1"],"detail":{"customer":"c-1","total":12.5}}`,
			record.Fields{Kind: "detail-type", EventTime: "time", Key: []string{"detail.customer", "resources.0"}, Value: "detail.total"},
			record.Event{Kind: "order placed", Key: "c-1|arn:1", Time: 1_704_067_201_000, Value: "12.5"},
		},
	} {
		o := textOptions(test.file)
		o.Fields = test.fields
		if records, _ := play(t, o); len(records) != 1 || records[0].Event != test.want {
			t.Errorf("%s: %+v", test.name, records)
		}
	}
}

// TestAFullAnswerOfGetRecordsIsRead as AWS's command line writes it, on one line: 10,000 records of 1 KiB.
func TestAFullAnswerOfGetRecordsIsRead(t *testing.T) {
	const n = 10_000
	data := base64Of(fmt.Appendf(nil, `{"t":1,"key":"a","x":%q}`, strings.Repeat("y", 1000)))
	one := `{"SequenceNumber": "49546986683135544286507457936321625675700192471156785154", "ApproximateArrivalTimestamp": "2013-01-31T18:05:09.123000+00:00", "Data": "` + data + `", "PartitionKey": "k"}`
	text := `{"Records": [` + strings.Repeat(one+", ", n-1) + one + `], "MillisBehindLatest": 0}`
	if len(text) < 15_000_000 {
		t.Fatalf("%d bytes are too few", len(text))
	}
	records, skipped := parseAll(t, inMemory(text+"\n"+event("z", 2)+"\n"), AutoFormat)
	if len(records) != n+1 || skipped.Count != 0 {
		t.Errorf("%d records, %+v", len(records), skipped)
	}
}

// TestARecordThatNoStreamTakesIsNamedAsSuch and not by the length of its line.
func TestARecordThatNoStreamTakesIsNamedAsSuch(t *testing.T) {
	huge := fmt.Sprintf(`{"t":1,"key":"a","x":%q}`, strings.Repeat("y", maxRecord))
	records, skipped := parseAll(t, inMemory(huge+"\n"+event("z", 2)+"\n"), NDJSON)
	if len(records) != 1 || skipped.ByReason[LargeRecord] != 1 || skipped.Count != 1 {
		t.Errorf("%d records, %+v", len(records), skipped.ByReason)
	}
	if !strings.Contains(string(LongLine), fmt.Sprintf("%d MiB", maxLine>>20)) {
		t.Errorf("%q is not the limit that holds", LongLine)
	}
}

// TestSeveralObjectsInOneEnvelopeAreRecords whatever stands between them, and a broken one costs itself.
func TestSeveralObjectsInOneEnvelopeAreRecords(t *testing.T) {
	one, two := event("a", 1), event("b", 2)
	for _, inside := range []string{one + two, one + "\n" + two + "\n", "\n" + one + "\r\n" + two, one + `{"broken":1 ` + two} {
		o := textOptions(`{"errorCode":"e","rawData":"` + base64Of([]byte(inside)) + `"}` + "\n")
		o.FirehoseErrors = ReplayErrors
		records, stats := play(t, o)
		if !slices.Equal(dataOf(records), []string{one, two}) || (stats.Skipped.Count > 0) != strings.Contains(inside, "broken") {
			t.Errorf("%q: %q, %+v", inside, dataOf(records), stats.Skipped)
		}
	}
}

// change is a change of a table, as an event of Lambda's has it: its time is in seconds.
func change(id string, second int) string {
	return fmt.Sprintf(`{"eventID":"e","eventName":"INSERT","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"us-east-1","dynamodb":{"ApproximateCreationDateTime":%d,`+
		`"Keys":{"id":{"S":%q}},"NewImage":{"amount":{"N":"12.50"}},"SequenceNumber":"4421584500000000017450439091","SizeBytes":26,"StreamViewType":"NEW_IMAGE"},"eventSourceARN":"arn:1"}`, second, id)
}

// TestChangesInEventsOfLambdaAreRecords that are read by the same paths as those that DynamoDB puts on a stream.
func TestChangesInEventsOfLambdaAreRecords(t *testing.T) {
	one, two, three := change("a", 1_704_067_201), change("b", 1_704_067_202), change("c", 1_704_067_203)
	text := `{"Records":[` + one + "," + two + "]}\n" + `{"Records": [ ` + three + " ] }\n"
	o := textOptions(text)
	o.Fields = record.Fields{Kind: "eventName", EventTime: "dynamodb.ApproximateCreationDateTime", Key: []string{"dynamodb.Keys.id"}, Value: "dynamodb.NewImage.amount", TimeFormat: "s"}
	records, stats := play(t, o)
	if !slices.Equal(dataOf(records), []string{one, two, three}) || stats.Skipped.Count != 0 {
		t.Fatalf("%q, %+v", dataOf(records), stats.Skipped)
	}
	if want := (record.Event{Kind: "INSERT", Key: "c", Time: 1_704_067_203_000, Value: "12.50"}); records[2].Event != want {
		t.Errorf("%+v, want %+v", records[2].Event, want)
	}
	_, err := TakeSurvey(t.Context(), textOptions(text), 1)
	if err == nil || !strings.Contains(err.Error(), "it is a change record of DynamoDB's: --field kind=eventName") {
		t.Errorf("where the fields are not given: %v", err)
	}
}
