package result

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteFile writes a file of the folder in one step: whoever looks sees all of it or nothing, and on an error nothing is left.
// The error names the file.
func (f *Folder) WriteFile(name string, write func(io.Writer) error) (err error) {
	path := filepath.Join(f.path, name)
	temporary, err := os.CreateTemp(f.path, "."+name+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(temporary.Name())))
		}
	}()
	if err := writeAll(temporary, write); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

func writeAll(file *os.File, write func(io.Writer) error) error {
	buffered := bufio.NewWriterSize(file, 1<<16)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	return file.Sync()
}

// Stream opens a file of the folder that grows while the run goes on. Its errors name it.
func (f *Folder) Stream(name string) (io.WriteCloser, error) {
	file, err := os.OpenFile(filepath.Join(f.path, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	return file, nil
}
