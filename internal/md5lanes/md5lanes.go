// Package md5lanes computes the MD5 of several messages at once. Each step of MD5 waits for the one before, so that a processor that is given one message
// idles most of the time: eight take hardly longer than one. Kinesis asks for many: one of each partition key, and of each KPL aggregate.
package md5lanes

import (
	"crypto/md5"
	"encoding/binary"
	"unsafe"
)

// Lanes is how many messages are worked on at a time.
const Lanes = 8

// worthwhile is the number of messages from which on all lanes together take less time than one message after the other.
const worthwhile = 3

// Sum sets each of sums to the MD5 of the message in its place.
func Sum[M string | []byte](sums [][md5.Size]byte, messages []M) {
	if !available || len(messages) < worthwhile {
		for i := range messages {
			sums[i] = md5.Sum(bytesOf(messages[i]))
		}
		return
	}
	var all lanes
	next := 0
	for i := range all.lanes {
		all.lanes[i].message = idle
	}
	for {
		busy := false
		for i := range all.lanes {
			l := &all.lanes[i]
			if l.message == idle && next < len(messages) {
				all.begin(i, next, bytesOf(messages[next]))
				next++
			}
			all.blocks[i] = l.block()
			busy = busy || l.message != idle
		}
		if !busy {
			return
		}
		turn(&all.state, &all.blocks)
		for i := range all.lanes {
			if l := &all.lanes[i]; l.over() {
				all.sum(i, &sums[l.message])
				l.message = idle
			}
		}
	}
}

// bytesOf is a message as bytes, which are not to be written to.
func bytesOf[M string | []byte](m M) []byte {
	text := *(*string)(unsafe.Pointer(&m)) // a slice begins as a string does
	return unsafe.Slice(unsafe.StringData(text), len(text))
}

type lanes struct {
	state  [4][Lanes]uint32 // word by word, each of all lanes
	blocks [Lanes]*[md5.BlockSize]byte
	lanes  [Lanes]lane
}

// idle is the message of a lane that has none. It is given blocks all the same, and nobody looks at its state.
const idle = -1

// lane is what is left to do of a message.
type lane struct {
	message int    // its place among the messages
	whole   []byte // the rest of it, as far as it fills blocks
	last    []byte // of end, the blocks that are behind
	end     [2 * md5.BlockSize]byte
}

// begin gives a lane a message.
func (a *lanes) begin(i, place int, message []byte) {
	a.state[0][i], a.state[1][i], a.state[2][i], a.state[3][i] = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
	l := &a.lanes[i]
	whole := len(message) &^ (md5.BlockSize - 1)
	l.message, l.whole = place, message[:whole]
	n := copy(l.end[:], message[whole:])
	l.end[n] = 0x80
	size := md5.BlockSize
	if n+1+8 > size {
		size = 2 * md5.BlockSize
	}
	clear(l.end[n+1 : size-8])
	binary.LittleEndian.PutUint64(l.end[size-8:], uint64(len(message))*8)
	l.last = l.end[:size]
}

// block takes the lane's next block.
func (l *lane) block() (next *[md5.BlockSize]byte) {
	from := &l.whole
	if len(*from) == 0 {
		from = &l.last
	}
	if len(*from) == 0 {
		return (*[md5.BlockSize]byte)(l.end[:])
	}
	next, *from = (*[md5.BlockSize]byte)(*from), (*from)[md5.BlockSize:]
	return next
}

// over says that the message's last block was taken.
func (l *lane) over() bool { return l.message != idle && len(l.whole) == 0 && len(l.last) == 0 }

// sum is that of a lane whose message is over.
func (a *lanes) sum(i int, to *[md5.Size]byte) {
	for word := range a.state {
		binary.LittleEndian.PutUint32(to[4*word:], a.state[word][i])
	}
}
