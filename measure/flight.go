package measure

import (
	"slices"
	"time"

	"weir/record"
)

// flight is one row on its way.
type flight struct {
	// firings are how it fired, as long as that is on its way.
	firings []firing
	// fired is how often it did, last the last time, and done how often each route was done with it.
	fired int
	last  firing
	done  []routeDone
	took  string // the first route that took it
	// unseen reports whether a function took it that is not seen to write; endedBy is the count of rows that a route's function, or its giving up, adds to.
	unseen  bool
	endedBy *int64
	// unforwarded counts the firings that the output stream does not have.
	unforwarded int
	// settledBy is the count that the last firing went into that is not on its way any more.
	settledBy *int64
	// handed is its entry among the rows that wait for the table of a direct pipeline, nil where it does not.
	handed *handedRow
}

type firing struct {
	count           int64
	trigger, newest time.Duration // NoDue where no latency is taken
}

type routeDone struct {
	route string
	times int
}

// trigger is that of a row's firing. Which one it is that is seen under way is not known if there are several: then no latency is taken.
func (f *flight) trigger() time.Duration {
	switch {
	case f == nil:
		return record.NoDue
	case f.fired == 1:
		return f.last.trigger // also where one route has written it, and another has still to take it
	case len(f.firings) == 1:
		return f.firings[0].trigger
	}
	return record.NoDue
}

// due is when the first of a row's firings was due that are on their way, or the last of all: a row that the flush fired has no due time, and no age.
func (f *flight) due() time.Duration {
	switch {
	case f == nil:
		return record.NoDue
	case len(f.firings) > 0:
		return f.firings[0].trigger
	}
	return f.last.trigger
}

// finish notes that a route is done with a firing. A record that is delivered again is counted once.
func (f *flight) finish(route string) {
	for i := range f.done {
		if d := &f.done[i]; d.route == route {
			d.times = min(d.times+1, f.fired)
			return
		}
	}
	f.done = append(f.done, routeDone{route, 1})
}

// finished reports whether all of the routes are done with each firing.
func (f *flight) finished(routes int) bool {
	for _, d := range f.done {
		if d.times == f.fired {
			routes--
		}
	}
	return routes == 0
}

// unfire takes the last firing with a count back, and reports whether that was on its way.
func (f *flight) unfire(count int64) (onItsWay bool) {
	f.fired--
	f.unforwarded--
	for i := range f.done {
		f.done[i].times = min(f.done[i].times, f.fired)
	}
	for i := len(f.firings) - 1; i >= 0; i-- {
		if f.firings[i].count == count {
			f.firings = slices.Delete(f.firings, i, i+1)
			return true
		}
	}
	if f.settledBy != nil {
		*f.settledBy--
	}
	return false
}
