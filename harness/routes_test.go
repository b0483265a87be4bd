package harness_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/record"
	"weir/routing"
	"weir/scenarios"
)

// firehose is a replay of one day, a few rows.
func firehose() *scenarios.Scenario {
	s := flights(filepath.Join(recordings, "firehose", "2013", "01", "02"))
	s.Pipeline.Input.Shards = 2
	s.Fields.PartitionKey = []string{"carrier"}
	return s
}

func routedTo(handler *scenarios.Handler, change func(*scenarios.Route)) *scenarios.Scenario {
	s := firehose()
	s.Pipeline.Shape = scenarios.Routed
	s.Pipeline.Output = &scenarios.Output{Mode: scenarios.Provisioned, Poll: scenarios.Duration(50 * time.Millisecond)}
	s.Pipeline.Routes = map[string]scenarios.Route{"own": {
		Handler: handler, BatchSize: 10, ParallelizationFactor: 2, MaximumRetryAttempts: -1, StartingPosition: scenarios.TrimHorizon, ReportBatchItemFailures: true,
	}}
	if change != nil {
		route := s.Pipeline.Routes["own"]
		change(&route)
		s.Pipeline.Routes["own"] = route
	}
	return s
}

func ownFunction(t *testing.T, invoked http.HandlerFunc) *scenarios.Handler {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+routing.InvokePath, invoked)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	handler := scenarios.DefaultHandler()
	handler.Invoke, handler.Timeout = server.URL, scenarios.Duration(time.Minute)
	return handler
}

// writeRows writes the rows of a Kinesis event where the client context says, as a function would.
func writeRows(ctx context.Context, r *http.Request) error {
	var told struct {
		Custom struct {
			Table       string
			EndpointURL string `json:"endpoint_url"`
		}
	}
	text, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Amz-Client-Context"))
	if err == nil {
		err = json.Unmarshal(text, &told)
	}
	if err != nil {
		return err
	}
	var event struct {
		Records []struct{ Kinesis struct{ Data []byte } }
	}
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
		return err
	}
	clients, err := awsclient.New(ctx, awsclient.Config{Endpoint: told.Custom.EndpointURL, Region: "us-east-1"})
	if err != nil {
		return err
	}
	defer clients.Close()
	for _, item := range event.Records {
		var row record.Row
		if err := json.Unmarshal(item.Kinesis.Data, &row); err != nil {
			return err
		}
		if _, err := clients.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &told.Custom.Table, Item: itemOf(&row)}); err != nil {
			return err
		}
	}
	return nil
}

// itemOf is the item that docs/run-folder.md and DESIGN.md describe, made here as a stranger would.
func itemOf(row *record.Row) map[string]types.AttributeValue {
	s := func(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
	var parts []types.AttributeValue
	for _, part := range record.SplitKey(row.Key) {
		parts = append(parts, s(part))
	}
	count, _ := json.Marshal(row.Count)
	item := map[string]types.AttributeValue{
		"pk": s(row.Kind + "#" + row.Key), "window_start": s(row.Time(row.WindowStart)), "window_end": s(row.Time(row.WindowEnd)), "kind": s(row.Kind),
		"key": &types.AttributeValueMemberL{Value: parts}, "count": &types.AttributeValueMemberN{Value: string(count)},
	}
	for name, value := range map[string]string{"sum": row.Sum, "min": row.Min, "max": row.Max} {
		if value != "" {
			item[name] = &types.AttributeValueMemberN{Value: value}
		}
	}
	return item
}

func TestAUsersOwnFunctionThatWritesTheTableIsProved(t *testing.T) {
	var calls atomic.Int64
	handler := ownFunction(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 2 {
			io.WriteString(w, `{"errorMessage":"now and then","errorType":"Error"}`)
			return
		}
		if err := writeRows(r.Context(), r); err != nil {
			t.Error(err)
		}
		io.WriteString(w, `{"batchItemFailures":[]}`)
	})
	handler.Writes = true
	outcome, err := execute(t, routedTo(handler, nil), startAWS(t, localaws.Config{}), nil)
	r := &outcome.Result
	if err != nil || r.ExitCode != 0 || r.Rows == nil || r.Rows.Matched != r.Rows.Expected || r.Rows.Expected < 100 {
		t.Fatalf("%v, %v, rows %+v", err, r.Reasons, r.Rows)
	}
	route := r.Routes["own"]
	if route.Failures["error"] != 1 || route.Retried == 0 || route.Invocations != calls.Load() || route.Rows != r.Rows.Expected {
		t.Errorf("%+v after %d calls", route, calls.Load())
	}
	// When the function had written, it was not seen to: its answer is.
	if _, written := r.Latency["written"]; written || r.Latency["handled"].Count == 0 {
		t.Errorf("latencies %+v", r.Latency)
	}
}

func TestWhatAFunctionIsNotSeenToWriteIsNeitherProvedNorMissing(t *testing.T) {
	handler := ownFunction(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "null") })
	outcome, err := execute(t, routedTo(handler, nil), startAWS(t, localaws.Config{}), nil)
	r := &outcome.Result
	if err != nil || r.ExitCode != 0 || r.Rows.Handled != r.Rows.Expected || r.Rows.Missing != 0 || r.Rows.Matched != 0 {
		t.Fatalf("%v, %v, rows %+v", err, r.Reasons, r.Rows)
	}
	if !strings.Contains(strings.Join(r.Warnings, "\n"), "taken by functions whose writes are not seen, and not proved") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

func TestAFunctionThatAnswersGarbageBlocksAndTheRunSaysSo(t *testing.T) {
	var failures atomic.Int64
	work, end := context.WithCancel(t.Context())
	handler := ownFunction(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<html>")
		if failures.Add(1) == 6 { // however slow the machine is, some batch has failed by then, and is tried again
			end()
		}
	})
	s := routedTo(handler, nil)
	s.Resolve()
	outcome, err := harness.Run(t.Context(), work, harness.Config{
		Scenario: s, Target: awsclient.Config{Endpoint: startAWS(t, localaws.Config{}), Region: "us-east-1"}, Out: filepath.Join(t.TempDir(), "run"), Version: "test",
	})
	r := &outcome.Result
	route := r.Routes["own"]
	if err != nil || r.ExitCode != 130 || len(route.Blocked) == 0 || route.Failures["garbage"] == 0 || route.Rows != 0 {
		t.Fatalf("%v, %v, rows %+v, route %+v", err, r.Reasons, r.Rows, route)
	}
	b := route.Blocked[0]
	if b.Failures == 0 || b.Behind == 0 || b.Shard == "" || !strings.Contains(strings.Join(r.Warnings, "\n"), "route own is blocked in shard "+b.Shard+" at record "+b.Sequence) {
		t.Errorf("%+v, warnings %q", b, r.Warnings)
	}
}

func TestADirectFunctionGetsTheOldApplicationsEvent(t *testing.T) {
	var rows atomic.Int64
	handler := ownFunction(t, func(w http.ResponseWriter, r *http.Request) {
		var event struct {
			Records []struct {
				RecordID string `json:"recordId"`
				Data     []byte `json:"data"`
			} `json:"records"`
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		var answer struct {
			Records []map[string]string `json:"records"`
		}
		for _, item := range event.Records {
			var row record.Row
			if err := json.Unmarshal(item.Data, &row); err != nil {
				t.Error(err)
			}
			answer.Records = append(answer.Records, map[string]string{"recordId": item.RecordID, "result": "Ok"})
		}
		rows.Add(int64(len(event.Records)))
		json.NewEncoder(w).Encode(answer)
	})
	s := firehose()
	s.Pipeline.Handler = handler
	outcome, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	r := &outcome.Result
	if err != nil || r.ExitCode != 0 || r.Rows.Handled != r.Rows.Expected || rows.Load() != r.Rows.Expected || r.Handler.Invocations == 0 {
		t.Errorf("%v, %v, rows %+v, handler %+v", err, r.Reasons, r.Rows, r.Handler)
	}
}

// With several routes, the run waits until each has seen every row: hits and misses are whole.
func TestEachRouteHasSeenEveryRowWhenTheRunEnds(t *testing.T) {
	s := routedTo(nil, func(route *scenarios.Route) {
		route.Filters = []map[string]any{{"data": map[string]any{"kind": []any{"weather"}}}}
	})
	rest := s.Pipeline.Routes["own"]
	rest.Filters = []map[string]any{{"data": map[string]any{"kind": []any{map[string]any{"anything-but": "weather"}}}}}
	s.Pipeline.Routes["rest"] = rest
	outcome, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	r := &outcome.Result
	if err != nil || r.ExitCode != 0 || r.Rows.Matched != r.Rows.Expected {
		t.Fatalf("%v, %v, rows %+v", err, r.Reasons, r.Rows)
	}
	for name, route := range r.Routes {
		if route.Hits+route.Misses != r.Rows.Expected || route.Hits != route.Rows {
			t.Errorf("route %s: %+v of %d rows", name, route, r.Rows.Expected)
		}
	}
	if own := r.Routes["own"]; *own.Leaks != 0 || own.Hits != r.Rows.ByKind["weather"] || r.Rows.RoutedTwice != 0 || r.Rows.Unrouted != 0 {
		t.Errorf("%+v, %+v", own, r.Rows)
	}
}

// A row that one route has written is still on its way through another.
func TestARunWaitsForTheInvocationsOfEachRoute(t *testing.T) {
	s := routedTo(ownFunction(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(200 * time.Millisecond)
		_, _ = io.WriteString(w, `{"batchItemFailures":[]}`)
	}), nil)
	s.Pipeline.Routes["rest"] = scenarios.NewRoute()
	outcome, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	r := &outcome.Result
	if err != nil || r.Rows.Matched != r.Rows.Expected {
		t.Fatalf("%v, %v, rows %+v", err, r.Reasons, r.Rows)
	}
	if own := r.Routes["own"]; own.Hits != r.Rows.Expected || own.Rows != own.Hits {
		t.Errorf("%+v of %d rows", own, r.Rows.Expected)
	}
}

// The output stream is made for the run: whatever a route's position, it begins before the first row.
func TestARouteGetsEveryRowFromWhateverPositionItStarts(t *testing.T) {
	for position, at := range map[scenarios.StartingPosition]string{
		scenarios.TrimHorizon: "", scenarios.Latest: "", scenarios.AtTimestamp: "2026-01-31T12:00:00Z",
	} {
		s := routedTo(nil, func(route *scenarios.Route) { route.StartingPosition, route.StartingPositionTimestamp = position, at })
		s.Pipeline.Output.Shards = 4
		outcome, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
		r := &outcome.Result
		if err != nil || r.ExitCode != 0 || r.Rows.Matched != r.Rows.Expected || r.Routes["own"].Hits != r.Rows.Expected {
			t.Errorf("%s: %v, %v, rows %+v", position, err, r.Reasons, r.Rows)
		}
	}
}
