package attribute

import (
	"fmt"

	"weir/internal/localaws/wire"
)

// Mismatch words a value of the wrong type as AWS does in this service. AWS documents none of it: dynalite's tests, which were run against
// AWS, have the sentences. Where AWS names the Java class that a list was to become, only those of scalars are named here.
func Mismatch(found wire.Token, want wire.Kind) string {
	switch {
	case found == wire.ListToken:
		return "Unrecognized collection type" + class(want)
	case found == wire.StructureToken:
		return "Start of structure or map found where not expected"
	case want == wire.Structure:
		return "Unexpected value type in payload"
	case want == wire.List || want == wire.Map:
		return "Unexpected field type"
	case want == wire.Blob:
		return "only base-64-encoded strings are convertible to bytes"
	case want == wire.Boolean && found == wire.StringToken:
		return "Unexpected token received from parser"
	}
	return fmt.Sprintf("%s cannot be converted to %s", found, want)
}

func class(want wire.Kind) string {
	switch want {
	case wire.List, wire.Map, wire.Structure:
		return ""
	case wire.Blob:
		return " class java.nio.ByteBuffer"
	}
	return " class java.lang." + string(want)
}
