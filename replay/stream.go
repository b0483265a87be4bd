package replay

import (
	"context"
	"io"
)

// stream is one file that can be read once, and may never end.
type stream struct {
	name  string
	from  io.Reader
	named bool
}

func (s *stream) next(context.Context) (string, error) {
	if s.named {
		return "", io.EOF
	}
	s.named = true
	return s.name, nil
}

func (s *stream) open(ctx context.Context, _ string) (io.ReadCloser, error) {
	return newDetached(ctx, s.from), nil
}

// detached reads a stream that cannot be interrupted, as a terminal, in a goroutine, so that the end of ctx ends the
// reading all the same. It is the one goroutine here that may outlast its owner: it ends with the Read that it is in.
type detached struct {
	ctx    context.Context // ends the reading; a Reader has no other way to be told
	chunks chan []byte
	err    error // why chunks is closed
	rest   []byte
}

func newDetached(ctx context.Context, from io.Reader) io.ReadCloser {
	ctx, cancel := context.WithCancel(ctx)
	d := &detached{ctx: ctx, chunks: make(chan []byte)}
	go d.pump(from)
	return struct {
		io.Reader
		io.Closer
	}{d, closeFunc(cancel)}
}

type closeFunc func()

func (f closeFunc) Close() error { f(); return nil }

func (d *detached) pump(from io.Reader) {
	defer close(d.chunks)
	// While one buffer is being copied out, the other is being read into.
	buffers := [2][]byte{make([]byte, 64<<10), make([]byte, 64<<10)}
	for i := 0; ; i++ {
		buffer := buffers[i%2]
		n, err := from.Read(buffer)
		if n > 0 {
			select {
			case d.chunks <- buffer[:n]:
			case <-d.ctx.Done():
				d.err = d.ctx.Err()
				return
			}
		}
		if err != nil {
			d.err = err
			return
		}
	}
}

func (d *detached) Read(p []byte) (int, error) {
	if len(d.rest) == 0 {
		select {
		case chunk, ok := <-d.chunks:
			if !ok {
				return 0, d.err
			}
			d.rest = chunk
		case <-d.ctx.Done():
			return 0, d.ctx.Err()
		}
	}
	n := copy(p, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}
