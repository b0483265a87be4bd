package routing

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/record"
)

// served is a function behind an endpoint.
func served(t *testing.T, config RemoteConfig, handler http.HandlerFunc) *Remote {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+InvokePath, handler)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	config.URL, config.Client, config.Origin = server.URL, server.Client(), lambdaStream
	if config.Timeout == 0 {
		config.Timeout = time.Minute
	}
	return NewRemote(config)
}

func oneItem() *Batch {
	return &Batch{Shard: "s", Items: []Item{{Stored: record.Stored{Sequence: "1", PartitionKey: "k", Data: []byte("{}")}}}}
}

func TestAFunctionIsInvokedAsLambdaInvokesIt(t *testing.T) {
	var event, told []byte
	f := served(t, RemoteConfig{Context: map[string]string{"table": "rows"}}, func(w http.ResponseWriter, r *http.Request) {
		event, _ = io.ReadAll(r.Body)
		told, _ = base64.StdEncoding.DecodeString(r.Header.Get("X-Amz-Client-Context"))
		io.WriteString(w, `"whatever it returns"`)
	})
	answer, err := f.Invoke(t.Context(), oneItem())
	if err != nil || answer.Refused != nil {
		t.Errorf("%+v, %v", answer, err)
	}
	if string(event) != string(lambdaStream.KinesisEvent(oneItem())) || string(told) != `{"custom":{"table":"rows"}}` {
		t.Errorf("it got %s and was told %s", event, told)
	}
}

func TestAnAnswerIsASuccessOrAFailureOfAKind(t *testing.T) {
	const success = FailureKind(-1)
	for _, c := range []struct {
		name   string
		report bool
		status int
		header string
		answer string
		want   FailureKind
	}{
		{"nothing", false, 200, "", "", success},
		{"null", true, 200, "", "null", success},
		{"an object", true, 200, "", `{"statusCode":200}`, success},
		{"an empty report", true, 200, "", `{"batchItemFailures":[]}`, success},
		{"no report", true, 200, "", `{"batchItemFailures":null}`, success},
		{"a report that is none", true, 200, "", `{"batchItemFailures":"x"}`, Garbage},
		{"a text for a report", true, 200, "", `"ok"`, Garbage},
		{"a text that nobody heeds", false, 200, "", `"ok"`, success},
		{"a page", false, 200, "", `<html>`, Garbage},
		{"a function that failed", false, 200, "Unhandled", `{"errorMessage":"x","errorType":"E"}`, Errored},
		{"one that the emulator tells of", false, 200, "", `{"errorMessage":"x","errorType":"E","stackTrace":[]}`, Errored},
		{"one that has died", false, 502, "", `{"errorType":"Runtime.ExitError","errorMessage":"exit status 1"}`, Errored},
		{"an endpoint that fails", false, 500, "", `internal server error`, Unavailable},
		{"one that throttles", false, 429, "", `{"Reason":"ConcurrentInvocationLimitExceeded"}`, Unavailable},
		{"one that is not there", false, 404, "", ``, Unavailable},
		{"one that takes no such event", false, 413, "", ``, TooLarge},
		{"an answer that is too long", false, 200, "", `"` + strings.Repeat("x", maxAnswer) + `"`, Garbage},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := served(t, RemoteConfig{Report: c.report}, func(w http.ResponseWriter, _ *http.Request) {
				if c.header != "" {
					w.Header().Set("X-Amz-Function-Error", c.header)
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.answer)
			})
			_, err := f.Invoke(t.Context(), oneItem())
			failure := asFailure(err)
			if c.want == success && err != nil || c.want != success && (failure == nil || failure.Kind != c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAReportTellsItemsByTheirSequenceNumbers(t *testing.T) {
	f := served(t, RemoteConfig{Report: true}, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"batchItemFailures":[{"itemIdentifier":"7"},{"itemIdentifier":null},{"other":"8"}]}`)
	})
	if answer, err := f.Invoke(t.Context(), oneItem()); err != nil || !slices.Equal(answer.Refused, []string{"7", "", ""}) {
		t.Errorf("%q, %v", answer.Refused, err)
	}
}

func TestAFunctionThatHangsTimesOut(t *testing.T) {
	f := served(t, RemoteConfig{Timeout: time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // else the server does not see that the client has gone
		<-r.Context().Done()
	})
	if _, err := f.Invoke(t.Context(), oneItem()); asFailure(err) == nil || asFailure(err).Kind != TimedOut {
		t.Errorf("%v", err)
	}
}

func TestTheEndOfTheRunIsNoFailureOfTheFunction(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := served(t, RemoteConfig{}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	if _, err := f.Invoke(ctx, oneItem()); !errors.Is(err, context.Canceled) || asFailure(err) != nil {
		t.Errorf("%v", err)
	}
}

func TestAnEndpointThatIsNotThereIsUnavailable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	f := NewRemote(RemoteConfig{URL: server.URL + "/", Client: server.Client(), Timeout: time.Minute})
	if _, err := f.Invoke(t.Context(), oneItem()); asFailure(err) == nil || asFailure(err).Kind != Unavailable {
		t.Errorf("%v", err)
	}
}

func TestADirectFunctionGetsTheOldApplicationsEventUntilItAcknowledges(t *testing.T) {
	var hints []int
	f := served(t, RemoteConfig{Event: OutputEvent}, func(w http.ResponseWriter, r *http.Request) {
		var event outputEvent
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		hints = append(hints, event.Records[0].Metadata.RetryHint)
		result := "DeliveryFailed"
		if len(hints) == 3 {
			result = "Ok"
		}
		json.NewEncoder(w).Encode(map[string]any{"records": []any{map[string]string{"recordId": event.Records[0].RecordID, "result": result}}})
	})
	d, observer := NewDirect(DirectConfig{Function: f, Observer: new(seen), Clock: record.NewClock(time.Now())}), new(seen)
	d.config.Observer = observer
	stop := runDirect(t, d)
	if err := d.Emit(t.Context(), rowsOf("k", "a")); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if s := d.Status(); !slices.Equal(hints, []int{0, 1, 2}) || s.Rows != 1 || s.Failing != 0 || s.Retried != 2 || s.Invocations.Failed["error"] != 2 || !slices.Equal(observer.handled, []string{"a"}) {
		t.Errorf("hints %v, %+v, handled %v", hints, s, observer.handled)
	}
}

// AWS's runtime interface emulator dies of a second invocation beside the first.
func TestNoMoreInvocationsAreUnderWayThanTheFunctionTakes(t *testing.T) {
	var under, most atomic.Int64
	f := served(t, RemoteConfig{Concurrency: 2}, func(w http.ResponseWriter, _ *http.Request) {
		n := under.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(time.Millisecond)
		under.Add(-1)
	})
	var all errgroup.Group
	for range 20 {
		all.Go(func() error {
			_, err := f.Invoke(t.Context(), oneItem())
			return err
		})
	}
	if err := all.Wait(); err != nil || most.Load() > 2 {
		t.Errorf("%v, up to %d at once", err, most.Load())
	}
}
