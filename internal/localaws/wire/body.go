package wire

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"weir/internal/buffers"
)

// MaxBody bounds a request: PutRecords takes 10 MiB of records, which base64 and JSON make a third larger.
const MaxBody = 16 << 20

// maxDrain bounds what is read of a request over MaxBody, so that its client reads why instead of losing the connection.
const maxDrain = 4 * MaxBody

// bodyTimeout bounds the wait for the whole of a request, so that a client that stops in the middle of one holds nothing for ever.
const bodyTimeout = time.Minute

// loan is the memory that one call borrows. It goes back once the call is answered.
type loan struct {
	pool *buffers.Pool // nil lends fresh memory
	lent []*buffers.Buffer
}

// room is empty memory for so many bytes.
func (l *loan) room(size int) []byte {
	if l.pool == nil {
		return make([]byte, 0, size)
	}
	b := l.pool.Get(size)
	l.lent = append(l.lent, b)
	return b.Bytes
}

func (l *loan) giveBack() {
	for _, b := range l.lent {
		l.pool.Put(b)
	}
}

// bodyRoom is for a body of so many bytes, and for three quarters of that behind it: what base64 of that length stands for.
func (l *loan) bodyRoom(size int) []byte { return l.room(size + size/4*3) }

// own is memory for a body that may be kept.
func own(size int) []byte { return make([]byte, 0, size) }

// readBody reads a request's body to its end, into the room that it asks for.
func readBody(w http.ResponseWriter, r *http.Request, room func(size int) []byte) ([]byte, error) {
	deadline := http.NewResponseController(w)
	// A connection that has no deadlines, as a test's, does without.
	_ = deadline.SetReadDeadline(time.Now().Add(bodyTimeout))
	defer func() { _ = deadline.SetReadDeadline(time.Time{}) }()
	if r.ContentLength > MaxBody {
		return nil, tooLarge(r.Body)
	}
	if r.ContentLength >= 0 {
		body := room(int(r.ContentLength))[:r.ContentLength]
		n, err := io.ReadFull(r.Body, body)
		return body, whole(n, err)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if len(body) > MaxBody {
		return nil, tooLarge(r.Body)
	}
	return body, whole(len(body), err)
}

func whole(read int, err error) error {
	if err != nil {
		return NewError("SerializationException", "The request breaks off after %d bytes.", read)
	}
	return nil
}

func tooLarge(rest io.Reader) error {
	// Whether it comes to its end or not, the answer is the same.
	_, _ = io.CopyN(io.Discard, rest, maxDrain)
	return &Error{
		Status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLargeException",
		Message: fmt.Sprintf("The request is over %d bytes.", MaxBody),
	}
}
