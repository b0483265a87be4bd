package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"weir/survey"
)

// localFiles are one file, or the files below a folder.
type localFiles struct {
	root  string
	names []string // relative to root, with slashes; the file itself has the name of root and root is its folder
	// out are the names that are not read.
	out map[string]*leftOutError
}

func findLocal(source string) (files, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, localError(source, err)
	}
	if info.IsDir() {
		return findFolder(source)
	}
	if !info.Mode().IsRegular() {
		return &stream{name: filepath.Base(source), from: &pipe{path: source}}, nil
	}
	file, err := os.Open(source)
	if err != nil {
		return nil, localError(source, err)
	}
	_ = file.Close() // nothing was written
	return &localFiles{root: filepath.Dir(source), names: []string{filepath.Base(source)}}, nil
}

// findFolder lists the files below root in byte order of their relative paths, which is the order that the same files would have as S3 keys. A link
// to a file counts as the file; a link to a folder is not followed. What is not read is listed, too, so that it is named.
func findFolder(root string) (files, error) {
	tree := os.DirFS(root)
	found := &localFiles{root: root, out: make(map[string]*leftOutError)}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case name == ".", entry.Name() == captureCheckpoint:
			return nil
		case entry.IsDir() && strings.HasPrefix(entry.Name(), "."):
			found.leaveOut(name, &leftOutError{HiddenFolder, survey.Plural(countFiles(tree, name), "file")})
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		found.list(tree, name, entry)
		return nil
	})
	if err != nil {
		return nil, localError(root, err)
	}
	switch {
	case len(found.names) == 0:
		return nil, fmt.Errorf("folder %s %w: it has no file", root, ErrEmpty)
	case len(found.names) == len(found.out):
		slices.Sort(found.names)
		first := found.names[0]
		return nil, fmt.Errorf("folder %s %w: it has no file but those left out, as %s: %s", root, ErrEmpty, survey.Printable(first), found.out[first].reason)
	}
	slices.Sort(found.names)
	return found, nil
}

// list takes an entry of the folder that is no folder.
func (l *localFiles) list(tree fs.FS, name string, entry fs.DirEntry) {
	reason := reasonToLeaveOut(name)
	switch {
	case reason != "":
	case isLinkedFolder(tree, name, entry):
		reason = LinkedFolder
	case !isFile(tree, name, entry):
		reason = NoRegularFile
	}
	if reason != "" {
		l.leaveOut(name, &leftOutError{reason: reason})
		return
	}
	l.names = append(l.names, name)
}

func (l *localFiles) leaveOut(name string, why *leftOutError) {
	l.names = append(l.names, name)
	l.out[name] = why
}

// countFiles counts the files below a hidden folder. One that cannot be listed counts for none.
func countFiles(tree fs.FS, folder string) (n int64) {
	_ = fs.WalkDir(tree, folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return nil
	})
	return n
}

func isLinkedFolder(tree fs.FS, name string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := fs.Stat(tree, name)
	return err == nil && info.IsDir()
}

// isFile takes a link that leads nowhere for a file, so that it is not dropped in silence: opening it will be a skip.
func isFile(tree fs.FS, name string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	info, err := fs.Stat(tree, name)
	return err != nil || info.Mode().IsRegular()
}

func localError(source string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("recording %s %w", source, ErrNotFound)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("recording %s: %w: %w", source, ErrDenied, err)
	}
	if link, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(err, syscall.ELOOP) {
		return fmt.Errorf("recording %s %w: it is a link that leads to itself (%w)", source, ErrNotFound, link.Err)
	}
	return fmt.Errorf("recording %s: %w", source, err)
}

func (l *localFiles) next(context.Context) (string, error) {
	if len(l.names) == 0 {
		return "", io.EOF
	}
	name := l.names[0]
	l.names = l.names[1:]
	return name, nil
}

func (l *localFiles) open(ctx context.Context, name string) (io.ReadCloser, error) {
	if why := l.out[name]; why != nil {
		return nil, why
	}
	file, err := os.Open(filepath.Join(l.root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	return &interruptible{File: file, release: context.AfterFunc(ctx, func() { closeQuietly(file) })}, nil
}

// interruptible is a file that is closed when its context ends, for a read of a named pipe may wait for ever.
type interruptible struct {
	*os.File
	release func() bool
}

// Size is how long a regular file is. Anything else has no end that could be read first.
func (f *interruptible) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errNotRandom
	}
	return info.Size(), nil
}

func (f *interruptible) Close() error {
	f.release()
	return f.File.Close()
}
