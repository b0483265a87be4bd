package wire

import (
	"errors"
	"io"
	"net/http"
)

// Faulty has a hook decide what becomes of the requests of a handler that is no [Service]; see [Fault]. Its calls have no typed request. Partial
// serves them whole.
func Faulty(next http.Handler, hook Fault, call func(*http.Request) Call, refuse func(http.ResponseWriter, *http.Request, *Error)) http.Handler {
	faults := newFaults(hook)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action := faults.next(call(r))
		err := action.before(r.Context())
		if refused, ok := errors.AsType[*Error](err); ok {
			_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDrain)) // drained before the answer, as a Service does
			refuse(w, r, refused)
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if action.Kind == DropAfter {
			next.ServeHTTP(&unanswered{header: make(http.Header)}, r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

// unanswered is an answer that nobody gets.
type unanswered struct{ header http.Header }

func (u *unanswered) Header() http.Header         { return u.header }
func (u *unanswered) WriteHeader(int)             {}
func (u *unanswered) Write(p []byte) (int, error) { return len(p), nil }
