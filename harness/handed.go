package harness

import (
	"sync"
	"time"

	"weir/aggregator/window"
)

// handedTimes are the newest event times that were handed over, by when.
type handedTimes struct {
	mu  sync.Mutex
	all []handedTime
}

type handedTime struct {
	at     time.Duration
	newest int64
}

// handedStep is the least time between two that are kept.
const handedStep = 10 * time.Millisecond

func (h *handedTimes) note(at time.Duration, newest int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.all); n > 1 && at-h.all[n-2].at < handedStep {
		h.all[n-1] = handedTime{at, newest}
		return
	}
	h.all = append(h.all, handedTime{at, newest})
}

// newest is at least the newest event time that was handed over by a time, and that of one that was by a moment later.
func (h *handedTimes) newest(by time.Duration) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	newest := int64(window.Unset)
	for _, one := range h.all {
		newest = one.newest
		if one.at >= by {
			break
		}
	}
	return newest
}
