package replay

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zlib"
)

// packedLook is how much of a file that does not begin as text is looked at, to name what it is. A tar archive has a header of 512 bytes.
const packedLook = 4096

var (
	tarKind    = kind{name: "a tar archive", remedy: "unpack it first, and give the folder"}
	zlibKind   = kind{name: "compressed by zlib", remedy: "unpack it first, as pigz -d does, or write gzip"}
	brotliKind = kind{name: "compressed by Brotli", remedy: "unpack it first, as brotli -d does, or write gzip"}
)

// packedAs is the kind of a file without a magic number that holds others or is compressed; nil for none.
func packedAs(start []byte) *kind {
	switch {
	case isTar(start):
		return &tarKind
	case isZlib(start):
		return &zlibKind
	case unpacksToText(brotli.NewReader(bytes.NewReader(start))):
		return &brotliKind
	}
	return nil
}

// isNoText says that a character is one that no text has: it controls something, and separates neither fields nor lines.
func isNoText(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\x01'
}

// beginsAsText says that a file begins with text in UTF-8. The look may have cut its last character.
func beginsAsText(start []byte) bool {
	for range utf8.UTFMax - 1 {
		if r, size := utf8.DecodeLastRune(start); r != utf8.RuneError || size != 1 {
			break
		}
		start = start[:len(start)-1]
	}
	return utf8.Valid(start) && !bytes.ContainsFunc(start, isNoText)
}

// isTar goes by the checksum that each header has, in all forms of tar: the sum of its bytes, with blanks in its own place (POSIX.1-2017, pax, "ustar Interchange Format").
func isTar(start []byte) bool {
	const header, sumAt, sumEnd = 512, 148, 156
	if len(start) < header || start[0] == 0 {
		return false
	}
	want, err := strconv.ParseInt(string(bytes.Trim(start[sumAt:sumEnd], " \x00")), 8, 32)
	if err != nil {
		return false
	}
	sum := int64(sumEnd-sumAt) * ' '
	for i, c := range start[:header] {
		if i < sumAt || i >= sumEnd {
			sum += int64(c)
		}
	}
	return sum == want
}

// isZlib goes by the header (RFC 1950), and by that what follows unpacks.
func isZlib(start []byte) bool {
	if len(start) < 2 || start[0]&0x0f != 8 {
		return false
	}
	r, err := zlib.NewReader(bytes.NewReader(start))
	return err == nil && unpacksToText(r)
}

// unpacksToText says that the start of something packed unpacks, without an error but that it is cut, and that what comes out is text.
func unpacksToText(r io.Reader) bool {
	const enough = 8 // a few bytes unpack to text by chance
	text, err := io.ReadAll(io.LimitReader(r, packedLook))
	if err != nil && err != io.ErrUnexpectedEOF && len(text) < packedLook/8 {
		return false
	}
	return len(text) >= enough && beginsAsText(text)
}
