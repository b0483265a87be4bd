package compression

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/gzip"
)

// members are those of gzip, one behind another. Zeros behind the last are padding, as gzip's own command takes them: blocks of a tape, or a file that was made
// longer than it had to be.
type members struct {
	raw  *bufio.Reader
	gzip *gzip.Reader
}

func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.gzip.Read(p)
		if err != io.EOF || n > 0 {
			if err == io.EOF {
				err = nil // the next call finds it once more
			}
			return n, err
		}
		if err := m.next(); err != nil {
			return 0, err // the end, too
		}
	}
}

// next begins the next member.
func (m *members) next() error {
	for {
		c, err := m.raw.Peek(1)
		if err != nil {
			return err
		}
		if c[0] != 0 {
			break
		}
		_, _ = m.raw.Discard(1) // it was seen
	}
	if err := m.gzip.Reset(m.raw); err != nil {
		return err
	}
	m.gzip.Multistream(false)
	return nil
}
