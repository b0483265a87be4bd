package wire

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

// Emit sends an event of a name to the client, at once. Its error is that nobody takes it any more.
type Emit func(event string, payload any) error

// Send sends events until there are no more, or ctx ends. An [Error] that it returns is sent as an exception.
type Send func(ctx context.Context, emit Emit) error

// Streaming is an operation whose answer is a stream of events (Amazon event stream encoding). do checks the request, and returns what is to be sent or
// an error, which is answered as that of any other operation.
func Streaming[In any](name string, do func(ctx context.Context, in *In) (Send, error)) Operation {
	return Operation{Name: name, serve: func(ctx context.Context, codec Codec, body []byte, _ Room, fault func(any) Action) (reply, error) {
		in := new(In)
		if err := codec.Decode(body, in); err != nil {
			return reply{}, err
		}
		action := fault(in)
		if err := action.before(ctx); err != nil {
			return reply{}, err
		}
		send, err := do(ctx, in)
		if action.Kind == DropAfter {
			return reply{}, errDropped
		}
		return reply{send: send}, err
	}}
}

// reply is what an operation answers: a body, what writes one, or what sends events.
type reply struct {
	body []byte
	long longAnswer
	send Send
}

func (r reply) length() int {
	if r.long != nil {
		return r.long.LengthJSON()
	}
	return len(r.body)
}

type shutdownKey struct{}

// UntilShutdown is a context of calls whose streams end when the other context does: a server that waits for its calls to end would wait for
// minutes otherwise.
func UntilShutdown(calls, shutdown context.Context) context.Context {
	return context.WithValue(calls, shutdownKey{}, shutdown)
}

const eventStreamType = "application/vnd.amazon.eventstream"

// stream sends events. The first is the initial response, which says that there is no other member of the answer: the SDKs wait for it.
func (s *Service) stream(w http.ResponseWriter, r *http.Request, codec Codec, send Send) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if shutdown, ok := ctx.Value(shutdownKey{}).(context.Context); ok {
		defer context.AfterFunc(shutdown, cancel)()
	}
	if !s.options.WholeBodies {
		sleep(ctx, soonest)
	}
	w.Header().Set("Content-Type", eventStreamType)
	w.Header().Set("X-Amzn-Requestid", rand.Text())
	w.WriteHeader(http.StatusOK)
	events := &events{to: w, codec: codec}
	defer func() { _ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) }() // for the connection's next call
	if events.emit("initial-response", struct{}{}) != nil {
		return
	}
	if err := send(ctx, events.emit); err != nil && ctx.Err() == nil {
		// An error here is a client that has gone, and there is nobody to tell.
		_ = events.exception(err)
	}
}

// events writes messages to a client.
type events struct {
	to     http.ResponseWriter
	codec  Codec
	buffer []byte
}

func (e *events) emit(event string, payload any) error {
	return e.write(payload, "event", ":event-type", event)
}

func (e *events) exception(err error) error {
	known := known(err)
	return e.write(messageBody{known.Message}, "exception", ":exception-type", known.Code)
}

// messageBody is an error as an exception of a stream has it: its type stands in a header.
type messageBody struct {
	Message string `json:"message"`
}

func (e *events) write(payload any, kind, nameHeader, name string) error {
	body, err := e.codec.Encode(payload, own)
	if err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	headers := [][2]string{{":message-type", kind}, {nameHeader, name}, {":content-type", e.codec.ContentType()}}
	e.buffer = frame{headers, body}.append(e.buffer[:0])
	controller := http.NewResponseController(e.to)
	// A client that reads nothing for so long is taken for gone, or its connection would hold the subscription for ever.
	_ = controller.SetWriteDeadline(time.Now().Add(silence)) // one that cannot have a deadline does without
	if _, err := e.to.Write(e.buffer); err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	if err := controller.Flush(); err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	return nil
}

const silence = time.Minute
