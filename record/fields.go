package record

import (
	"errors"
	"fmt"
)

// Fields names what weir reads in a record: dotted paths into its JSON object.
type Fields struct {
	Kind      string
	EventTime string
	Value     string
	// Key holds one path or more; their values make the row's key.
	Key []string
	// PartitionKey holds one path or more; nil stands for the recording's own partition key, else Key.
	PartitionKey []string
	// TimeFormat says how event times are written, and TimeZone in which zone those are that have none. Empty, numbers count milliseconds, and a time has a
	// zone. See [Decoder].
	TimeFormat, TimeZone string
}

// DefaultFields are the paths that hold where the user gave none.
func DefaultFields() Fields {
	return Fields{Kind: "kind", EventTime: "event_time", Value: "value", Key: []string{"key"}}
}

// Why a record cannot be used; the error that wraps one of these names the place.
var (
	// ErrNotJSON: the data is not one JSON object.
	ErrNotJSON = errors.New("not a JSON object")
	// ErrNoEventTime: the object has no event time, or one that is neither RFC 3339 nor of the time format.
	ErrNoEventTime = errors.New("no event time")
	// ErrBadValue: a field has a type or a size that the aggregator cannot use.
	ErrBadValue = errors.New("unusable value")
	// ErrNotUTF8: a text that the aggregator reads has a character that is none, so that two texts could be one. It is an [ErrBadValue], too.
	ErrNotUTF8 = fmt.Errorf("%w: text that is not UTF-8", ErrBadValue)
)

// errNoZone says that event times are written without a zone, and that nobody has said which it is.
var errNoZone = errors.New("has no zone: say the time zone that it is in")
