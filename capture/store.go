package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Store is where a capture's files are.
type Store interface {
	// Open keeps the place for this capture until it is released or the process ends, and gives the checkpoint of the one before, nil for none. The error wraps
	// [ErrTaken] where another has the place, and [ErrOther] where it holds files without a checkpoint.
	Open(ctx context.Context) (checkpoint []byte, release func() error, err error)
	// Begin begins a file, which is not there until it is committed. One of that name that is there is replaced.
	Begin(name string) (Writing, error)
	// Checkpoint writes a checkpoint in the place of the one before. The error wraps [ErrTaken] where another capture has done so.
	Checkpoint(ctx context.Context, content []byte) error
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

// Open implements [Store]. The folder itself is what is locked, so that nothing is left behind.
func (f Folder) Open(ctx context.Context) (checkpoint []byte, release func() error, err error) {
	if err := os.MkdirAll(string(f), 0o777); err != nil {
		return nil, nil, err
	}
	folder, err := os.Open(string(f))
	if err != nil {
		return nil, nil, err
	}
	if err = lock(folder); err != nil {
		err = fmt.Errorf("%s: %w", f, err)
	} else {
		checkpoint, err = f.checkpoint(ctx)
	}
	if err != nil {
		return nil, nil, errors.Join(err, folder.Close())
	}
	return checkpoint, folder.Close, nil
}

func (f Folder) checkpoint(ctx context.Context) ([]byte, error) {
	checkpoint, err := f.Load(ctx, checkpointName)
	if checkpoint == nil && err == nil {
		err = f.empty()
	}
	return checkpoint, err
}

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

// Checkpoint implements [Store].
func (f Folder) Checkpoint(ctx context.Context, content []byte) error {
	return f.Save(ctx, checkpointName, content)
}

// Save writes a small file at once.
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

// Load reads a small file, nil if there is none.
func (f Folder) Load(_ context.Context, name string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(string(f), name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

// empty refuses a folder that holds files: without a checkpoint, which is there before any of them, they are none of this capture's.
func (f Folder) empty() error {
	entries, err := os.ReadDir(string(f))
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("%w: %s holds %s", ErrOther, f, e.Name())
		}
	}
	return err
}
