package kinesis

import (
	"strconv"
	"time"

	"weir/internal/localaws/wire"
	"weir/limits"
)

// capacity is what limits each shard of a stream.
type capacity struct {
	limited      bool
	epoch        time.Time // at which the clock of the token buckets is zero
	otherReaders int
}

// throttle is that of a shard that is born at a time; nil without limits.
func (c *capacity) throttle(born time.Time) *throttle {
	if !c.limited {
		return nil
	}
	t := newThrottle()
	t.others = limits.NewOtherReaders(c.otherReaders, born.Sub(c.epoch))
	return t
}

const (
	// otherReadersTag is the tag of a new stream that says how many other consumers poll its shards. AWS ignores it.
	otherReadersTag  = "weir:other-readers"
	mostOtherReaders = 20
)

// otherReaders is the number that the tags of a new stream give.
//
// K33: Another reader polls each shard once a second, and shares its reads with all that poll it (Developer Guide, "Improve low-latency processing")
// K34: Other readers come first: a shard gives the rest to the reader that is looked at (AWS does not say)
func otherReaders(tags map[string]string) (int, error) {
	text, ok := tags[otherReadersTag]
	if !ok {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > mostOtherReaders {
		return 0, wire.NewError("InvalidArgumentException", "weir: the tag %s is %q, and not a whole number between 0 and %d.", otherReadersTag, text, mostOtherReaders)
	}
	return n, nil
}
