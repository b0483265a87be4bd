package measure

import (
	"slices"
	"sync/atomic"
)

// counters are what the series counts each second.
type counters struct {
	offered, sent, acked, throttled, retried, read, late, fired, written atomic.Int64
}

// firedCounter is the place of the rows that fired among the counters.
var firedCounter = slices.Index(counterNames, "fired")

// counterNames are the columns of the counters in series.csv, in their order.
var counterNames = []string{"offered", "sent", "acked", "throttled", "retried", "read", "late", "fired", "written"}

func (c *counters) all() []int64 {
	return []int64{
		c.offered.Load(), c.sent.Load(), c.acked.Load(), c.throttled.Load(), c.retried.Load(),
		c.read.Load(), c.late.Load(), c.fired.Load(), c.written.Load(),
	}
}
