package parquet

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// codecs decompress pages, one after another.
type codecs struct {
	gzip   *gzip.Reader
	brotli *brotli.Reader
	zstd   *zstd.Decoder
}

// known says that a codec is read.
func known(codec format.CompressionCodec) bool {
	switch codec {
	case format.Uncompressed, format.Snappy, format.Gzip, format.Brotli, format.Zstd, format.Lz4Raw:
		return true
	}
	return false
}

// append appends what a page holds, which has to be so many bytes.
func (c *codecs) append(to, page []byte, length int, codec format.CompressionCodec) ([]byte, error) {
	if length == 0 && len(page) == 0 {
		return to, nil
	}
	start := len(to)
	to = slices.Grow(to, length)[:start+length]
	n, err := c.decompress(to[start:], page, codec)
	if err == nil && n != length {
		err = fmt.Errorf("it is not of its length")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPage, err)
	}
	return to, nil
}

// decompress fills a page's memory, and says how much of it.
func (c *codecs) decompress(to, page []byte, codec format.CompressionCodec) (n int, err error) {
	switch codec {
	case format.Snappy:
		if n, err = s2.DecodedLen(page); err != nil || n != len(to) {
			return n, err
		}
		_, err = s2.Decode(to, page)
		return n, err
	case format.Lz4Raw:
		return lz4.UncompressBlock(page, to)
	case format.Gzip:
		if c.gzip == nil {
			c.gzip = new(gzip.Reader)
		}
		if err := c.gzip.Reset(bytes.NewReader(page)); err != nil {
			return 0, err
		}
		return exactly(to, c.gzip)
	case format.Brotli:
		if c.brotli == nil {
			c.brotli = brotli.NewReader(nil)
		}
		if err := c.brotli.Reset(bytes.NewReader(page)); err != nil {
			return 0, err
		}
		return exactly(to, c.brotli)
	case format.Zstd:
		if c.zstd == nil {
			if c.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxPage)); err != nil {
				return 0, err
			}
		}
		if err := c.zstd.Reset(bytes.NewReader(page)); err != nil {
			return 0, err
		}
		return exactly(to, c.zstd)
	}
	return 0, fmt.Errorf("codec %s is not read", codec)
}

// exactly reads as much as there is room for, and sees to it that there is no more.
func exactly(to []byte, from io.Reader) (int, error) {
	n, err := io.ReadFull(from, to)
	if err != nil {
		return n, err
	}
	var more [1]byte
	switch m, err := from.Read(more[:]); {
	case m > 0:
		return n + m, nil
	case err == io.EOF || err == nil:
		return n, nil
	default:
		return n, err
	}
}
