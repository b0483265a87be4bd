package parquet

import "errors"

// errThrift says that a structure of the file's, in Thrift's compact protocol, cannot be.
var errThrift = errors.New("it is corrupt: its metadata break off, or say what cannot be")

// compact walks through structures in Thrift's compact protocol (its specification, "Thrift Compact protocol encoding") without holding anything. The library
// takes the lengths in them at their word, and memory for them; so each structure is walked through first.
type compact struct {
	data []byte
	at   int
}

// The types of a field.
const (
	stopType   = 0
	trueType   = 1
	falseType  = 2
	byteType   = 3
	int64Type  = 6 // 4 and 5, too, are zigzag integers
	doubleType = 7
	binaryType = 8
	listType   = 9
	setType    = 10
	mapType    = 11
	structType = 12
)

// maxThriftDepth bounds how deep structures may be in each other.
const maxThriftDepth = 32

// structure walks through one, and calls visit for each integer in it, with the numbers of the fields that lead to it, eight bits each.
func (c *compact) structure(path uint64, depth int, visit func(path uint64, n int64)) error {
	if depth > maxThriftDepth {
		return errThrift
	}
	field := int64(0)
	for {
		head, err := c.byte()
		if err != nil || head == stopType {
			return err
		}
		if delta := int64(head >> 4); delta > 0 {
			field += delta
		} else if field, err = c.integer(); err != nil {
			return err
		}
		if field < 0 || field > 255 {
			return errThrift
		}
		if err := c.value(head&15, path<<8|uint64(field), depth, visit); err != nil {
			return err
		}
	}
}

func (c *compact) value(kind byte, path uint64, depth int, visit func(uint64, int64)) error {
	switch kind {
	case trueType, falseType:
		visit(path, int64(falseType-kind))
		return nil
	case byteType:
		return c.skip(1)
	case 4, 5, int64Type:
		n, err := c.integer()
		visit(path, n)
		return err
	case doubleType:
		return c.skip(8)
	case binaryType:
		n, err := c.length()
		if err != nil {
			return err
		}
		return c.skip(n)
	case listType, setType:
		return c.list(path, depth, visit)
	case mapType:
		return c.mapping(path, depth, visit)
	case structType:
		return c.structure(path, depth+1, visit)
	}
	return errThrift
}

func (c *compact) list(path uint64, depth int, visit func(uint64, int64)) error {
	head, err := c.byte()
	if err != nil {
		return err
	}
	n := int(head >> 4)
	if n == 15 {
		if n, err = c.length(); err != nil {
			return err
		}
	}
	for range n {
		if err := c.element(head&15, path, depth, visit); err != nil {
			return err
		}
	}
	return nil
}

// element is a value in a list or a map, where a boolean takes a byte.
func (c *compact) element(kind byte, path uint64, depth int, visit func(uint64, int64)) error {
	if kind == trueType || kind == falseType {
		return c.skip(1)
	}
	return c.value(kind, path, depth+1, visit)
}

func (c *compact) mapping(path uint64, depth int, visit func(uint64, int64)) error {
	n, err := c.length()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := c.byte()
	if err != nil {
		return err
	}
	for range n {
		for _, kind := range []byte{kinds >> 4, kinds & 15} {
			if err := c.element(kind, path, depth, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *compact) byte() (byte, error) {
	if c.at >= len(c.data) {
		return 0, errThrift
	}
	c.at++
	return c.data[c.at-1], nil
}

func (c *compact) skip(n int) error {
	if n > len(c.data)-c.at {
		return errThrift
	}
	c.at += n
	return nil
}

// length is a number of bytes or elements, of which there cannot be more than there are bytes left.
func (c *compact) length() (int, error) {
	n, err := c.varint()
	if err != nil || n > uint64(len(c.data)-c.at) {
		return 0, errThrift
	}
	return int(n), nil
}

func (c *compact) integer() (int64, error) {
	n, err := c.varint()
	return int64(n>>1) ^ -int64(n&1), err
}

func (c *compact) varint() (n uint64, err error) {
	for shift := 0; shift < 64; shift += 7 {
		b, err := c.byte()
		if err != nil {
			return 0, err
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n, nil
		}
	}
	return 0, errThrift
}
