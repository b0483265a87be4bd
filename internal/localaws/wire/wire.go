// Package wire is the seam between the embedded AWS's operations and the protocols that carry them. An [Operation] takes a typed
// request and gives a typed answer or an [Error]; a [Codec] knows how these look in bytes; a [Service] finds the operation that a
// request names. Later protocols (CBOR) are codecs beside the one for JSON.
package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// MaxBody bounds a request: PutRecords takes 10 MiB of records, which base64 and JSON make a third larger.
const MaxBody = 16 << 20

// Operation is one operation of a service.
type Operation struct {
	Name string
	// serve decodes the request, hands it to the operation and encodes its answer.
	serve func(ctx context.Context, codec Codec, body []byte, fault func(request any) Action) (answer []byte, action Action, err error)
}

// Op makes an operation of a function on typed requests.
func Op[In, Out any](name string, do func(ctx context.Context, in *In) (*Out, error)) Operation {
	return Operation{Name: name, serve: func(ctx context.Context, codec Codec, body []byte, fault func(any) Action) ([]byte, Action, error) {
		in := new(In)
		if err := codec.Decode(body, in); err != nil {
			return nil, Serve, err
		}
		action := fault(in)
		if action == DropBefore {
			return nil, action, nil
		}
		out, err := do(ctx, in)
		if err != nil || action == DropAfter {
			return nil, action, err
		}
		answer, err := codec.Encode(out)
		return answer, action, err
	}}
}

// Service is the operations behind one target prefix.
type Service struct {
	name, prefix string
	codec        Codec
	operations   map[string]Operation
	fault        *faults
}

// NewService makes a service of its operations. The prefix is what stands before the dot in X-Amz-Target. A nil fault lets every
// call be served.
func NewService(name, prefix string, codec Codec, fault Fault, operations ...Operation) *Service {
	s := &Service{name: name, prefix: prefix, codec: codec, operations: make(map[string]Operation, len(operations)), fault: newFaults(fault)}
	for _, op := range operations {
		s.operations[op.Name] = op
	}
	return s
}

// Prefix is what stands before the dot in X-Amz-Target.
func (s *Service) Prefix() string { return s.prefix }

// ServeHTTP serves one request. The body is read to its end before anything is answered, for a client that closes its request when
// the answer begins (as aws-sdk-go-v2 does) would break the answer.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r)
	if err != nil {
		s.refuse(w, err)
		return
	}
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	op, ok := s.operations[name]
	if !ok {
		s.refuse(w, &Error{Status: http.StatusBadRequest, Code: "UnknownOperationException"})
		return
	}
	answer, action, err := op.serve(r.Context(), s.codec, body, func(request any) Action {
		return s.fault.next(Call{Service: s.name, Operation: name, Request: request})
	})
	if action == DropBefore || action == DropAfter {
		// net/http closes the connection without an answer, and without a word in the log.
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.write(w, http.StatusOK, answer)
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var body []byte
	var err error
	if n := r.ContentLength; n > 0 && n <= MaxBody {
		body = make([]byte, n)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &Error{
			Status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLargeException",
			Message: fmt.Sprintf("The request is over %d bytes.", MaxBody),
		}
	}
	if err != nil {
		return nil, &Error{Status: http.StatusBadRequest, Code: "SerializationException", Message: "The request breaks off."}
	}
	return body, nil
}

func (s *Service) refuse(w http.ResponseWriter, err error) {
	known, ok := errors.AsType[*Error](err)
	if !ok {
		known = &Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
	}
	var shape any = errorBody{Type: known.Code, Message: known.Message}
	if known.Body != nil {
		shape = known.Body
	}
	body, err := s.codec.Encode(shape)
	if err != nil {
		known, body = &Error{Status: http.StatusInternalServerError, Code: "InternalFailure"}, nil
	}
	w.Header().Set("X-Amzn-Errortype", known.Code)
	s.write(w, known.Status, body)
}

func (s *Service) write(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header.Set("Content-Type", s.codec.ContentType())
	header.Set("X-Amzn-Requestid", rand.Text())
	header.Set("Content-Length", strconv.Itoa(len(body)))
	// DynamoDB's clients check it, and warn where it is missing.
	header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	// An error here is a client that has gone, and there is nobody to tell.
	_, _ = w.Write(body)
}

// Unknown answers a request whose target belongs to no service.
func Unknown(w http.ResponseWriter, r *http.Request) {
	s := &Service{codec: JSON("1.1")}
	_, _ = readBody(w, r)
	s.refuse(w, &Error{Status: http.StatusBadRequest, Code: "UnknownOperationException"})
}
