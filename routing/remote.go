package routing

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// InvokePath is the path of Lambda's runtime invoke, as AWS's runtime interface emulator serves it.
const InvokePath = "/2015-03-31/functions/function/invocations"

// Event is the form of the event that a function gets.
type Event int

const (
	// KinesisEvent is that of Lambda's Kinesis event source.
	KinesisEvent Event = iota
	// OutputEvent is that of the old application, Kinesis Data Analytics for SQL, each of whose records has to be acknowledged.
	OutputEvent
)

// RemoteConfig is what a [Remote] is made with.
type RemoteConfig struct {
	// URL is the endpoint, without its path where that is [InvokePath].
	URL string
	// Client makes the calls, without a timeout of its own.
	Client *http.Client
	// Timeout is the function's: Lambda's default is 3 s, and the most that it allows 15 min.
	Timeout time.Duration
	Event   Event
	Origin  Origin
	// Report says that the answer is heeded: it has to be one.
	Report bool
	// Concurrency is how many invocations may be under way at once, as a function's reserved concurrency; zero is any number. What is over it waits.
	Concurrency int
	// Context is the client context's custom part: what the function is told beside the event (AWS Lambda API reference, Invoke, ClientContext).
	Context map[string]string
}

// Remote is a user's own function: whatever speaks Lambda's runtime invoke.
type Remote struct {
	config  RemoteConfig
	context string
	slots   chan struct{} // nil where there is no bound
}

// NewRemote makes a function of an endpoint. It asks nothing of it.
func NewRemote(config RemoteConfig) *Remote {
	if !strings.HasSuffix(config.URL, InvokePath) {
		config.URL = strings.TrimSuffix(config.URL, "/") + InvokePath
	}
	custom, _ := json.Marshal(map[string]any{"custom": config.Context}) // strings have no error
	r := &Remote{config: config, context: base64.StdEncoding.EncodeToString(custom)}
	if config.Concurrency > 0 {
		r.slots = make(chan struct{}, config.Concurrency)
	}
	return r
}

// Invoke posts the event, and reads the answer.
func (r *Remote) Invoke(ctx context.Context, batch *Batch) (Answer, error) {
	if r.config.Event == KinesisEvent {
		answer, err := r.post(ctx, r.config.Origin.KinesisEvent(batch))
		if err != nil {
			return Answer{}, err
		}
		return r.itemFailures(answer)
	}
	invocation := newID()
	event, err := r.config.Origin.OutputEvent(batch, invocation)
	if err != nil {
		return Answer{}, err
	}
	answer, err := r.post(ctx, event)
	if err != nil {
		return Answer{}, err
	}
	if failure := acknowledged(answer, invocation, len(batch.Items)); failure != nil {
		return Answer{}, failure
	}
	return Answer{}, nil
}

// maxAnswer is how large an answer can be (AWS Lambda developer guide, "Lambda quotas").
const maxAnswer = MaxPayload

// post makes the call. Without an answer within the function's timeout it has timed out, whether or not the endpoint has a timeout of its own.
func (r *Remote) post(ctx context.Context, event []byte) ([]byte, error) {
	if r.slots != nil {
		select {
		case r.slots <- struct{}{}:
			defer func() { <-r.slots }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	within, cancel := context.WithTimeoutCause(ctx, r.config.Timeout, errTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(within, http.MethodPost, r.config.URL, bytes.NewReader(event))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
	request.Header.Set("X-Amz-Client-Context", r.context)
	response, err := r.config.Client.Do(request)
	if err != nil {
		return nil, r.unanswered(ctx, within, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, r.unanswered(ctx, within, err)
	case len(answer) > maxAnswer:
		return nil, failedf(Garbage, "the answer has more than %d bytes", maxAnswer)
	}
	if failure := judge(response, answer); failure != nil {
		return nil, failure
	}
	return answer, nil
}

func (r *Remote) unanswered(ctx, within context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(context.Cause(within), errTimeout):
		return failedf(TimedOut, "%w: %s", errTimeout, r.config.Timeout)
	}
	return &Failure{Kind: Unavailable, Err: err}
}

// functionError is what a runtime answers for a function that failed (AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes").
type functionError struct {
	Message *string `json:"errorMessage"`
	Type    *string `json:"errorType"`
}

// judge tells a function that failed from one that could not be invoked. Lambda marks the former by a header, and answers 200; the runtime interface
// emulator marks it by the answer alone, and answers a function that has died with an error of its own form.
func judge(response *http.Response, answer []byte) *Failure {
	var e functionError
	failed := json.Unmarshal(answer, &e) == nil && e.Type != nil && e.Message != nil
	switch header := response.Header.Get("X-Amz-Function-Error"); {
	case header != "" || failed:
		return failedf(Errored, "%s %.300s", header, bytes.TrimSpace(answer))
	case response.StatusCode == http.StatusRequestEntityTooLarge:
		return failedf(TooLarge, "%s", response.Status)
	case response.StatusCode != http.StatusOK:
		return failedf(Unavailable, "%s: %.200q", response.Status, answer)
	case len(bytes.TrimSpace(answer)) > 0 && !json.Valid(answer):
		return failedf(Garbage, "the answer is not JSON: %.200q", answer)
	}
	return nil
}

// itemFailures reads what an answer says of single items, where it is heeded: what else a function returns is its own business. None, null and nothing are a
// success; an item without its identifier, or an answer of another form, fails the batch ("Configuring partial batch response with Kinesis Data Streams
// and Lambda", success and failure conditions).
func (r *Remote) itemFailures(answer []byte) (Answer, error) {
	if !r.config.Report || len(bytes.TrimSpace(answer)) == 0 {
		return Answer{}, nil
	}
	var a struct {
		Failures []struct {
			ID *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return Answer{}, failedf(Garbage, "the answer reports no items: %w: %.200q", err, answer)
	}
	var refused []string
	for _, f := range a.Failures {
		if f.ID == nil {
			f.ID = new(string)
		}
		refused = append(refused, *f.ID)
	}
	return Answer{Refused: refused}, nil
}

// String is the endpoint, as errors name it.
func (r *Remote) String() string { return fmt.Sprintf("function %s", r.config.URL) }
