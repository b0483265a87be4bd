package measure

import (
	"time"

	"weir/record"
)

// flight is one row on its way.
type flight struct {
	// firings are how it fired, as long as that is on its way.
	firings []firing
	// fired is how often it did.
	fired int
	took  string // the first route that took it
	// unforwarded counts the firings that the output stream has not acknowledged.
	unforwarded int

	// waiting are the triggers of the firings that some route is not done with, the first first, and done is how often each route was. sizes are those of the
	// records that carry them, as far as the output stream has them; early counts those that every route was done with before the stream's answer came.
	waiting []time.Duration
	done    []decision
	sizes   []int64
	early   int

	// handed is its entry among the rows that wait for the table, nil where it does not.
	handed *handedRow
}

type firing struct {
	count           int64
	trigger, newest time.Duration // NoDue where no latency is taken
}

// decision is how often a route was done with a row.
type decision struct {
	route string
	times int
}

// trigger is that of a row's firing. Which one it is that is seen under way is not known if there are several: then no latency is taken.
func (f *flight) trigger() time.Duration {
	if f == nil || len(f.firings) != 1 {
		return record.NoDue
	}
	return f.firings[0].trigger
}

// due is when the first of a row's firings was due that are on their way.
func (f *flight) due() time.Duration {
	if f == nil || len(f.firings) == 0 {
		return record.NoDue
	}
	return f.firings[0].trigger
}

// finish notes that a route is done with one more firing, and says with how many all routes are. One that is delivered again is counted once.
func (f *flight) finish(route string, routes int) (all int) {
	known := false
	for i := range f.done {
		if d := &f.done[i]; d.route == route {
			d.times, known = min(d.times+1, f.fired), true
		}
	}
	if !known {
		f.done = append(f.done, decision{route, 1})
	}
	if len(f.done) < routes {
		return 0
	}
	all = f.done[0].times
	for _, d := range f.done[1:] {
		all = min(all, d.times)
	}
	return all
}
