package replay

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// files are the files of a source, in the order in which they are read.
type files interface {
	// next names the next file; the error is io.EOF after the last. It is not safe for concurrent use.
	next(ctx context.Context) (name string, err error)
	// open opens a file that next has named. It is safe for concurrent use. What it opens is read under ctx, whose
	// end interrupts a read that waits.
	open(ctx context.Context, name string) (io.ReadCloser, error)
}

// opened is a file, or the reason why there is none.
type opened struct {
	name string
	body io.ReadCloser
	err  error
}

const s3Scheme = "s3://"

const streamScheme = "kinesis://"

// OnStream says that the source is a live stream, and which: its records are captured as they come, and read from [Options.Stdin].
func OnStream(source string) (name string, ok bool) { return strings.CutPrefix(source, streamScheme) }

// OnS3 says that the source is an S3 prefix, so that [Options.S3] is needed.
func OnS3(source string) bool { return strings.HasPrefix(source, s3Scheme) }

// findFiles finds out whether the source is there and has anything in it.
func findFiles(ctx context.Context, o *Options) (files, error) {
	look, looked := o.Stdin.(*Lookahead)
	switch {
	case looked && look.source == o.Source:
		return &stream{name: filepath.Base(o.Source), from: look.reader()}, nil
	case o.Source == "-":
		if o.Stdin == nil {
			return nil, fmt.Errorf("standard input %w", ErrNotFound)
		}
		return &stream{name: "-", from: o.Stdin}, nil
	case OnS3(o.Source):
		return findObjects(ctx, o.S3, o.Source)
	}
	return findLocal(o.Source)
}

// findWithin finds the files that can have records between the options' From and To, and notes the others.
func findWithin(ctx context.Context, o *Options, found *unopened) (files, error) {
	f, err := findFiles(ctx, o)
	if err != nil {
		return nil, err
	}
	return within(f, o, found), nil
}

// oneByOne opens a file when the one before it has been read: the way to read where no goroutine may run.
func oneByOne(f files) func(context.Context) (opened, error) {
	return func(ctx context.Context) (opened, error) {
		name, err := f.next(ctx)
		if err != nil {
			return opened{}, err
		}
		body, err := f.open(ctx, name)
		return opened{name: name, body: body, err: err}, nil
	}
}
