package simulator

import (
	"time"
)

// waits is how long a subtask waited for what is behind it, which is back-pressure.
type waits struct{ waited time.Duration }

func (w *waits) held(from, to time.Duration) { w.waited += max(0, to-from) }

// stalled is the share of the feed that it waited.
func (w *waits) stalled(feed time.Duration) float64 {
	if feed <= 0 {
		return 0
	}
	return min(1, w.waited.Seconds()/feed.Seconds())
}
