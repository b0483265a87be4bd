package localaws

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"weir/internal/localaws/wire"
)

// requestLog writes a line a request.
type requestLog struct {
	next http.Handler

	mu sync.Mutex
	to io.Writer
}

func (l *requestLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	var seen wire.Seen
	answer := &loggedAnswer{ResponseWriter: w}
	defer func() {
		mistake := recover() // an answer that is dropped panics
		l.write(r, &seen, answer, begun, mistake != nil)
		if mistake != nil {
			panic(mistake)
		}
	}()
	l.next.ServeHTTP(answer, r.WithContext(wire.Watch(r.Context(), &seen)))
}

func (l *requestLog) write(r *http.Request, seen *wire.Seen, answer *loggedAnswer, begun time.Time, dropped bool) {
	what := r.Method + " " + r.URL.RequestURI()
	if seen.Operation != "" {
		what = strings.TrimSpace(seen.Service + " " + seen.Operation + " " + seen.Resource)
	} else if target := r.Header.Get("X-Amz-Target"); target != "" {
		what = target
	}
	became := fmt.Sprint(answer.status)
	if dropped {
		became = "dropped"
	} else if code := answer.Header().Get("X-Amzn-Errortype"); code != "" {
		became += " " + code
	}
	line := fmt.Sprintf("%s %s %q: %s, %d bytes in, %d out, %.1f ms, %s, %s\n", begun.UTC().Format("15:04:05.000"), r.Proto, what, became,
		max(0, r.ContentLength), answer.bytes, float64(time.Since(begun))/float64(time.Millisecond), format(r), r.RemoteAddr)
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.to, line) // a log that cannot be written is no reason to refuse a request
}

// format is the notation of a request's body.
func format(r *http.Request) string {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	kind = strings.TrimPrefix(kind, "application/")
	if kind == "" {
		return "no body"
	}
	return kind
}

// loggedAnswer counts an answer.
type loggedAnswer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap lets net/http find the connection's deadlines.
func (a *loggedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *loggedAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *loggedAnswer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}
