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
	// fired is how often it did, and decided how often each route has taken or missed it.
	fired   int
	decided []decision
	took    string // the first route that took it
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

// decide notes a route's decision. A record that is delivered again is decided about once.
func (f *flight) decide(route string) {
	for i := range f.decided {
		if d := &f.decided[i]; d.route == route {
			d.times = min(d.times+1, f.fired)
			return
		}
	}
	f.decided = append(f.decided, decision{route, 1})
}

// settled reports whether all of the routes have decided about each firing.
func (f *flight) settled(routes int) bool {
	for _, d := range f.decided {
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
	for i := range f.decided {
		f.decided[i].times = min(f.decided[i].times, f.fired)
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
