package measure

import (
	"context"
	"time"

	"weir/record"
)

// settlePoll is the time between two looks at rows that are in flight.
const settlePoll = 2 * time.Millisecond

// Settle waits until each row that is in flight now was written, or missed by every route; with forwarded, it is enough that the output stream has it.
func (r *Rows) Settle(ctx context.Context, forwarded bool) error {
	left := r.unsettled(forwarded)
	ticker := time.NewTicker(settlePoll)
	defer ticker.Stop()
	for len(left) > 0 {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		left = r.stillUnsettled(left, forwarded)
	}
	return nil
}

func (r *Rows) unsettled(forwarded bool) map[record.RowID]*flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := make(map[record.RowID]*flight)
	for id, f := range r.inFlight {
		if !f.safe(forwarded) {
			left[id] = f
		}
	}
	return left
}

func (r *Rows) stillUnsettled(left map[record.RowID]*flight, forwarded bool) map[record.RowID]*flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, f := range left {
		if r.inFlight[id] != f || f.safe(forwarded) {
			delete(left, id)
		}
	}
	return left
}

func (f *flight) safe(forwarded bool) bool {
	return len(f.firings) == 0 || forwarded && f.unforwarded <= 0
}
