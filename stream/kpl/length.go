package kpl

import (
	"bytes"
	"crypto/md5"
)

// Magic is what an aggregate begins with.
const Magic = "\xF3\x89\x9A\xC2"

// Length is how many bytes the aggregate takes that text begins with, where something may follow it: nothing in it says how long it is, but its MD5 does. It is 0
// where there is no whole one, and hopeless says that none will come of it, whatever follows text.
func Length(text []byte) (n int, hopeless bool) {
	if !bytes.HasPrefix(text, []byte(Magic)) {
		return 0, len(text) >= len(Magic)
	}
	sum := md5.New()
	rest := text[len(Magic):]
	for read := 0; ; {
		if read > 0 && len(rest) >= md5.Size {
			var digest [md5.Size]byte
			if bytes.Equal(sum.Sum(digest[:0]), rest[:md5.Size]) {
				return len(text) - len(rest) + md5.Size, false
			}
		}
		f, after, ok := next(rest)
		if !ok {
			return 0, false
		}
		if f.tag != partitionKeys && f.tag != explicitHashKeys && f.tag != records {
			return 0, true
		}
		_, _ = sum.Write(rest[:len(rest)-len(after)]) // a digest takes everything
		rest = after
		read++
	}
}
