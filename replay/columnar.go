package replay

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"weir/replay/parquet"
)

// randomAccess is a file that is not read from its start to its end alone, as Parquet is not.
type randomAccess interface {
	io.ReaderAt
	Size() (int64, error)
}

var (
	errNotRandom  = errors.New("a Parquet file is read from its end, which standard input has not until it is over: write it into a file")
	errCompressed = errors.New("a Parquet file compresses its columns itself, and this file is compressed as a whole: unpack it first")
)

// columnsError is one of a Parquet file.
type columnsError struct{ err error }

func (e *columnsError) Error() string { return e.err.Error() }
func (e *columnsError) Unwrap() error { return e.err }

// beginColumns opens a Parquet file.
func (l *lines) beginColumns(body io.ReadCloser) error {
	if names := l.content.Names(); len(names) > 0 {
		return fmt.Errorf("%w (%s)", errCompressed, l.content.compressedBy())
	}
	file, ok := body.(randomAccess)
	if !ok {
		return errNotRandom
	}
	size, err := file.Size()
	if err != nil {
		return err
	}
	if l.rows, err = parquet.Open(file, size, parquet.Options{Columns: l.columns}); err != nil {
		return &columnsError{err}
	}
	l.decided = true
	l.note(parquetFormat, strings.ToLower(l.rows.Compression()))
	return nil
}

// giveRows gives out the next rows, each the line of a JSON object, which is numbered as the row is.
func (l *lines) giveRows() {
	text, rows, err := l.rows.Append(make([]byte, 0, arenaBytes+minRead), arenaBytes)
	if rows > 0 {
		l.queue = append(l.queue, block{file: l.name, before: l.before, offset: l.bytes, data: text[:len(text):len(text)], strict: true})
	}
	l.before += rows
	l.bytes += int64(len(text))
	if err == nil {
		return
	}
	if err != io.EOF {
		at := Skip{Reason: reasonOf(&columnsError{err}), File: l.name, Line: l.before + 1, Offset: l.bytes, Detail: err.Error()}
		l.queue = append(l.queue, block{file: l.name, before: l.before, skip: &at})
	}
	l.close()
}
