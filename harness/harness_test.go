package harness_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/measure"
	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const recordings = "../testdata/nycflights13"

// january is a replay of the January file as fast as it goes, through one shard.
func january() *scenarios.Scenario {
	s := flights(filepath.Join(recordings, "2013-01.ndjson.gz"))
	s.Pipeline.Input.Shards = 1
	return s
}

// flights is a replay of flights as fast as it goes, without limits.
func flights(source string) *scenarios.Scenario {
	s := scenarios.Default()
	s.Name = "flights"
	s.Load.Replay = &scenarios.Replay{Source: source, Order: scenarios.ByEventTime, Speed: "max"}
	s.Fields.Key, s.Fields.Value = []string{"origin"}, "delay"
	s.Pipeline.Aggregator.Window, s.Pipeline.Aggregator.OutOfOrderness = scenarios.Duration(time.Hour), scenarios.Duration(5*time.Minute)
	s.Pipeline.Aggregator.Poll = scenarios.Duration(20 * time.Millisecond)
	s.Limits = scenarios.LimitsOff
	return &s
}

// startAWS serves an embedded AWS until the test ends, and returns its endpoint.
func startAWS(t testing.TB, config localaws.Config) string {
	t.Helper()
	return serve(t, localaws.New(config))
}

// execute runs a scenario against an endpoint, into a folder of its own.
func execute(t *testing.T, s *scenarios.Scenario, endpoint string, change func(*harness.Config)) (harness.Outcome, error) {
	t.Helper()
	s.Resolve()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	config := harness.Config{
		Scenario: s, Target: awsclient.Config{Endpoint: endpoint, Region: "us-east-1"}, Out: filepath.Join(t.TempDir(), "run"), Version: "test",
	}
	if change != nil {
		change(&config)
	}
	return harness.Run(t.Context(), t.Context(), config)
}

func windowsOf(t *testing.T, o harness.Outcome) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(o.Folder, result.WindowsFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkBooks holds the ledger's two sums.
func checkBooks(t *testing.T, r *result.Records) {
	t.Helper()
	if r.Offered != r.Acked+r.Failed+r.Unknown+r.Unsent {
		t.Errorf("offered is not acked + failed + unknown + unsent: %+v", r)
	}
	if r.Acked+r.Found+r.Duplicated+r.Phantom != r.Read+r.Unread+r.Lost {
		t.Errorf("stored is not read + unread + lost: %+v", r)
	}
}

func TestDroppedAnswersLoseNothingAndAreResolvedFromWhatWasRead(t *testing.T) {
	// One call in a hundred loses its answer before the records are stored, and one after. Calls are small, so that there are many.
	var puts, before, after atomic.Int64
	endpoint := startAWS(t, localaws.Config{Fault: func(c localaws.Call) localaws.Action {
		if c.Operation != "PutRecords" {
			return localaws.Serve
		}
		puts.Add(1)
		switch c.Number % 100 {
		case 40:
			before.Add(1)
			return localaws.DropBefore
		case 80:
			after.Add(1)
			return localaws.DropAfter
		}
		return localaws.Serve
	}})
	s := january()
	s.Pipeline.Input.Shards = 4
	s.Fields.PartitionKey = []string{"origin", "flight"}
	s.Pipeline.Input.Queue = 64 << 10 // some 300 records, so that calls are small
	o, err := execute(t, s, endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &o.Result.Records
	t.Logf("%d calls, %d dropped before and %d after storing: %+v", puts.Load(), before.Load(), after.Load(), *r)
	checkBooks(t, r)
	if before.Load() == 0 || after.Load() == 0 {
		t.Fatal("no answer was dropped")
	}
	if r.Unknown == 0 || r.Unknown != r.Found {
		t.Errorf("%d unknown, of which %d were found: every one that is still unknown must have been read", r.Unknown, r.Found)
	}
	if r.Lost+r.Duplicated+r.Phantom+r.Reordered+r.Unsent+r.Failed != 0 || r.Acked+r.Found != 55083 {
		t.Errorf("%+v", r)
	}
	if windowsOf(t, o) != readFile(t, filepath.Join(recordings, "expected-2013-01.csv")) {
		t.Error("the rows are not those of the recording")
	}
	if o.Result.ExitCode != verdict.ExitPass {
		t.Errorf("exit code %d: %v", o.Result.ExitCode, o.Result.Reasons)
	}
}

func TestTableAlteredBetweenDrainAndProofIsWrong(t *testing.T) {
	endpoint := startAWS(t, localaws.Config{})
	o, err := execute(t, flights(filepath.Join(recordings, "firehose/2013/01/02")), endpoint, func(c *harness.Config) {
		c.BeforeProof = func(ctx context.Context, table string) error { return alter(ctx, endpoint, table) }
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := o.Result.Rows
	if o.Result.ExitCode != verdict.ExitWrong || rows.Wrong != 1 || rows.Missing != 1 || rows.Unexpected != 1 {
		t.Errorf("exit code %d, rows %+v", o.Result.ExitCode, rows)
	}
	text := windowsOf(t, o)
	for line, want := range map[string]bool{
		"\n2013-01-02T13:00:00Z,departure,JFK,999,":       true,
		"\n2013-01-02T13:00:00Z,departure,EWR,":           false,
		"\n2013-01-02T13:00:00Z,departure,nowhere,1,,,\n": true,
	} {
		if strings.Contains(text, line) != want {
			t.Errorf("%q in windows.csv: %v, want %v", line, !want, want)
		}
	}
	offenders := o.Result.Offenders
	if len(offenders.Wrong) != 1 || offenders.Wrong[0].Actual.Count != 999 || len(offenders.Missing) != 1 || len(offenders.Unexpected) != 1 {
		t.Errorf("offenders: %+v", offenders)
	}
}

// alter changes one item, deletes one and adds one, over the wire.
func alter(ctx context.Context, endpoint, table string) error {
	clients, err := awsclient.New(ctx, awsclient.Config{Endpoint: endpoint, Region: "us-east-1"})
	if err != nil {
		return err
	}
	defer clients.Close()
	key := func(pk string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{
			"pk":           &types.AttributeValueMemberS{Value: pk},
			"window_start": &types.AttributeValueMemberS{Value: "2013-01-02T13:00:00Z"},
		}
	}
	_, err = clients.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &table, Key: key("departure#JFK"), UpdateExpression: aws.String("SET #c = :n"), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames:  map[string]string{"#c": "count"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "999"}},
	})
	if err != nil {
		return err
	}
	_, err = clients.DynamoDB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key("departure#EWR"), ConditionExpression: aws.String("attribute_exists(pk)")})
	if err != nil {
		return err
	}
	item := key("departure#nowhere")
	item["window_end"] = &types.AttributeValueMemberS{Value: "2013-01-02T14:00:00Z"}
	item["kind"] = &types.AttributeValueMemberS{Value: "departure"}
	item["key"] = &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "nowhere"}}}
	item["count"] = &types.AttributeValueMemberN{Value: "1"}
	_, err = clients.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item})
	return err
}

func TestOverloadFailsAsSaturatedAndNotAsVoid(t *testing.T) {
	endpoint := startAWS(t, localaws.Config{Limits: true})
	s := january()
	s.Limits = scenarios.LimitsAWS
	s.Load.Replay.Speed = "2000000x" // 41,000 records a second, for a shard that takes 1,000
	s.Pipeline.Input.Queue = 256 << 10
	s.DrainLimit = scenarios.Duration(20 * time.Second)
	o, err := execute(t, s, endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkBooks(t, &o.Result.Records)
	r := &o.Result
	if r.Verdict == verdict.Void && !strings.Contains(strings.Join(r.Reasons, "\n"), "handed records over late") {
		t.Skipf("the machine has no CPU to spare: %v", r.Reasons)
	}
	if r.Verdict != verdict.Fail || r.ExitCode != verdict.ExitFail || !strings.Contains(strings.Join(r.Reasons, "\n"), "saturated") {
		t.Errorf("%s (%d): %v", r.Verdict, r.ExitCode, r.Reasons)
	}
	if r.Records.Throttled == 0 || r.Records.Unsent == 0 || r.Records.Lost != 0 || r.Rows.Wrong+r.Rows.Missing+r.Rows.Unexpected != 0 {
		t.Errorf("%+v, %+v", r.Records, r.Rows)
	}
}

func TestDrainLimitLeavesUnreadAndUnprovenNeitherLostNorMissing(t *testing.T) {
	// No read is answered until long after the drain limit.
	endpoint := startAWS(t, localaws.Config{Fault: func(c localaws.Call) localaws.Action {
		if c.Operation == "GetRecords" && c.Number > 1 {
			return localaws.DropBefore
		}
		return localaws.Serve
	}})
	s := flights(filepath.Join(recordings, "firehose/2013/01/02"))
	s.DrainLimit = scenarios.Duration(time.Second)
	o, err := execute(t, s, endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &o.Result
	checkBooks(t, &r.Records)
	if r.ExitCode != verdict.ExitFail || r.Records.Unread == 0 || r.Records.Lost != 0 || r.DrainedInMS != nil {
		t.Errorf("exit code %d, records %+v, drained in %v", r.ExitCode, r.Records, r.DrainedInMS)
	}
	if r.Rows.Unproven == 0 || r.Rows.Missing+r.Rows.Wrong+r.Rows.Unexpected != 0 {
		t.Errorf("rows %+v", r.Rows)
	}
	if where := fmt.Sprintf("%d records waiting in the stream of the input", r.Records.Unread); !strings.Contains(strings.Join(r.Reasons, "\n"), "when its limit was reached: "+where) {
		t.Errorf("%q does not name %s", r.Reasons, where)
	}
}

func TestStreamThatIsDeletedUnderTheRunIsAnErrorAndLeavesARunFolder(t *testing.T) {
	endpoint := startAWS(t, localaws.Config{})
	s := january()
	s.Load.Replay.Speed = "100000x"
	o, err := execute(t, s, endpoint, func(c *harness.Config) {
		deleted := false
		c.Progress = func(measure.Snapshot) {
			if !deleted {
				deleted = true
				deleteStreams(t, endpoint)
			}
		}
	})
	if err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("error %v", err)
	}
	folder, openErr := result.Open(o.Folder)
	if openErr != nil {
		t.Fatal(openErr)
	}
	r, openErr := folder.ReadResult()
	if openErr != nil {
		t.Fatal(openErr)
	}
	if r.Verdict != verdict.Error || r.ExitCode != verdict.ExitError || r.Records.Acked == 0 {
		t.Errorf("%s (%d), %+v", r.Verdict, r.ExitCode, r.Records)
	}
}

func deleteStreams(t *testing.T, endpoint string) {
	ctx := context.Background()
	clients, err := awsclient.New(ctx, awsclient.Config{Endpoint: endpoint, Region: "us-east-1"})
	if err != nil {
		t.Error(err)
		return
	}
	defer clients.Close()
	list, err := clients.Kinesis.ListStreams(ctx, nil)
	if err != nil {
		t.Error(err)
		return
	}
	for _, name := range list.StreamNames {
		if err := stream.Delete(ctx, clients.Kinesis, name); err != nil {
			t.Error(err)
		}
	}
}

func TestRunWhoseTargetBreaksIsAnErrorAndNotAnInterruption(t *testing.T) {
	s := january()
	s.Load.Replay.Speed = "60x"
	s.Resolve()
	broke := errors.New("the server broke")
	work, cancel := context.WithCancelCause(t.Context())
	o, err := harness.Run(work, work, harness.Config{
		Scenario: s, Target: awsclient.Config{Endpoint: startAWS(t, localaws.Config{}), Region: "us-east-1"}, Out: filepath.Join(t.TempDir(), "run"),
		Progress: func(measure.Snapshot) { cancel(broke) },
	})
	if !errors.Is(err, broke) || o.Result.Verdict != "error" || o.Result.ExitCode != 1 || !slices.Contains(o.Result.Reasons, broke.Error()) {
		t.Errorf("%v: %s, %d, %v", err, o.Result.Verdict, o.Result.ExitCode, o.Result.Reasons)
	}
}

func TestFileThatCannotBeWrittenIsAnErrorThatNamesItAndTheRestIsWritten(t *testing.T) {
	endpoint := startAWS(t, localaws.Config{})
	s := flights(filepath.Join(recordings, "firehose/2013/01/02"))
	o, err := execute(t, s, endpoint, func(c *harness.Config) {
		c.BeforeProof = func(context.Context, string) error {
			// A folder where the file is to be is as good as a disk that is full.
			return os.MkdirAll(filepath.Join(c.Out, result.WindowsFile, "full"), 0o755)
		}
	})
	if err == nil || !strings.Contains(err.Error(), result.WindowsFile) {
		t.Errorf("error %v", err)
	}
	if text := readFile(t, filepath.Join(o.Folder, result.ResultFile)); !strings.Contains(text, `"verdict": "error"`) {
		t.Error(text)
	}
}

func TestRunRemovesWhatItMadeAndNothingElse(t *testing.T) {
	endpoint := startAWS(t, localaws.Config{})
	ctx := t.Context()
	clients, err := awsclient.New(ctx, awsclient.Config{Endpoint: endpoint, Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	if err := stream.Create(ctx, clients.Kinesis, stream.Spec{Name: "somebodys", Shards: 1}); err != nil {
		t.Fatal(err)
	}
	s := flights(filepath.Join(recordings, "firehose/2013/01/02"))
	s.Pipeline.Shape = scenarios.Routed
	if _, err := execute(t, s, endpoint, nil); err != nil {
		t.Fatal(err)
	}
	streams, err := clients.Kinesis.ListStreams(ctx, nil)
	if err != nil || len(streams.StreamNames) != 1 {
		t.Errorf("streams %v, %v", streams, err)
	}
	time.Sleep(200 * time.Millisecond) // a table is DELETING for a moment
	tables, err := clients.DynamoDB.ListTables(ctx, nil)
	if err != nil || len(tables.TableNames) != 0 {
		t.Errorf("tables %v, %v", tables, err)
	}
}

func TestScenarioInTheRunFolderIsTheResolvedOne(t *testing.T) {
	endpoint := startAWS(t, localaws.Config{})
	s := flights(filepath.Join(recordings, "firehose/2013/01/02"))
	o, err := execute(t, s, endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if _, err := s.WriteTo(&want); err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, filepath.Join(o.Folder, result.ScenarioFile)); got != want.String() {
		t.Errorf("%s\nwant\n%s", got, want.String())
	}
}
