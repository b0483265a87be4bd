package result

import (
	"fmt"
	"io"
)

// WithoutControls is a writer of what may hold text of a recording, a file's name or a scenario's: a control character, but a tab or a line end, is written as
// \x1b, so that whoever has it shown has a terminal that does as it is told by nobody else. One that is cut by two writes passes.
func WithoutControls(w io.Writer) io.Writer { return &controlWriter{to: w} }

// controlWriter keeps memory for what has a control character; nearly nothing has.
type controlWriter struct {
	to   io.Writer
	text []byte
}

func (c *controlWriter) Write(p []byte) (int, error) {
	at, size := nextControl(p, 0)
	if size == 0 {
		return c.to.Write(p)
	}
	c.text = c.text[:0]
	from := 0
	for ; size > 0; at, size = nextControl(p, from) {
		c.text = fmt.Appendf(append(c.text, p[from:at]...), `\x%02x`, p[at+size-1])
		from = at + size
	}
	if _, err := c.to.Write(append(c.text, p[from:]...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// nextControl is where the next control character is, and how many bytes it has; none where there is none. Those of U+0080 to U+009F have two.
func nextControl(p []byte, from int) (at, size int) {
	for i := from; i < len(p); i++ {
		switch b := p[i]; {
		case b < ' ' && b != '\n' && b != '\t', b == 0x7f:
			return i, 1
		case b == 0xc2 && i+1 < len(p) && 0x80 <= p[i+1] && p[i+1] <= 0x9f:
			return i, 2
		}
	}
	return len(p), 0
}
