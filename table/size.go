package table

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"weir/record"
)

// The size of an item is that of its names and values. A text has its bytes, a number about half of its digits, and a list three bytes and one more for
// each element (DynamoDB developer guide, "DynamoDB item sizes and formats").
const (
	numberBytes  = 2 // of each, beside half of its text
	listBytes    = 3
	elementBytes = 1
)

func sizeOfNumber(length int) int { return length/2 + numberBytes }

// itemBytes is the size of an item.
func itemBytes(it item) int {
	size := 0
	for name, value := range it {
		size += len(name)
		switch value := value.(type) {
		case *types.AttributeValueMemberS:
			size += len(value.Value)
		case *types.AttributeValueMemberN:
			size += sizeOfNumber(len(value.Value))
		case *types.AttributeValueMemberL:
			size += listBytes
			for _, element := range value.Value {
				if text, ok := element.(*types.AttributeValueMemberS); ok {
					size += elementBytes + len(text.Value)
				}
			}
		}
	}
	return size
}

// namesBytes is the size of the names of the attributes that each item has.
const namesBytes = len(attributePK + attributeWindowStart + attributeWindowEnd + attributeKind + attributeKey + attributeCount)

// ItemBytes is the size of a row's item as DynamoDB counts it. It makes no item, so that it can be asked for each row.
func ItemBytes(row *record.Row) int {
	pk := len(row.Kind) + strings.Count(row.Kind, `\`) + strings.Count(row.Kind, "#") + len("#") + len(row.Key)
	subsecond := (row.WindowEnd-row.WindowStart)%1000 != 0
	size := namesBytes + pk + len(row.Kind) + timeBytes(row.WindowStart, subsecond) + timeBytes(row.WindowEnd, subsecond) + keyBytes(row.Key) +
		sizeOfNumber(digits(row.Count))
	for _, n := range [...]struct{ name, value string }{{attributeSum, row.Sum}, {attributeMin, row.Min}, {attributeMax, row.Max}, {attributeMean, row.Mean}} {
		if n.value != "" {
			size += len(n.name) + sizeOfNumber(len(n.value))
		}
	}
	return size
}

// keyBytes is the size of a key's list of parts; see [record.SplitKey].
func keyBytes(key string) int {
	size := listBytes + elementBytes
	for i := 0; i < len(key); i++ {
		switch {
		case key[i] == '|':
			size += elementBytes
			continue
		case key[i] == '\\' && i+1 < len(key):
			i++
		}
		size++
	}
	return size
}

// The years that are written with four digits, in milliseconds.
const (
	year0     = -62_167_219_200_000
	year10000 = 253_402_300_800_000
)

// timeBytes is the length of a time as [record.FormatTime] has it.
func timeBytes(ms int64, subsecond bool) int {
	switch {
	case ms < year0 || ms >= year10000:
		return len(record.FormatTime(ms, subsecond))
	case subsecond:
		return len("2006-01-02T15:04:05.000Z")
	}
	return len("2006-01-02T15:04:05Z")
}

// digits is the length of a number as text.
func digits(n int64) int {
	length := 1
	if n < 0 {
		length++
	}
	for n /= 10; n != 0; n /= 10 {
		length++
	}
	return length
}
