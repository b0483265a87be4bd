package compression

import (
	"bytes"
	"encoding/binary"

	"github.com/klauspost/compress/s2"
)

// kplMagic is how a KPL aggregate begins, which a length may, too.
const kplMagic = "\xf3\x89\x9a\xc2"

// withoutMagic tells the forms that begin with lengths alone, by whether the lengths fit what follows: an event stream, and two forms of snappy.
func withoutMagic(start []byte, whole bool) string {
	switch {
	case isEventStream(start):
		return EventStream
	case isHadoopSnappy(start):
		return HadoopSnappy
	case isRawSnappy(start, whole):
		return RawSnappy
	}
	return ""
}

// isHadoopSnappy says that a file begins with the length of a block, that of its compressed first piece, and a piece that holds no more than the block.
func isHadoopSnappy(start []byte) bool {
	if len(start) < 10 {
		return false
	}
	block, piece := binary.BigEndian.Uint32(start), binary.BigEndian.Uint32(start[4:])
	length, n := binary.Uvarint(start[8:])
	if block == 0 || block > maxSnappyBlock || n <= 0 || length == 0 || length > uint64(block) || piece == 0 || int(piece) > s2.MaxEncodedLen(int(block)) {
		return false
	}
	first, ok := snappyElement(start[8+n:])
	return ok && first.isLiteral() && mayBegin(first.text)
}

// severalElements are so many that their lengths do not fit by chance: two bytes of five in a text pass for a short literal, and hardly one for a copy.
const severalElements = 16

// isRawSnappy says that a file begins with a length and a literal that a recording may begin with, and that all elements fit that length and each other as far as they
// are seen. The letters of a text may pass for a length and a literal: where the first bytes may be text, more has to speak for snappy.
func isRawSnappy(start []byte, whole bool) bool {
	length, n := binary.Uvarint(start)
	if n <= 0 || length == 0 || length > 1<<32-1 {
		return false
	}
	first, ok := snappyElement(start[n:])
	if !ok || !first.isLiteral() || first.length < min(length, shortestLiteral) || !mayBegin(first.text) {
		return false
	}
	elements, exact, fit := fitElements(start[n:], length, whole)
	switch {
	case !fit:
		return false
	case !mayBeText(start[:n+first.header]), byMagic(first.text) != "", elements >= severalElements, exact && elements > 1:
		return true
	}
	// It is one literal, which is long, or has the file's own length.
	return exact && first.header > 1 || (first.text[0] == '{' || first.text[0] == '[') && (exact || !whole)
}

// shortestLiteral is what a recording's first literal has at least: text of two bytes a letter passes for literals of one.
const shortestLiteral = 4

// fitElements says how many whole elements there are, and whether they end with the file.
func fitElements(body []byte, length uint64, whole bool) (elements int, exact, fit bool) {
	made := uint64(0)
	for len(body) > 0 {
		e, ok := snappyElement(body)
		switch {
		case !ok:
			return elements, false, made < length // the look ends in it
		case e.length > length-made, !e.isLiteral() && (e.offset == 0 || e.offset > made):
			return elements, false, false
		case e.isLiteral() && uint64(len(e.text)) < e.length:
			return elements, false, true
		}
		elements++
		made += e.length
		body = body[e.header+len(e.text):]
	}
	return elements, whole && made == length, true
}

// element is a literal, or a copy of what came before.
type element struct {
	header int    // bytes that say which
	length uint64 // of its text
	offset uint64 // of a copy
	text   []byte // of a literal, as far as it is seen
}

func (e *element) isLiteral() bool { return e.text != nil }

// snappyElement reads the element that some bytes begin with. It is not ok where they end in its header.
func snappyElement(body []byte) (e element, ok bool) {
	if len(body) == 0 {
		return e, false
	}
	tag := body[0]
	more := [...]int{0, 1, 2, 4}[tag&3]
	isLong := tag&3 == 0 && tag>>2 >= 60
	if isLong {
		more = int(tag>>2) - 59
	}
	if e.header = 1 + more; len(body) < e.header {
		return e, false
	}
	var number [8]byte
	copy(number[:], body[1:e.header])
	n := binary.LittleEndian.Uint64(number[:])
	e.length, e.offset = uint64(tag>>2)+1, n
	switch {
	case tag&3 == 1:
		e.length, e.offset = uint64(tag>>2&7)+4, uint64(tag>>5)<<8|n
	case isLong:
		e.length, e.offset = n+1, 0
	}
	if tag&3 == 0 {
		e.offset = 0
		e.text = body[e.header:][:min(e.length, uint64(len(body)-e.header))]
	}
	return e, true
}

// mayBegin says that a recording may begin so: as text, as something compressed, or as an aggregate.
func mayBegin(text []byte) bool {
	start := text[:min(len(text), longestMagic)]
	return len(start) > 0 && (mayBeText(start) || byMagic(start) != "" || bytes.HasPrefix(start, []byte(kplMagic)))
}

// mayBeText says that no byte is one that text has in no encoding of a byte a letter.
func mayBeText(start []byte) bool {
	for _, c := range start {
		if !isTextByte(c) {
			return false
		}
	}
	return true
}

// isTextByte says that a byte is no control character but for those that stand between words, lines and Hive's fields.
func isTextByte(c byte) bool {
	return c >= ' ' && c != 0x7f || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\x01'
}
