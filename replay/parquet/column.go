package parquet

import (
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
)

// column goes through the values of a leaf, with their levels.
type column struct {
	node   *node
	index  int // among the file's leaves
	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	buffer []parquet.Value
	read   int  // of the buffer
	done   bool // the chunk has no value left
	busy   bool // something is being read, which an error is of
}

// valuesAtOnce is how many values are taken out of a page at a time.
const valuesAtOnce = 512

func (c *column) begin(chunk parquet.ColumnChunk) {
	c.close()
	c.pages, c.done = chunk.Pages(), false
	c.buffer, c.read = c.buffer[:0], 0
}

// peek is the next value; it is not ok at the end of the chunk.
func (c *column) peek() (value *parquet.Value, ok bool, err error) {
	if c.read == len(c.buffer) {
		if err := c.fill(); err != nil {
			return nil, false, err
		}
		if c.done {
			return nil, false, nil
		}
	}
	return &c.buffer[c.read], true, nil
}

func (c *column) fill() error {
	if c.done {
		return nil
	}
	c.busy = true
	if cap(c.buffer) == 0 {
		c.buffer = make([]parquet.Value, 0, valuesAtOnce)
	}
	for {
		if c.values == nil {
			if err := c.turn(); err != nil || c.done {
				return err
			}
		}
		n, err := c.values.ReadValues(c.buffer[:valuesAtOnce])
		if n > 0 {
			c.buffer, c.read, c.busy = c.buffer[:n], 0, false
			return nil
		}
		if err == nil {
			err = io.ErrNoProgress
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
		c.release()
	}
}

// turn goes to the next page.
func (c *column) turn() error {
	page, err := c.pages.ReadPage()
	if errors.Is(err, io.EOF) && err == io.EOF {
		c.buffer, c.read, c.done, c.busy = c.buffer[:0], 0, true, false
		return nil
	}
	if err != nil {
		return err
	}
	c.page, c.values = page, page.Values()
	return nil
}

// ended sees to it that nothing is left of a chunk whose rows were all read.
func (c *column) ended() error {
	if c.pages == nil {
		return nil
	}
	if _, more, err := c.peek(); err != nil || more {
		c.busy = true
		return errors.Join(err, errLevels)
	}
	return nil
}

func (c *column) release() {
	if c.page != nil {
		parquet.Release(c.page)
		c.page, c.values = nil, nil
	}
}

func (c *column) close() {
	c.release()
	if c.pages != nil {
		_ = c.pages.Close() // it was only read
		c.pages = nil
	}
}
