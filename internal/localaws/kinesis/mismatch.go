package kinesis

import (
	"fmt"

	"weir/internal/localaws/wire"
)

// mismatch words a value of the wrong type as AWS does in this service. AWS documents none of it: kinesalite's tests, which were run
// against AWS, have the sentences.
func mismatch(found wire.Token, want wire.Kind) string {
	switch {
	case found == wire.ListToken:
		return "Start of list found where not expected"
	case found == wire.StructureToken:
		return "Start of structure or map found where not expected."
	case want == wire.List:
		return "Expected list or null"
	case want == wire.Map:
		return "Expected map or null"
	case want == wire.Structure:
		return "Expected null"
	case want == wire.Integer:
		return fmt.Sprintf("%s can not be converted to an %s", found, want)
	}
	return fmt.Sprintf("%s can not be converted to a %s", found, want)
}
