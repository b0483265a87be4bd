package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// S3 is what replay needs of an S3 client.
type S3 interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// objects are the objects under a prefix, in key order. One page of the listing is held at a time.
type objects struct {
	client         S3
	bucket, prefix string
	page           []string // keys not yet named
	token          *string
	ended          bool // there is no further page
}

func findObjects(ctx context.Context, client S3, source string) (files, error) {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(source, s3Scheme), "/")
	if bucket == "" {
		return nil, fmt.Errorf("recording %s %w: it names no bucket", source, ErrNotFound)
	}
	if client == nil {
		return nil, fmt.Errorf("recording %s: no S3 client was given", source)
	}
	o := &objects{client: client, bucket: bucket, prefix: prefix}
	if err := o.turn(ctx); err != nil && !(errors.Is(err, ErrDenied) && o.isObject(ctx)) {
		return nil, err
	}
	if len(o.page) == 0 {
		return nil, fmt.Errorf("recording %s %w: no object has that prefix", source, ErrEmpty)
	}
	return o, nil
}

// isObject makes the prefix itself the one object, if that can be read: who may read an object need not be allowed to list its bucket.
func (o *objects) isObject(ctx context.Context) bool {
	if o.prefix == "" || strings.HasSuffix(o.prefix, "/") {
		return false
	}
	body, err := openObject(ctx, o.client, o.bucket, o.prefix)
	if err != nil {
		return false
	}
	closeQuietly(body)
	o.page, o.ended = []string{o.prefix}, true
	return true
}

// turn lists on until there is a key or the listing ends. ListObjectsV2 returns keys in UTF-8 binary order, up to 1,000 a
// page (Amazon S3 API reference, ListObjectsV2).
func (o *objects) turn(ctx context.Context) error {
	for len(o.page) == 0 && !o.ended {
		answer, err := o.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
			Bucket: aws.String(o.bucket), Prefix: aws.String(o.prefix), ContinuationToken: o.token,
		})
		if err != nil {
			return s3Error(o.bucket, err)
		}
		for _, object := range answer.Contents {
			// A key that ends in a slash is what consoles make for an empty folder.
			if key := aws.ToString(object.Key); !strings.HasSuffix(key, "/") && path.Base(key) != captureCheckpoint {
				o.page = append(o.page, key)
			}
		}
		o.token = answer.NextContinuationToken
		o.ended = !aws.ToBool(answer.IsTruncated) || o.token == nil
	}
	return nil
}

func (o *objects) next(ctx context.Context) (string, error) {
	if err := o.turn(ctx); err != nil {
		return "", err
	}
	if len(o.page) == 0 {
		return "", io.EOF
	}
	key := o.page[0]
	o.page = o.page[1:]
	return key, nil
}

func (o *objects) open(ctx context.Context, key string) (io.ReadCloser, error) {
	if reason := reasonToLeaveOut(o.below(key)); reason != "" && key != o.prefix {
		return nil, &leftOutError{reason: reason}
	}
	body, err := openObject(ctx, o.client, o.bucket, key)
	if err != nil {
		return nil, err
	}
	return body, nil
}

// below is the part of a key that the user did not name: below the prefix, and of a name that the prefix begins, from the next one on.
func (o *objects) below(key string) string {
	rest := strings.TrimPrefix(key, o.prefix)
	if o.prefix == "" || strings.HasSuffix(o.prefix, "/") {
		return rest
	}
	_, rest, _ = strings.Cut(rest, "/")
	return rest
}

// s3Error says what an S3 error means for the user; the codes are those of the Amazon S3 API reference, "Error responses".
func s3Error(bucket string, err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		switch api.ErrorCode() {
		case "NoSuchBucket":
			return fmt.Errorf("bucket %s %w", bucket, ErrNotFound)
		case "PermanentRedirect":
			return fmt.Errorf("bucket %s %w in this region, but in another one", bucket, ErrNotFound)
		case "AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken":
			return fmt.Errorf("bucket %s: %w (%s)", bucket, ErrDenied, api.ErrorCode())
		}
		return fmt.Errorf("bucket %s: %w", bucket, err)
	}
	if network, ok := errors.AsType[net.Error](err); ok && !errors.Is(err, context.Canceled) {
		cause := error(network)
		if request, ok := errors.AsType[*url.Error](err); ok {
			cause = request.Err
		}
		return fmt.Errorf("the S3 endpoint of bucket %s %w: %w", bucket, ErrUnreachable, cause)
	}
	return fmt.Errorf("bucket %s: %w", bucket, err)
}
