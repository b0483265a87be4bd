package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Store is where a capture's files are.
type Store interface {
	// Begin begins a file, which is not there until it is committed. One of that name that is there is replaced.
	Begin(name string) (Writing, error)
	// Save writes a small file at once.
	Save(ctx context.Context, name string, content []byte) error
	// Load reads a small file, nil if there is none.
	Load(ctx context.Context, name string) ([]byte, error)
	fmt.Stringer
}

// Writing is a file that is being written.
type Writing interface {
	io.Writer
	// Commit makes it whole and lasting.
	Commit(ctx context.Context) error
}

// Folder is a store in the file system. It is made where it is not there.
type Folder string

func (f Folder) String() string { return string(f) }

// Begin implements [Store].
func (f Folder) Begin(name string) (Writing, error) {
	if err := os.MkdirAll(string(f), 0o777); err != nil {
		return nil, err
	}
	to, err := os.Create(filepath.Join(string(f), "."+name+".partial"))
	if err != nil {
		return nil, err
	}
	return &folderFile{File: to, name: filepath.Join(string(f), name)}, nil
}

// folderFile has a hidden name until it is whole.
type folderFile struct {
	*os.File
	name string
}

// Commit implements [Writing].
func (f *folderFile) Commit(context.Context) error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), f.name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(f.name))
}

// syncFolder makes what was renamed in a folder last: a file's own sync says nothing of its name.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Save implements [Store].
func (f Folder) Save(ctx context.Context, name string, content []byte) error {
	to, err := f.Begin(name)
	if err != nil {
		return err
	}
	if _, err := to.Write(content); err != nil {
		return err
	}
	return to.Commit(ctx)
}

// Load implements [Store].
func (f Folder) Load(_ context.Context, name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(string(f), name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, f.empty()
	}
	return text, err
}

// empty refuses a folder that holds files: without a checkpoint, which is there before any of them, they are none of this capture's.
func (f Folder) empty() error {
	entries, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("%w: %s holds %s", ErrOther, f, e.Name())
		}
	}
	return err
}

// S3 is what a store in S3 needs of a client.
type S3 interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Bucket is a store below a prefix in S3: an object is there once it is whole.
type Bucket struct {
	Client       S3
	Name, Prefix string // the prefix ends in a slash, or is empty
}

func (b *Bucket) String() string { return "s3://" + b.Name + "/" + b.Prefix }

// Begin implements [Store]. What is written is held until it is committed: as much as a file's bound says, compressed.
func (b *Bucket) Begin(name string) (Writing, error) { return &object{bucket: b, name: name}, nil }

type object struct {
	bytes.Buffer
	bucket *Bucket
	name   string
}

// Commit implements [Writing].
func (o *object) Commit(ctx context.Context) error { return o.bucket.Save(ctx, o.name, o.Bytes()) }

// Save implements [Store].
func (b *Bucket) Save(ctx context.Context, name string, content []byte) error {
	_, err := b.Client.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.Name, Key: aws.String(b.Prefix + name), Body: bytes.NewReader(content)})
	return err
}

// Load implements [Store].
func (b *Bucket) Load(ctx context.Context, name string) ([]byte, error) {
	out, err := b.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: aws.String(b.Prefix + name)})
	if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	return io.ReadAll(out.Body)
}
