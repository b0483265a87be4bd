package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"weir/internal/buffers"
)

// Service is the operations behind one target prefix.
type Service struct {
	name, prefix string
	codecs       []Codec
	options      Options
	operations   map[string]Operation
	checksums    bool
	faults       *faults
	bodies       buffers.Pool
}

// Options are what all services of a server share.
type Options struct {
	// Fault is asked what happens to each call; nil serves all of them.
	Fault Fault
	// WholeBodies says that no client closes a request's body before net/http has sent it, as that of aws-sdk-go-v2 does. Answers
	// then begin at once; else one of over 2 KiB waits for a millisecond.
	WholeBodies bool
}

// NewService makes a service of its operations. The prefix is what stands before the dot in X-Amz-Target. A request is read, and
// answered, errors too, by the codec of its Content-Type, or by the first where none has it.
func NewService(name, prefix string, codecs []Codec, options Options, operations ...Operation) *Service {
	s := &Service{
		name: name, prefix: prefix, codecs: codecs, options: options,
		operations: make(map[string]Operation, len(operations)), faults: newFaults(options.Fault),
	}
	for _, op := range operations {
		s.operations[op.Name] = op
	}
	return s
}

// WithChecksums has each answer carry its CRC-32 in X-Amz-Crc32: DynamoDB's clients compare it, and warn where it is missing.
func (s *Service) WithChecksums() *Service {
	s.checksums = true
	return s
}

// Prefix is what stands before the dot in X-Amz-Target.
func (s *Service) Prefix() string { return s.prefix }

// ServeHTTP serves one request. The body is read to its end before anything is answered.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	codec := s.codecFor(r)
	memory := new(loan)
	if r.ProtoMajor == 1 { // a stream of HTTP/2 that is reset may still be written when its call has returned
		memory.pool = &s.bodies
	}
	defer memory.giveBack()
	answer, err := s.answer(w, r, codec, memory)
	if err == nil && answer.send != nil {
		s.stream(w, r, codec, answer.send)
		return
	}
	status := http.StatusOK
	if err != nil {
		status, answer.body = refusal(w, codec, err)
	}
	length := answer.length()
	if length > wholeAnswer && !s.options.WholeBodies {
		sleep(r.Context(), soonest-time.Since(begun))
	}
	if s.checksums {
		w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(answer.body)), 10))
	}
	writeHeader(w, codec, status, length)
	// An error of a write is a client that has gone, and there is nobody to tell.
	if answer.long != nil {
		_ = answer.long.WriteJSON(w, memory.room)
		return
	}
	_, _ = w.Write(answer.body)
}

// codecFor is the codec of a request's content type. Case and parameters, as a charset, make no difference.
func (s *Service) codecFor(r *http.Request) Codec {
	asked, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	for _, codec := range s.codecs {
		if strings.EqualFold(strings.TrimSpace(asked), codec.ContentType()) {
			return codec
		}
	}
	return s.codecs[0]
}

// answer is what the operation that a request names answers to it.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, codec Codec, memory *loan) (answer reply, err error) {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	op, ok := s.operations[name]
	room := own
	if op.transient {
		room = memory.bodyRoom
	}
	body, err := readBody(w, r, room)
	if err != nil {
		return reply{}, err
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), cborTypes) && !strings.HasPrefix(codec.ContentType(), cborTypes) {
		return reply{}, NewError("SerializationException", "weir: the embedded %s speaks JSON, and not CBOR, as AWS's own does", s.title())
	}
	if !ok {
		return reply{}, NewError("UnknownOperationException", "weir: the embedded %s does not serve %s", s.title(), name)
	}
	defer func() {
		switch mistake := recover(); mistake {
		case nil:
		case http.ErrAbortHandler:
			panic(mistake)
		default:
			err = fmt.Errorf("weir: the embedded %s failed in %s, which is a mistake of its own: %v", s.title(), name, mistake)
		}
	}()
	answer, err = op.serve(r.Context(), codec, body, memory.room, func(request any) Action {
		call := newCall(s.name, name, request)
		note(r.Context(), call)
		return s.faults.next(call)
	})
	if errors.Is(err, errDropped) {
		// net/http closes the connection without an answer, and without a word in the log.
		panic(http.ErrAbortHandler)
	}
	return answer, err
}

// cborTypes is how the content types of AWS's CBOR protocols begin.
const cborTypes = "application/x-amz-cbor"

// title is the service's name as people write it; it stands in front of its target.
func (s *Service) title() string {
	title, _, _ := strings.Cut(s.prefix, "_")
	return title
}

// A client of aws-sdk-go-v2 closes its request when the header of the answer is there. If net/http has written the request by then, but
// has not yet looked whether its body ends there, it takes the closed body for a failure and drops the connection, in the
// middle of an answer that does not fit its buffer of 4 KiB. A server in the same machine is quick enough for that to happen to one call
// in thirty; a service across a network never is. So larger answers begin no sooner than a millisecond after their request, unless all
// clients are known to do without: see [Options].
const (
	wholeAnswer = 2 << 10
	soonest     = time.Millisecond
)

// sleep waits for d, or until the client has gone.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// refusal is an error as it is answered.
func refusal(w http.ResponseWriter, codec Codec, err error) (status int, body []byte) {
	known := known(err)
	// What a client sent may stand in a message, and need not be text.
	var shape any = errorBody{Type: known.Code, Message: strings.ToValidUTF8(known.Message, "\ufffd")}
	if known.Body != nil {
		shape = known.Body
	}
	body, err = codec.Encode(shape, own)
	if err != nil {
		known, body = &Error{Status: http.StatusInternalServerError, Code: "InternalFailure"}, nil
	}
	w.Header().Set("X-Amzn-Errortype", known.Code)
	return known.Status, body
}

// known is an error as a client is told of it.
func known(err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	return &Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
}

func writeHeader(w http.ResponseWriter, codec Codec, status, length int) {
	header := w.Header()
	header.Set("Content-Type", codec.ContentType())
	header.Set("X-Amzn-Requestid", rand.Text())
	header.Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
}

// Unknown answers a request for something that belongs to no service.
func Unknown(w http.ResponseWriter, r *http.Request, asked string) {
	codec := JSON("1.1", nil)
	_, err := readBody(w, r, own)
	if err == nil {
		err = NewError("UnknownOperationException", "weir: the embedded AWS serves Kinesis, DynamoDB, S3 and STS, and not %s", asked)
	}
	status, body := refusal(w, codec, err)
	writeHeader(w, codec, status, len(body))
	_, _ = w.Write(body) // as above
}
