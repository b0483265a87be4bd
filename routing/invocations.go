package routing

import "sync/atomic"

// invocations counts them.
type invocations struct {
	made   atomic.Int64
	failed [failureKinds]atomic.Int64
}

// InvocationCounts are how many invocations were made, and how many of them failed, by the kind of failure.
type InvocationCounts struct {
	Made   int64
	Failed map[string]int64
}

func (c *invocations) add(failure *Failure) {
	c.made.Add(1)
	if failure != nil {
		c.failed[failure.Kind].Add(1)
	}
}

func (c *invocations) counts() InvocationCounts {
	counts := InvocationCounts{Made: c.made.Load(), Failed: map[string]int64{}}
	for kind := range c.failed {
		if n := c.failed[kind].Load(); n > 0 {
			counts.Failed[FailureKind(kind).String()] = n
		}
	}
	return counts
}
