package replay

import (
	"slices"
	"strings"
	"unicode/utf8"

	"weir/limits"
	"weir/record"
)

// plainKey joins the parts of a row's key as a partition key joins its own: as they are, without the missing ones.
func plainKey(rowKey string) string {
	parts := slices.DeleteFunc(record.SplitKey(rowKey), func(part string) bool { return part == "" })
	return strings.Join(parts, "|")
}

// refusedKey says why a partition key must not reach the wire: Kinesis refuses it, or it would count as a flush.
func refusedKey(key string) Reason {
	switch {
	case key == "":
		return NoPartitionKey
	case len(key) > limits.PartitionKeyCharacters && utf8.RuneCountInString(key) > limits.PartitionKeyCharacters:
		return LongKey
	case !utf8.ValidString(key):
		return InvalidKey
	case record.IsFlush(key):
		return ReservedKey
	}
	return ""
}
