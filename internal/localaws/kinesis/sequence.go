package kinesis

import (
	"strconv"
	"strings"
)

// A sequence number is 56 decimal digits, as AWS's are:
//
//	49 | arrival, ms since the epoch | index in the shard | number of the shard | 0000000000
//	 2 |          14 digits          |     18 digits      |      12 digits      |     10
//
// So it rises within a shard, as arrival and index do, and from parents to children, is unique in a stream, and tells the later of two shards'
// records. The index before a shard's first is its beginning, with the time when it was made.
const (
	sequencePrefix = "49"
	sequenceSuffix = "0000000000"
	arrivalAt      = len(sequencePrefix)
	indexAt        = arrivalAt + 14
	numberAt       = indexAt + 18
	suffixAt       = numberAt + 12
	sequenceLength = suffixAt + len(sequenceSuffix)
)

func (q sequence) String() string { return string(q.append(make([]byte, 0, sequenceLength))) }

// sequence is a sequence number that is not written yet: there are thousands in an answer, which need no strings. The zero value is none.
type sequence struct {
	arrival int64
	index   uint64
	number  int
}

// MarshalText writes it as AWS does.
func (q sequence) MarshalText() ([]byte, error) { return q.append(nil), nil }

func (q sequence) append(to []byte) []byte {
	to = append(to, sequencePrefix...)
	to = appendDigits(to, uint64(q.arrival), indexAt-arrivalAt)
	to = appendDigits(to, q.index, numberAt-indexAt)
	to = appendDigits(to, uint64(q.number), suffixAt-numberAt)
	return append(to, sequenceSuffix...)
}

const zeros = "000000000000000000" // as many as the longest part has digits

// appendDigits appends n as exactly that many digits.
func appendDigits(to []byte, n uint64, digits int) []byte {
	to = append(to, zeros[:digits]...)
	for i := len(to) - 1; n > 0 && digits > 0; i-- {
		to[i] = byte('0' + n%10)
		n /= 10
		digits--
	}
	return to
}

func parseSequence(text string) (q sequence, ok bool) {
	if len(text) != sequenceLength || !strings.HasPrefix(text, sequencePrefix) || !strings.HasSuffix(text, sequenceSuffix) {
		return sequence{}, false
	}
	var parts [3]uint64
	for i, digits := range []string{text[arrivalAt:indexAt], text[indexAt:numberAt], text[numberAt:suffixAt]} {
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return sequence{}, false
		}
		parts[i] = n
	}
	return sequence{int64(parts[0]), parts[1], int(parts[2])}, true
}

// indexOf is the index that a sequence number of this shard names, which may have been trimmed. It is not ok for one that the shard
// never gave, as one of another stream of the same name: to start there would pass over records. The shard is locked.
func (sh *shard) indexOf(text string) (index uint64, ok bool) {
	q, ok := parseSequence(text)
	switch {
	case !ok || q.number != sh.number || q.index < sh.born.index:
		return 0, false
	case q.index == sh.born.index:
		return q.index, q.arrival == sh.born.at
	case q.index >= sh.log.next:
		return q.index, sh.closed > 0 && q.index == sh.log.next && q.arrival == sh.closed
	case q.index < sh.log.first:
		return q.index, q.arrival >= sh.born.at
	}
	return q.index, q.arrival == sh.log.at(q.index).arrival
}
