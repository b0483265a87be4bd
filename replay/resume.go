package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

const (
	// resumeTries is how often in a row an object is asked for again without a byte more of it, first after resumeWait, then
	// after twice as long each time: 6.3 s in all, beside what the client itself waits and retries.
	resumeTries = 6
	resumeWait  = 100 * time.Millisecond
)

// errChanged ends an object that is not the one any more that was begun.
var errChanged = errors.New("it is another object now")

// objectBody is the content of an S3 object. Where a connection breaks it asks for the rest, by its range, and only of the very object
// that was begun, by its ETag (Amazon S3 API reference, GetObject, Range and If-Match): two versions are never mixed. It holds nothing but
// what the connection does.
type objectBody struct {
	ctx         context.Context // a Reader has no other way to be told
	client      S3
	bucket, key string
	etag        *string // nil from an endpoint that has none: then nothing is resumed
	body        io.ReadCloser
	part        bool  // it is read up to size, and goes on behind it
	at, size    int64 // bytes read, and in all; a size below 0 is unknown
	failure     error // of body, once it is broken
	tries       int
}

func openObject(ctx context.Context, client S3, bucket, key string) (*objectBody, error) {
	answer, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, s3Error(bucket, err)
	}
	size := int64(-1)
	if answer.ContentLength != nil {
		size = *answer.ContentLength
	}
	return &objectBody{ctx: ctx, client: client, bucket: bucket, key: key, etag: answer.ETag, body: answer.Body, size: size}, nil
}

func (o *objectBody) Read(p []byte) (int, error) {
	if o.failure != nil {
		if err := o.resume(); err != nil {
			return 0, err
		}
	}
	n, err := o.body.Read(p)
	o.at += int64(n)
	if n > 0 {
		o.tries = 0
	}
	if err == io.EOF && o.at < o.size {
		err = io.ErrUnexpectedEOF
	}
	if err == nil || err == io.EOF || o.etag == nil || o.at == o.size || o.ctx.Err() != nil {
		return n, err
	}
	o.failure = err
	return n, nil
}

// resume asks for the rest until there is some, or there is no hope.
func (o *objectBody) resume() error {
	for ; o.tries < resumeTries; o.tries++ {
		if err := wait(o.ctx, resumeWait<<o.tries); err != nil {
			return err
		}
		switch err := o.again(); {
		case err == nil:
			o.tries++
			o.failure = nil
			return nil
		case errors.Is(err, errChanged), errors.Is(err, ErrDenied), errors.Is(err, ErrNotFound):
			return err
		default:
			o.failure = err
		}
	}
	return fmt.Errorf("%w (resumed %d times in vain)", o.failure, o.tries)
}

// rangeLeft is what is still to be read.
func (o *objectBody) rangeLeft() string {
	if o.part {
		return fmt.Sprintf("bytes=%d-%d", o.at, o.size-1)
	}
	return fmt.Sprintf("bytes=%d-", o.at)
}

// again asks for the rest once.
func (o *objectBody) again() error {
	closeQuietly(o.body)
	o.body = io.NopCloser(strings.NewReader(""))
	answer, err := o.client.GetObject(o.ctx, &s3.GetObjectInput{
		Bucket: &o.bucket, Key: &o.key, IfMatch: o.etag, Range: aws.String(o.rangeLeft()),
	})
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		switch api.ErrorCode() {
		case "PreconditionFailed", "NoSuchKey", "InvalidRange":
			return fmt.Errorf("%w (%s)", errChanged, api.ErrorCode())
		}
	}
	if err != nil {
		return s3Error(o.bucket, err)
	}
	o.body = answer.Body
	// An endpoint may not know If-Match, or send the whole object whatever the range.
	if aws.ToString(answer.ETag) != *o.etag {
		return errChanged
	}
	if !strings.HasPrefix(aws.ToString(answer.ContentRange), fmt.Sprintf("bytes %d-", o.at)) {
		return fmt.Errorf("the S3 endpoint of bucket %s sends no ranges", o.bucket)
	}
	return nil
}

// Size is how long the object is.
func (o *objectBody) Size() (int64, error) {
	if o.size < 0 {
		return 0, fmt.Errorf("the S3 endpoint of bucket %s does not say how long the object is", o.bucket)
	}
	return o.size, nil
}

// ReadAt asks for a stretch of the very object that was begun, as often as Read would.
func (o *objectBody) ReadAt(p []byte, at int64) (n int, err error) {
	if at >= o.size {
		return 0, io.EOF
	}
	asked := min(int64(len(p)), o.size-at)
	part := &objectBody{ctx: o.ctx, client: o.client, bucket: o.bucket, key: o.key, etag: o.etag, part: true, at: at, size: at + asked, body: io.NopCloser(strings.NewReader(""))}
	defer func() { closeQuietly(part.body) }()
	if o.etag == nil {
		return 0, fmt.Errorf("the S3 endpoint of bucket %s has no ETags, without which two versions of an object could be mixed", o.bucket)
	}
	switch err := part.again(); {
	case errors.Is(err, errChanged), errors.Is(err, ErrDenied), errors.Is(err, ErrNotFound):
		return 0, err
	default:
		part.failure = err
	}
	n, err = io.ReadFull(part, p[:asked])
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// Close ends the connection.
func (o *objectBody) Close() error { return o.body.Close() }

// wait sleeps, unless ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
