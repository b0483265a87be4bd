package replay

import (
	"context"
	"io"
	"sync"
)

// filesAhead is how many files are open beside the one that is read. An S3 object takes tens of milliseconds to answer, and
// Firehose may have made it of a few seconds' records, so one ahead would not keep a fast replay fed.
const filesAhead = 6

// prefetch opens the next files, several at a time, while one is being read.
type prefetch struct {
	files files
	// slots are in the files' order; each is given its file when that is open.
	slots chan chan opened
	err   error // why slots is closed, io.EOF after the last file
}

func newPrefetch(f files) *prefetch {
	return &prefetch{files: f, slots: make(chan chan opened, filesAhead-1)}
}

// run opens files until there are no more or ctx ends. Someone must take, or drain, what it opens.
func (p *prefetch) run(ctx context.Context) {
	defer close(p.slots)
	var opening sync.WaitGroup
	defer opening.Wait()
	for {
		name, err := p.files.next(ctx)
		if err != nil {
			p.err = err
			return
		}
		slot := make(chan opened, 1)
		select {
		case p.slots <- slot:
		case <-ctx.Done():
			p.err = ctx.Err()
			return
		}
		opening.Go(func() {
			body, err := p.files.open(ctx, name)
			slot <- opened{name: name, body: body, err: err}
		})
	}
}

// take is the next file.
func (p *prefetch) take(ctx context.Context) (opened, error) {
	select {
	case slot, ok := <-p.slots:
		if !ok {
			return opened{}, p.err
		}
		return <-slot, nil // open is given ctx, so this ends with it too
	case <-ctx.Done():
		return opened{}, ctx.Err()
	}
}

// drain closes what was opened and not taken. It returns when run has.
func (p *prefetch) drain() {
	for slot := range p.slots {
		if file := <-slot; file.body != nil {
			closeQuietly(file.body)
		}
	}
}

// closeQuietly closes what was only read, so that there is nothing to lose.
func closeQuietly(c io.Closer) { _ = c.Close() }
