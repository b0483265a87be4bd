package aggregator

import (
	"strings"
	"unsafe"
)

// names keeps the texts of a pane's keys, back to back in blocks: a string of its own for each would cost a third more. Kinds are few, and kept once each.
type names struct {
	kinds map[string]string
	block []byte // the one that is being filled
	size  int    // of the next block
}

// Blocks of names begin small, for most panes of a small stream have few keys.
const (
	firstNames   = 256
	largestNames = 64 << 10
)

func (n *names) kind(kind string) string {
	if known, ok := n.kinds[kind]; ok {
		return known
	}
	if n.kinds == nil {
		n.kinds = make(map[string]string)
	}
	kind = strings.Clone(kind)
	n.kinds[kind] = kind
	return kind
}

// keep copies a text. What a block holds is never written to again.
func (n *names) keep(text string) string {
	if text == "" {
		return ""
	}
	if len(text) > cap(n.block)-len(n.block) {
		n.size = min(max(firstNames, 2*n.size), largestNames)
		n.block = make([]byte, 0, max(n.size, len(text)))
	}
	at := len(n.block)
	n.block = append(n.block, text...)
	return unsafe.String(&n.block[at], len(text))
}
