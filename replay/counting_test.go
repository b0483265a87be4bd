package replay

import (
	"context"
	"io"
	"sync/atomic"
)

// counting counts what is opened and closed.
type counting struct {
	files
	opened, closed atomic.Int64
}

func (c *counting) open(ctx context.Context, name string) (io.ReadCloser, error) {
	body, err := c.files.open(ctx, name)
	if err != nil {
		return nil, err
	}
	c.opened.Add(1)
	return struct {
		io.Reader
		io.Closer
	}{body, closeFunc(func() { c.closed.Add(1) })}, nil
}
