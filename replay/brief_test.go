package replay

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"weir/record"
	"weir/survey"
)

// shuffled is a recording whose records come late, of many kinds and keys, some of them captured, with hash keys of their own.
func shuffled(n int) string {
	const start = 1_767_225_600_000
	r := rand.New(rand.NewPCG(27, 3))
	var text strings.Builder
	for i := range n {
		at := start + int64(i)*100 - r.Int64N(4_000_000)
		data := fmt.Sprintf(`{"kind":"k%d","event_time":%d,"key":"key-%d","value":%q}`, r.IntN(30), at, r.IntN(40_000), strings.Repeat("9", r.IntN(30)))
		if i%7 > 0 {
			text.WriteString(data + "\n")
			continue
		}
		c := record.Captured{Shard: "a", Sequence: fmt.Sprint(i), Arrived: at + r.Int64N(1000), PartitionKey: fmt.Sprint(i), Data: []byte(data)}
		if i%2 == 0 {
			c.ExplicitHashKey = fmt.Sprint(r.Uint64())
		}
		text.WriteString(line(c))
	}
	return text.String()
}

// TestASurveyInBriefSaysWhatTheRecordsSay holds a survey, which sorts briefs, against the records as a replay has them.
func TestASurveyInBriefSaysWhatTheRecordsSay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shuffled.ndjson")
	if err := os.WriteFile(file, []byte(shuffled(60_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, after := range []int64{0, 20_000} {
		o := Options{Source: file, After: after, Fields: record.Fields{Kind: "kind", EventTime: "event_time", Key: []string{"key"}, Value: "value"}}
		found, err := TakeSurvey(t.Context(), o, 16)
		if err != nil {
			t.Fatal(err)
		}
		source, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		whole := survey.NewCollector(16)
		if err := collect(t.Context(), source, whole.Add); err != nil {
			t.Fatal(err)
		}
		found.Load.UnreadableAs = "" // a collector sees no text
		if diff := cmp.Diff(whole.Load(), found.Load); diff != "" {
			t.Error(diff)
		}
		if found.Disorder.Unsorted == 0 || found.Disorder.Unsorted > found.Records/2 {
			t.Errorf("%d of %d records are not sorted: no test", found.Disorder.Unsorted, found.Records)
		}
	}
}

// TestASurveyThatMovesTimesReadsTheRecords has times written into records, which must therefore be whole.
func TestASurveyThatMovesTimesReadsTheRecords(t *testing.T) {
	o := textOptions("{\"t\":1,\"key\":\"a\"}\n{\"t\":0,\"key\":\"b\"}\n")
	o.ShiftTo = time.UnixMilli(1_767_225_600_000)
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil || found.Records != 2 || found.Load.Bytes <= 2*int64(len(`{"t":0,"key":"b"}`)) {
		t.Errorf("%d records of %d bytes: %v", found.Records, found.Load.Bytes, err)
	}
}

// TestABriefIsSmall keeps what a million records that are sorted take in a survey.
func TestABriefIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(item[brief]{}); size > 72 {
		t.Errorf("%d bytes", size)
	}
}
