package measure

import (
	"strings"
	"sync"
	"time"

	"weir/result"
)

// What latencies can be kept apart by.
const (
	ByShard = "shard"
	ByKind  = "kind"
)

const (
	// mostParts bounds what is kept apart: a histogram is a quarter of a megabyte.
	mostParts = 256
	// otherParts is what all together are called that are more than that.
	otherParts = "(others)"
)

// apart keeps the latencies of a point apart, by shard or by kind. It is safe for concurrent use. Its memory does not grow with the run.
type apart struct {
	phases *phases
	mu     sync.Mutex
	parts  map[string]*point
}

func newApart(of *phases) *apart { return &apart{phases: of, parts: make(map[string]*point)} }

// of is the part of that name.
func (a *apart) of(part string) *point {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.parts[part]
	if p != nil {
		return p
	}
	if len(a.parts) >= mostParts {
		part = otherParts
	}
	if p = a.parts[part]; p == nil {
		p = newPoint(part, a.phases)
		a.parts[strings.Clone(part)] = p
	}
	return p
}

// record takes n samples that end at a time, each of the part that it names.
func (a *apart) record(at time.Duration, n int, part func(i int) string, sample func(i int) time.Duration) {
	for i := 0; i < n; {
		same := i + 1
		for same < n && part(same) == part(i) {
			same++
		}
		first := i
		a.of(part(i)).record(at, same-i, func(k int) time.Duration { return sample(first + k) })
		i = same
	}
}

// fill sums up each part into a map of parts to points in time.
func (a *apart) fill(point string, into map[string]map[string]result.Latency) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for part, p := range a.parts {
		p.settle()
		latency, ok := p.summary()
		if !ok {
			continue
		}
		if into[part] == nil {
			into[part] = make(map[string]result.Latency)
		}
		into[part][point] = latency
	}
}
