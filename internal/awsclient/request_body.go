package awsclient

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go/middleware"

	"weir/internal/buffers"
)

// requestBody is the body of a call's request, in memory that is lent. The transport may still be at it when the call is over, as where ctx has ended:
// from when the memory is given back, it reads nothing.
type requestBody struct {
	mu     sync.Mutex // guards what follows
	pool   *buffers.Pool
	buffer *buffers.Buffer // nil before it is filled, and once it is given back
	reader bytes.Reader
}

// fill takes memory with what is to be sent. It is called once: attempts send the same.
func (b *requestBody) fill(buffer *buffers.Buffer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buffer = buffer
	b.reader.Reset(buffer.Bytes)
}

// done gives the memory back.
func (b *requestBody) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buffer == nil {
		return
	}
	b.reader.Reset(nil)
	b.pool.Put(b.buffer)
	b.buffer = nil
}

func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reader.Read(p) // io.EOF once it is given back: what is short of its length, net/http does not take for a whole body
}

// writeTo writes what is left, at most so many bytes, in one piece. It keeps the memory until it is written, or the connection is closed, as net/http does with
// that of a call that ends before.
func (b *requestBody) writeTo(w io.Writer, most int64) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buffer == nil {
		return 0, nil
	}
	rest := b.buffer.Bytes[len(b.buffer.Bytes)-b.reader.Len():]
	n, err := w.Write(rest[:min(int64(len(rest)), most)])
	_, _ = b.reader.Seek(int64(n), io.SeekCurrent) // it is within
	return int64(n), err
}

// filled says that it holds what is to be sent.
func (b *requestBody) filled() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer != nil
}

// WriteTo is for the signature, whose hash takes all at once.
func (b *requestBody) WriteTo(w io.Writer) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reader.WriteTo(w)
}

// Close implements [io.Closer], and leaves it to done to give the memory back.
func (b *requestBody) Close() error { return nil }

func (b *requestBody) Seek(offset int64, whence int) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reader.Seek(offset, whence)
}

// bodyKey is the context's key for the requestBody of a call.
type bodyKey struct{}

// lendBody has PutRecords lent the memory of its request's body until it returns.
type lendBody struct{ pool *buffers.Pool }

// ID names the middleware.
func (lendBody) ID() string { return "weir:lendBody" }

// HandleInitialize is around the whole of a call, its attempts included.
func (l lendBody) HandleInitialize(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	if _, ok := in.Parameters.(*kinesis.PutRecordsInput); !ok {
		return next.HandleInitialize(ctx, in)
	}
	body := &requestBody{pool: l.pool}
	defer body.done()
	return next.HandleInitialize(context.WithValue(ctx, bodyKey{}, body), in)
}
