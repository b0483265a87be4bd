package replay

import (
	"io"
	"os"
	"sync"
	"sync/atomic"

	"weir/survey"
)

// Once says that a source can be read only once: standard input, a named pipe or a device.
func Once(source string) bool {
	if source == "-" {
		return true
	}
	if _, live := OnStream(source); live || OnS3(source) {
		return false
	}
	info, err := os.Stat(source)
	return err == nil && !info.IsDir() && !info.Mode().IsRegular()
}

// pipe is a named pipe, which is opened by the first Read: that may wait for ever.
type pipe struct {
	path string
	file *os.File
}

func (p *pipe) Read(b []byte) (n int, err error) {
	if p.file == nil {
		if p.file, err = os.Open(p.path); err != nil {
			return 0, err
		}
	}
	if n, err = p.file.Read(b); err != nil {
		closeQuietly(p.file)
	}
	return n, err
}

// Lookahead is a source that can be read only once, and that can be gone back to the start of after a look at how it begins. Who looks may still be in a Read
// when the look is over.
type Lookahead struct {
	source  string
	from    io.Reader
	looked  atomic.Bool // the look is over
	mu      sync.Mutex
	kept    []byte // what the look has read
	failure error  // of the look
}

// NewLookahead makes one of a source for which [Once] holds; stdin is standard input.
func NewLookahead(source string, stdin io.Reader) *Lookahead {
	if source != "-" {
		stdin = &pipe{path: source}
	}
	return &Lookahead{source: source, from: stdin}
}

// Rewind ends the look: from here on the stream is read from its start. A Read of the look that still waits adds to what is kept, and the next one waits for it.
func (l *Lookahead) Rewind() { l.looked.Store(true) }

// look reads for the look, and nothing once that is over.
type look struct{ *Lookahead }

func (l look) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.looked.Load() {
		return 0, io.EOF
	}
	n, err := l.from.Read(p)
	l.kept = append(l.kept, p[:n]...)
	l.failure = err
	return n, err
}

// Read reads from the start, once the look is over.
func (l *Lookahead) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.kept) > 0 {
		n := copy(p, l.kept)
		l.kept = l.kept[n:]
		return n, nil
	}
	if l.kept = nil; l.failure != nil {
		return 0, l.failure
	}
	return l.from.Read(p)
}

// reader is that of the look until it is over, and then that of the source.
func (l *Lookahead) reader() io.Reader {
	if l.looked.Load() {
		return l
	}
	return look{l}
}

// SourceText is how a source is called in a sentence.
func SourceText(source string) string {
	if source == "-" {
		return "standard input"
	}
	return survey.Printable(source)
}
