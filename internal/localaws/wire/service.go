package wire

import (
	"crypto/rand"
	"errors"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"
)

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

// ServeHTTP serves one request. The body is read to its end before anything is answered.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		s.refuse(w, err)
		return
	}
	begun := time.Now()
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
	if len(answer) > wholeAnswer {
		time.Sleep(soonest - time.Since(begun))
	}
	s.write(w, http.StatusOK, answer)
}

// A client of aws-sdk-go-v2 closes its request when the header of the answer is there. If net/http has written the request by then, but
// has not yet looked whether its body ends there, it takes the closed body for a failure and drops the connection, in the
// middle of an answer that does not fit its buffer of 4 KiB. A server in the same machine is quick enough for that to happen to one call
// in thirty; a service across a network never is. So larger answers begin no sooner than a millisecond after their request.
const (
	wholeAnswer = 2 << 10
	soonest     = time.Millisecond
)

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
	if _, err := readBody(r); err != nil {
		s.refuse(w, err)
		return
	}
	s.refuse(w, &Error{Status: http.StatusBadRequest, Code: "UnknownOperationException"})
}
