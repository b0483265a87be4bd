package replay

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream/eventstreamapi"
)

// sdkEvent is an event as the AWS SDK encodes it.
func sdkEvent(t testing.TB, name string, payload []byte) []byte {
	t.Helper()
	m := eventstream.Message{Payload: payload}
	m.Headers.Set(eventstreamapi.EventTypeHeader, eventstream.StringValue(name))
	m.Headers.Set(eventstreamapi.ContentTypeHeader, eventstream.StringValue("application/json"))
	m.Headers.Set(eventstreamapi.MessageTypeHeader, eventstream.StringValue(eventstreamapi.EventMessageType))
	var b bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// subscribed are lines as SubscribeToShard pushes them, some to an event, and events of no record between.
func subscribed(t testing.TB, lines [][]byte) []byte {
	t.Helper()
	type pushed struct {
		ApproximateArrivalTimestamp  float64
		Data                         string
		PartitionKey, SequenceNumber string
	}
	file := sdkEvent(t, "initial-response", []byte("{}"))
	for i, some := range slices.Collect(slices.Chunk(lines, 7)) {
		records := make([]pushed, 0, len(some))
		for j, line := range some {
			records = append(records, pushed{1709294400.5 + float64(i), base64.StdEncoding.EncodeToString(line), "pushed", fmt.Sprint(i*7 + j)})
		}
		for _, of := range [][]pushed{records, {}} {
			text, err := json.Marshal(map[string]any{"Records": of, "ContinuationSequenceNumber": fmt.Sprint(i * 7), "MillisBehindLatest": 0})
			if err != nil {
				t.Fatal(err)
			}
			file = append(file, sdkEvent(t, "SubscribeToShardEvent", text)...)
		}
	}
	return file
}

// selected is a text as S3 Select sends it: cut anywhere, with events of no record between.
func selected(t testing.TB, text []byte) (file []byte) {
	t.Helper()
	for piece := range slices.Chunk(text, 700) {
		file = slices.Concat(file, sdkEvent(t, "Records", piece), sdkEvent(t, "Cont", nil))
	}
	return slices.Concat(file, sdkEvent(t, "Stats", []byte("<Stats/>")), sdkEvent(t, "End", nil))
}

// TestTheEventStreamsOfTestdataAreTheSDKs has them made anew, with -update.
func TestTheEventStreamsOfTestdataAreTheSDKs(t *testing.T) {
	text := mustReadFile(t, filepath.Join(formats, "orders.ndjson"))
	for name, file := range map[string][]byte{
		"orders.subscribed.eventstream": subscribed(t, bytes.Split(bytes.TrimSpace(text), []byte{'\n'})),
		"orders.selected.eventstream":   selected(t, text),
	} {
		golden := filepath.Join(formats, name)
		if *update {
			if err := os.WriteFile(golden, file, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(mustReadFile(t, golden), file) {
			t.Errorf("%s is not as the SDK's encoder writes it", name)
		}
	}
}

// TestASubscriptionKeepsItsRecordsKeysAndTimes reads what SubscribeToShard has pushed, of which the events without a record are none.
func TestASubscriptionKeepsItsRecordsKeysAndTimes(t *testing.T) {
	o := formatOptions(filepath.Join(formats, "orders.subscribed.eventstream"))
	records, stats := play(t, o)
	if len(records) != 20 || stats.Skipped.Count != 0 || records[0].PartitionKey != "pushed" {
		t.Errorf("%d records, the first under %q, skipped %+v", len(records), records[0].PartitionKey, stats.Skipped)
	}
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil || !strings.Contains(found.String(), "ndjson, event stream") {
		t.Errorf("%v\n%s", err, found.String())
	}
}
