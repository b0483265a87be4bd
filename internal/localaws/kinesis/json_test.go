package kinesis

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// plainPutRecords has the members of putRecordsInput and no fast way to read them.
type plainPutRecords putRecordsInput

var putRecordsBodies = map[string]struct {
	body string
	fast bool
}{
	"as clients write it":    {`{"Records":[{"Data":"eA==","PartitionKey":"k"},{"Data":"","PartitionKey":"ü","ExplicitHashKey":"7"}],"StreamName":"s"}`, true},
	"with white space":       {" {\n\t\"StreamARN\" : \"a\" , \"Records\" : [ { \"PartitionKey\" : \"k\" , \"Data\" : \"eA==\" } ] } ", true},
	"without records":        {`{"Records":[],"StreamName":"s"}`, true},
	"nothing":                {`{}`, true},
	"a record of nothing":    {`{"Records":[{}]}`, true},
	"a large record":         {`{"Records":[{"PartitionKey":"k","Data":"` + strings.Repeat("QUJD", 8000) + `"}]}`, true},
	"an escape in a key":     {`{"Records":[{"PartitionKey":"\u006b","Data":"eA=="}]}`, false},
	"an escape in the data":  {`{"Records":[{"PartitionKey":"k","Data":"eA\u003d="}]}`, false},
	"no UTF-8":               {"{\"StreamName\":\"\xff\"}", false},
	"a line break in data":   {"{\"Records\":[{\"Data\":\"eA\n==\"}]}", false},
	"a line break in a key":  {"{\"Records\":[{\"PartitionKey\":\"a\nb\"}]}", false},
	"another case":           {`{"records":[{"data":"eA=="}]}`, false},
	"a member twice":         {`{"StreamName":"a","StreamName":"b"}`, false},
	"data twice":             {`{"Records":[{"Data":"eA==","Data":"eQ=="}]}`, false},
	"a member of tomorrow":   {`{"DryRun":true,"StreamName":"s"}`, false},
	"null":                   {`{"Records":[{"Data":null}]}`, false},
	"no object":              {`[]`, false},
	"something behind it":    {`{"StreamName":"s"}x`, false},
	"a comma too many":       {`{"StreamName":"s",}`, false},
	"long data":              {`{"Records":[{"Data":"` + strings.Repeat("QUJD+/az", 30) + `QQ==","PartitionKey":"k"}]}`, true},
	"long data, no base64":   {`{"Records":[{"Data":"` + strings.Repeat("QUJD", 30) + "*UJD" + strings.Repeat("QUJD", 30) + `"}]}`, false},
	"no base64":              {`{"Records":[{"Data":"e"}]}`, false},
	"a quote that is not":    {`{"StreamName":"s`, false},
	"a number for a string":  {`{"StreamName":7}`, false},
	"an array that ends not": {`{"Records":[{}`, false},
}

func TestPutRecordsIsReadInOnePassWhereItIsWrittenAsClientsWriteIt(t *testing.T) {
	for name, test := range putRecordsBodies {
		var in putRecordsInput
		if got := in.DecodeJSON([]byte(test.body)); got != test.fast {
			t.Errorf("%s: read %t", name, got)
		}
		if !test.fast {
			if diff := cmp.Diff(putRecordsInput{}, in, cmp.AllowUnexported(putRecordsInput{})); diff != "" {
				t.Errorf("%s changed the request: %s", name, diff)
			}
		}
	}
}

// What is read in one pass is what encoding/json reads.
func FuzzPutRecordsJSON(f *testing.F) {
	for _, test := range putRecordsBodies {
		f.Add(test.body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var fast putRecordsInput
		if !fast.DecodeJSON([]byte(body)) {
			return
		}
		var plain plainPutRecords
		if err := json.Unmarshal([]byte(body), &plain); err != nil {
			t.Fatalf("read, and it is wrong: %v", err)
		}
		if diff := cmp.Diff(putRecordsInput(plain), fast, cmp.AllowUnexported(putRecordsInput{})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnswersAreWrittenAsEncodingJSONWritesThem(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z<>&"\\]{0,9}`), rapid.Just("\xff\u2028"))
	sequences := rapid.Custom(func(t *rapid.T) sequence {
		return sequence{rapid.Int64Range(0, 1<<42).Draw(t, "arrival"), rapid.Uint64().Draw(t, "index") >> 8, 7}
	})
	rapid.Check(t, func(t *rapid.T) {
		put := &putRecordsOutput{
			FailedRecordCount: rapid.IntRange(0, 500).Draw(t, "failed"), EncryptionType: "NONE",
			Records: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) putRecordsResult {
				if rapid.Bool().Draw(t, "stored") {
					return putRecordsResult{SequenceNumber: sequences.Draw(t, "sequence"), ShardId: "shardId-000000000007"}
				}
				return putRecordsResult{ErrorCode: text.Filter(func(code string) bool { return code != "" }).Draw(t, "code"), ErrorMessage: text.Draw(t, "message")}
			}), 1, 5).Draw(t, "put"),
		}
		key := text.Filter(func(key string) bool { return key != "" })
		l := newLog(birth{index: rapid.Uint64().Draw(t, "born") >> 8})
		for range rapid.IntRange(0, 4).Draw(t, "records") {
			data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
			data = append(data, make([]byte, rapid.SampledFrom([]int{0, 0, largeRecord, 2*pieceBytes + 1}).Draw(t, "large"))...)
			l.append(l.newest+rapid.SampledFrom([]int64{0, 0, 1, 1000, 1e12}).Draw(t, "later"), key.Draw(t, "key"), data)
		}
		records := l.read(l.first, l.next, 1<<40)
		children := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) childShard {
			return childShard{text.Draw(t, "child"), rapid.SliceOf(text).Draw(t, "parents"), hashKeyRange{"0", text.Draw(t, "end")}}
		}), 0, 2).Draw(t, "children")
		event := &shardEvent{records: records, MillisBehindLatest: rapid.Int64Min(0).Draw(t, "event behind"), ChildShards: children}
		if rapid.Bool().Draw(t, "goes on") {
			event.ContinuationSequenceNumber = sequences.Draw(t, "continuation")
		}
		got := &getRecordsOutput{
			records: records, ChildShards: children,
			NextShardIterator: text.Draw(t, "next"), MillisBehindLatest: rapid.Int64Min(0).Draw(t, "behind"),
		}
		if want, _ := json.Marshal(put); string(put.AppendJSON(nil)) != string(want) {
			t.Fatalf("%s\nwant %s", put.AppendJSON(nil), want)
		}
		if want, _ := json.Marshal(event.Members()); string(event.AppendJSON(nil)) != string(want) {
			t.Fatalf("%s\nwant %s", event.AppendJSON(nil), want)
		}
		var written bytes.Buffer
		if err := got.WriteJSON(&written, fresh); err != nil {
			t.Fatal(err)
		}
		if want, _ := json.Marshal(got.Members()); written.String() != string(want) {
			t.Fatalf("%s\nwant %s", &written, want)
		}
		if got.LengthJSON() != written.Len() {
			t.Fatalf("%d bytes, and not %d: %s", written.Len(), got.LengthJSON(), &written)
		}
	})
}

// Numbers that follow each other, in one shard and in several that share a place, are written as each alone.
func TestSequenceNumbersAreWrittenAlikeInEveryOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var texts sequenceTexts
		last := sequence{arrival: 1, index: 1}
		for range 200 {
			switch rapid.IntRange(0, 5).Draw(t, "then") {
			case 0:
				last.number = rapid.SampledFrom([]int{0, 1, len(texts), 2 * len(texts)}).Draw(t, "number")
			case 1:
				last.arrival++
			case 2:
				last.index = rapid.SampledFrom([]uint64{0, 1, 9, 99_999, 1e17 - 1}).Draw(t, "index")
			default:
				last.index++
			}
			if want, got := last.append(nil), texts.append(nil, last); string(got) != string(want) {
				t.Fatalf("%s, want %s", got, want)
			}
		}
	})
}

func fresh(size int) []byte { return make([]byte, 0, size) }
