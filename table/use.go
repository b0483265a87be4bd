package table

import (
	"errors"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Use counts what hindered the writes, in items.
type Use struct {
	// Throttled are items of calls that DynamoDB refused, by its reason (API reference, ThrottlingReason): a call that is refused for two counts for each. An
	// item counts each time.
	Throttled map[string]int64
	// Unprocessed are items that DynamoDB left undone in a call of which it did others. It gives no reason for them.
	Unprocessed int64
	// Superseded are rows that were not written, for one with a higher count was there.
	Superseded int64
}

// use counts as calls are made.
type use struct {
	mu sync.Mutex
	Use
}

// Use is what hindered the writes until now.
func (t *Table) Use() Use {
	t.use.mu.Lock()
	defer t.use.mu.Unlock()
	u := t.use.Use
	u.Throttled = maps.Clone(u.Throttled)
	return u
}

// refused counts a call that was throttled.
func (u *use) refused(err error, items int) {
	if !throttled(err) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.Throttled == nil {
		u.Throttled = make(map[string]int64)
	}
	for _, reason := range reasonsOf(err) {
		u.Throttled[reason] += int64(items)
	}
}

func (u *use) leftUndone(items int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Unprocessed += int64(items)
}

func (u *use) supersede() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Superseded++
}

// noReason stands for a throttle that tells none.
const noReason = "no reason given"

// reasonsOf are why a call was throttled, each once.
func reasonsOf(err error) []string {
	var told []types.ThrottlingReason
	if e, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err); ok {
		told = e.ThrottlingReasons
	}
	if e, ok := errors.AsType[*types.RequestLimitExceeded](err); ok {
		told = e.ThrottlingReasons
	}
	if e, ok := errors.AsType[*types.ThrottlingException](err); ok {
		told = e.ThrottlingReasons
	}
	seen := make(map[string]bool)
	var reasons []string
	for i := range told {
		if reason := told[i].Reason; reason != nil && !seen[*reason] {
			seen[*reason] = true
			reasons = append(reasons, *reason)
		}
	}
	if len(reasons) == 0 {
		return []string{noReason}
	}
	return reasons
}
