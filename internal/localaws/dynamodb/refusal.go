package dynamodb

import (
	"slices"
	"strings"
)

// oneOf checks a parameter that takes one of a few words, or none.
func oneOf(parameter, given string, words ...string) error {
	if given == "" || slices.Contains(words, given) {
		return nil
	}
	return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
		given, parameter, strings.Join(words, ", "))
}

// unserved marks a parameter that this DynamoDB does not serve. A request that gives it is refused, for it would mean
// something else without it.
type unserved bool

// UnmarshalJSON takes note that the parameter was given.
func (u *unserved) UnmarshalJSON(data []byte) error {
	*u = string(data) != "null"
	return nil
}

// refuse gives the error for the first of these parameters that was given.
func refuse(parameters ...parameter) error {
	for _, p := range parameters {
		if p.given {
			return invalid("weir: the embedded DynamoDB does not serve %s", p.name)
		}
	}
	return nil
}

type parameter struct {
	name  string
	given unserved
}

func atLeastOne(parameter string, given int64) error {
	return invalid("1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to 1", given, parameter)
}

func atMost(parameter string, given, most int64) error {
	return invalid("1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: Member must have value less than or equal to %d", given, parameter, most)
}
