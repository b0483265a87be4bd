package record

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// HashKey is a place in the range of 128 bits that the shards of a stream divide among themselves.
type HashKey struct{ Hi, Lo uint64 }

// HashOf is where a partition key falls: its MD5 as a big-endian number (Kinesis API reference, PutRecord).
func HashOf(partitionKey string) HashKey { return HashKeyOf(md5.Sum([]byte(partitionKey))) }

// HashKeyOf is the hash key that a partition key's MD5 is.
func HashKeyOf(sum [md5.Size]byte) HashKey {
	return HashKey{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// ParseHashKey reads a decimal number in [0, 2^128).
func ParseHashKey(text string) (HashKey, error) {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || n.Sign() < 0 || n.BitLen() > 128 || strings.ContainsAny(text, "+-") || (len(text) > 1 && text[0] == '0') {
		return HashKey{}, fmt.Errorf("hash key %q is not a decimal number in [0, 2^128)", text)
	}
	var b [16]byte
	n.FillBytes(b[:])
	return HashKey{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}, nil
}

// String is the hash key as a decimal number.
func (h HashKey) String() string { return h.Big().String() }

// Big is the hash key as a number.
func (h HashKey) Big() *big.Int {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], h.Hi)
	binary.BigEndian.PutUint64(b[8:], h.Lo)
	return new(big.Int).SetBytes(b[:])
}

// Compare orders two hash keys.
func (h HashKey) Compare(other HashKey) int {
	switch {
	case h.Hi < other.Hi, h.Hi == other.Hi && h.Lo < other.Lo:
		return -1
	case h == other:
		return 0
	}
	return 1
}

// EvenSplit is where the n shards of a new stream start: each has 2^128/n hash keys, rounded down, and the last one the rest.
func EvenSplit(n int) []HashKey {
	width := new(big.Int).Lsh(big.NewInt(1), 128)
	width.Div(width, big.NewInt(int64(max(n, 1))))
	starts := make([]HashKey, n)
	start := new(big.Int)
	low := new(big.Int).SetUint64(^uint64(0))
	for i := range starts {
		starts[i] = HashKey{Hi: new(big.Int).Rsh(start, 64).Uint64(), Lo: new(big.Int).And(start, low).Uint64()}
		start.Add(start, width)
	}
	return starts
}

// Shard is one shard of a stream, with its range of hash keys, both ends included.
type Shard struct {
	ID         string
	Start, End HashKey
	// Parents are the shards that this one was split or merged from, empty for a stream's first shards.
	Parents []string
	// Closed says that a reshard has ended the shard: it is still read, and takes no record.
	Closed bool
}

// Holds says whether a hash key falls into the shard.
func (s *Shard) Holds(h HashKey) bool { return s.Start.Compare(h) <= 0 && h.Compare(s.End) <= 0 }

// greatest is the greatest hash key.
func (h HashKey) greatest() bool { return h == HashKey{^uint64(0), ^uint64(0)} }

// next is the hash key after one that is not the greatest.
func (h HashKey) next() HashKey {
	if h.Lo++; h.Lo == 0 {
		h.Hi++
	}
	return h
}

// Overlaps says whether two shards have a hash key in common, as a shard and its descendants do.
func (s *Shard) Overlaps(other *Shard) bool {
	return s.Start.Compare(other.End) <= 0 && other.Start.Compare(s.End) <= 0
}

// Tile says whether shards, in the order of their hash keys, have each hash key once, as the open shards of a stream do.
func Tile(shards []Shard) bool {
	if len(shards) == 0 || shards[0].Start != (HashKey{}) || !shards[len(shards)-1].End.greatest() {
		return false
	}
	for i := range shards[1:] {
		if shards[i].End.greatest() || shards[i].End.next() != shards[i+1].Start {
			return false
		}
	}
	return true
}

// PositionKind says how a [Position] names its place.
type PositionKind uint8

const (
	TrimHorizon   PositionKind = iota // the oldest record that the shard still holds
	Latest                            // after the newest record
	AtTimestamp                       // the first record that arrived at or after Timestamp
	AtSequence                        // the record with that sequence number
	AfterSequence                     // the record after it
)

// Position is a place in a shard, as GetShardIterator names it. The zero value is the trim horizon.
type Position struct {
	Kind      PositionKind
	Sequence  string
	Timestamp time.Time
}
