package kinesis

import (
	"fmt"
	"strconv"

	"weir/internal/localaws/wire"
)

// invalid is AWS's error for a member that breaks a constraint of the model.
func invalid(member, value, constraint string) error {
	return wire.NewError("ValidationException", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, member, constraint)
}

func missing(member string) error {
	return wire.NewError("ValidationException", "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", member)
}

// bounded is a number that a request gives, from 1 to most, or what stands for one that it does not give.
func bounded(member string, given *int, fallback, most int) (int, error) {
	switch {
	case given == nil:
		return fallback, nil
	case *given < 1:
		return 0, invalid(member, strconv.Itoa(*given), "Member must have value greater than or equal to 1")
	case *given > most:
		return 0, invalid(member, strconv.Itoa(*given), fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
	return *given, nil
}

// maxPage bounds the size of a page that a request may ask for in the operations that list and describe (API reference).
const maxPage = 10000
