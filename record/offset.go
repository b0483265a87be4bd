package record

import "errors"

// Offset is where in the data the value stands that an error of a [Decoder] is of; 0 where it says none.
func Offset(err error) int {
	if e, ok := errors.AsType[*decodeError](err); ok {
		return e.offset
	}
	return 0
}
