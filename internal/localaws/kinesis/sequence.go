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
// So it rises within a shard, as arrival and index do, is unique in a stream, and tells the later of two shards' records. Index 0 is
// the beginning of the shard, with the time when the stream was made.
const (
	sequencePrefix = "49"
	sequenceSuffix = "0000000000"
	arrivalAt      = len(sequencePrefix)
	indexAt        = arrivalAt + 14
	numberAt       = indexAt + 18
	suffixAt       = numberAt + 12
	sequenceLength = suffixAt + len(sequenceSuffix)
)

func sequenceNumber(arrival int64, index uint64, number int) string {
	b := make([]byte, 0, sequenceLength)
	b = append(b, sequencePrefix...)
	b = appendDigits(b, uint64(arrival), indexAt-arrivalAt)
	b = appendDigits(b, index, numberAt-indexAt)
	b = appendDigits(b, uint64(number), suffixAt-numberAt)
	return string(append(b, sequenceSuffix...))
}

// appendDigits appends n as exactly that many digits.
func appendDigits(b []byte, n uint64, digits int) []byte {
	end := len(b) + digits
	for range digits {
		b = append(b, '0')
	}
	for i := end - 1; n > 0 && i >= end-digits; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

func parseSequenceNumber(text string) (arrival int64, index uint64, number int, ok bool) {
	if len(text) != sequenceLength || !strings.HasPrefix(text, sequencePrefix) || !strings.HasSuffix(text, sequenceSuffix) {
		return 0, 0, 0, false
	}
	var parts [3]uint64
	for i, digits := range []string{text[arrivalAt:indexAt], text[indexAt:numberAt], text[numberAt:suffixAt]} {
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return 0, 0, 0, false
		}
		parts[i] = n
	}
	return int64(parts[0]), parts[1], int(parts[2]), true
}

// indexOf is the index that a sequence number of this shard names, which may have been trimmed. It is not ok for one that the shard
// never gave, as one of another stream of the same name: to start there would pass over records. The shard is locked.
func (sh *shard) indexOf(sequence string) (index uint64, ok bool) {
	arrival, index, number, ok := parseSequenceNumber(sequence)
	switch {
	case !ok || number != sh.number || index >= sh.log.next:
		return 0, false
	case index == 0:
		return 0, arrival == sh.created
	case index < sh.log.first:
		return index, arrival >= sh.created
	}
	return index, arrival == sh.log.at(index).arrival
}
