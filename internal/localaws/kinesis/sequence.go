package kinesis

import (
	"fmt"
	"strconv"

	"weir/internal/localaws/wire"
)

// A sequence number is 56 decimal digits, as AWS's are:
//
//	49 | arrival, ms since the epoch | index in the shard | number of the shard | 0000000000
//	 2 |          14 digits          |     18 digits      |      12 digits      |     10
//
// So it rises within a shard, as arrival and index do, is unique in a stream, and tells the later of two shards' records.
const (
	sequencePrefix = "49"
	arrivalDigits  = 14
	indexDigits    = 18
	numberDigits   = 12
	sequenceSuffix = "0000000000"
	sequenceLength = len(sequencePrefix) + arrivalDigits + indexDigits + numberDigits + len(sequenceSuffix)
)

func sequenceNumber(arrival int64, index uint64, number int) string {
	b := make([]byte, 0, sequenceLength)
	b = append(b, sequencePrefix...)
	b = appendDigits(b, uint64(arrival), arrivalDigits)
	b = appendDigits(b, index, indexDigits)
	b = appendDigits(b, uint64(number), numberDigits)
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

// indexOf is the index that a sequence number of this shard names.
func (sh *shard) indexOf(sequence string) (uint64, error) {
	const indexAt = len(sequencePrefix) + arrivalDigits
	const numberAt = indexAt + indexDigits
	if len(sequence) == sequenceLength && sequence[:len(sequencePrefix)] == sequencePrefix {
		index, err := strconv.ParseUint(sequence[indexAt:numberAt], 10, 64)
		number, err2 := strconv.Atoi(sequence[numberAt : numberAt+numberDigits])
		if err == nil && err2 == nil && number == sh.number {
			return index, nil
		}
	}
	return 0, wire.NewError("InvalidArgumentException", "%s", fmt.Sprintf("StartingSequenceNumber %s used in GetShardIterator on shard %s is invalid.", sequence, sh.id))
}
