package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// S3 is what a store in S3 needs of a client.
type S3 interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Bucket is a store below a prefix in S3: an object is there once it is whole. Nothing can be locked there. So the checkpoint says whose the place is: it is
// only written over as this capture knows it, and a capture that goes on takes the place over from one that still runs, which ends with its next file.
type Bucket struct {
	Client       S3
	Name, Prefix string // the prefix ends in a slash, or is empty

	checkpoint string // the ETag of the checkpoint as this capture knows it, empty for none
}

func (b *Bucket) String() string { return "s3://" + b.Name + "/" + b.Prefix }

// Open implements [Store]. The place is this capture's once it has written a checkpoint.
func (b *Bucket) Open(ctx context.Context) (checkpoint []byte, release func() error, err error) {
	checkpoint, b.checkpoint, err = b.get(ctx, checkpointName)
	if checkpoint == nil && err == nil {
		err = b.empty(ctx)
	}
	return checkpoint, func() error { return nil }, err
}

// Begin implements [Store]. What is written is held until it is committed: as much as a file's bound says, compressed.
func (b *Bucket) Begin(name string) (Writing, error) { return &object{bucket: b, name: name}, nil }

type object struct {
	bytes.Buffer
	bucket *Bucket
	name   string
}

// Commit implements [Writing]. An object of that name is what an earlier capture wrote and had no time to say so, and is replaced; or it is one of a capture that has
// taken the place over.
func (o *object) Commit(ctx context.Context) error {
	_, err := o.bucket.replace(ctx, o.name, o.Bytes(), "")
	if !errors.Is(err, ErrTaken) {
		return err
	}
	there, err := o.bucket.etag(ctx, o.name)
	if err != nil {
		return err
	}
	checkpoint, err := o.bucket.etag(ctx, checkpointName)
	if err != nil {
		return err
	}
	if checkpoint != o.bucket.checkpoint {
		return fmt.Errorf("%s: %w", o.bucket, ErrTaken)
	}
	_, err = o.bucket.replace(ctx, o.name, o.Bytes(), there)
	return err
}

// Checkpoint implements [Store].
func (b *Bucket) Checkpoint(ctx context.Context, content []byte) error {
	saved, err := b.replace(ctx, checkpointName, content, b.checkpoint)
	if err == nil {
		b.checkpoint = saved
	}
	return err
}

// Save writes a small object.
func (b *Bucket) Save(ctx context.Context, name string, content []byte) error {
	_, err := b.Client.PutObject(ctx, b.put(name, content))
	return err
}

func (b *Bucket) put(name string, content []byte) *s3.PutObjectInput {
	return &s3.PutObjectInput{Bucket: &b.Name, Key: aws.String(b.Prefix + name), Body: bytes.NewReader(content)}
}

// replace writes an object in the place of one that has the ETag over, or of none where that is empty.
func (b *Bucket) replace(ctx context.Context, name string, content []byte, over string) (etag string, err error) {
	input := b.put(name, content)
	if over == "" {
		input.IfNoneMatch = aws.String("*")
	} else {
		input.IfMatch = &over
	}
	out, err := b.Client.PutObject(ctx, input)
	if refusal, ok := errors.AsType[smithy.APIError](err); ok && conflicts[refusal.ErrorCode()] {
		return "", fmt.Errorf("%s: %w", b, ErrTaken)
	}
	if err != nil {
		return "", err
	}
	return aws.ToString(out.ETag), nil
}

// conflicts are the errors of a write whose condition does not hold (S3 API reference, PutObject).
var conflicts = map[string]bool{"PreconditionFailed": true, "ConditionalRequestConflict": true}

func (b *Bucket) etag(ctx context.Context, name string) (string, error) {
	out, err := b.Client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.Name, Key: aws.String(b.Prefix + name)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.ETag), nil
}

// Load reads a small object, nil if there is none.
func (b *Bucket) Load(ctx context.Context, name string) ([]byte, error) {
	content, _, err := b.get(ctx, name)
	return content, err
}

func (b *Bucket) get(ctx context.Context, name string) (content []byte, etag string, err error) {
	out, err := b.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: aws.String(b.Prefix + name)})
	if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer out.Body.Close()
	content, err = io.ReadAll(out.Body)
	return content, aws.ToString(out.ETag), err
}

// empty refuses a prefix that holds objects, as [Folder] does with files.
func (b *Bucket) empty(ctx context.Context) error {
	pages := s3.NewListObjectsV2Paginator(b.Client, &s3.ListObjectsV2Input{Bucket: &b.Name, Prefix: &b.Prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for i := range page.Contents {
			if key := aws.ToString(page.Contents[i].Key); !strings.HasSuffix(key, "/") && !strings.HasPrefix(path.Base(key), ".") {
				return fmt.Errorf("%w: %s holds %s", ErrOther, b, strings.TrimPrefix(key, b.Prefix))
			}
		}
	}
	return nil
}
