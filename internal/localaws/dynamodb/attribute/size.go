package attribute

import "strings"

// Sizes follow the developer guide, "DynamoDB item sizes and formats": text and binary by bytes, a number about one byte
// for two significant digits and one more, null and bool one, a list or map three and one for each member.
const (
	collectionOverhead = 3
	memberOverhead     = 1
)

// Size is the length in bytes.
func (v String) Size() int { return len(v) }

// Size is a byte for two significant digits, one more, and one for a minus.
func (v Number) Size() int {
	text, negative := strings.CutPrefix(string(v), "-")
	digits := strings.Trim(strings.Replace(text, ".", "", 1), "0")
	size := (len(digits)+1)/2 + 1
	if negative {
		size++
	}
	return size
}

// Size is the length in bytes, before base64.
func (v Binary) Size() int { return len(v) }

// Size is one byte.
func (Bool) Size() int { return 1 }

// Size is one byte.
func (Null) Size() int { return 1 }

// Size is three bytes, one a member, and the members.
func (v List) Size() int {
	size := collectionOverhead
	for _, member := range v {
		size += memberOverhead + member.Size()
	}
	return size
}

// Size is three bytes, one a member, and the members' names and values.
func (v Map) Size() int { return collectionOverhead + memberOverhead*len(v) + v.ItemSize() }

// ItemSize is the size of the map as an item: the names and values of its attributes.
func (v Map) ItemSize() int {
	size := 0
	for name, member := range v {
		size += len(name) + member.Size()
	}
	return size
}

// Size is the sum of the members.
func (s Set) Size() int {
	size := 0
	for _, member := range s.members {
		if s.of == TypeNumber {
			size += Number(member).Size()
			continue
		}
		size += len(member)
	}
	return size
}
