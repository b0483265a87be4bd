package scenarios

import (
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"weir/internal/spelling"
	"weir/limits"
	"weir/routing/filter"
)

// What CreateEventSourceMapping takes (AWS Lambda API reference), and how long a function may run (AWS Lambda developer guide, "Lambda quotas").
const (
	maxBatchSize             = 10_000
	maxBatchingWindow        = Duration(300 * time.Second)
	maxParallelizationFactor = 10
	maxRetryAttempts         = 10_000
	minRecordAge             = Duration(time.Minute)
	maxRecordAge             = Duration(7 * 24 * time.Hour)
	maxFunctionTimeout       = Duration(15 * time.Minute)
)

func (s *Scenario) validateRoutes(found *problems) {
	p := &s.Pipeline
	if p.Shape != Routed {
		p.Handler.validate(found, "pipeline.handler", s)
		return
	}
	if p.Handler != nil {
		found.add("pipeline.handler", "a routed pipeline has one for each route").hint = "pipeline.routes.NAME.handler says what a route's is"
	}
	for _, name := range s.RouteNames() {
		route := p.Routes[name]
		route.validate(found, join("pipeline.routes", name), s)
	}
}

func (r *Route) validate(p *problems, path string, s *Scenario) {
	r.validateFilters(p, path, s)
	within := func(name string, value, least, most int) {
		if value < least || value > most {
			p.add(join(path, name), "%d is not between %d and %d", value, least, most)
		}
	}
	within("batch_size", r.BatchSize, 1, maxBatchSize)
	within("parallelization_factor", r.ParallelizationFactor, 1, maxParallelizationFactor)
	within("maximum_retry_attempts", r.MaximumRetryAttempts, -1, maxRetryAttempts)
	switch {
	case r.BatchingWindow < 0 || r.BatchingWindow > maxBatchingWindow:
		p.add(join(path, "batching_window"), "%s is not between 0s and %s", r.BatchingWindow, maxBatchingWindow)
	case r.BatchingWindow >= s.DrainLimit && s.DrainLimit > 0:
		p.add(join(path, "batching_window"), "%s is not below drain_limit, %s: the last rows would still wait when the run gives up", r.BatchingWindow, s.DrainLimit).hint = "raise drain_limit"
	}
	if age := r.MaximumRecordAge; age != nil && (*age < minRecordAge || *age > maxRecordAge) {
		p.add(join(path, "maximum_record_age"), "%s is not between %s and %s", *age, minRecordAge, maxRecordAge).hint = "leave it out for any age"
	}
	r.validatePosition(p, path)
	r.Handler.validate(p, join(path, "handler"), s)
}

// validateFilters checks that the patterns are some, that a row can match them, and that there are such kinds.
func (r *Route) validateFilters(p *problems, path string, s *Scenario) {
	patterns, err := filter.Compile(r.Filters)
	if err != nil {
		p.add(join(path, "filters"), "%v", err)
		return
	}
	if err := patterns.Possible(s.rows()); err != nil {
		p.add(join(path, "filters"), "no row can match: %v", err).hint = "the records are rows: kind, key, window_start, window_end, count, sum, min, max, and mean where the aggregator makes it"
	}
	kinds := s.kinds()
	for i, kind := range r.Kinds {
		if kinds != nil && !slices.Contains(kinds, kind) {
			p.add(index(join(path, "kinds"), i), "the load makes no %q", kind).hint = spelling.Hint(kind, kinds)
		}
	}
}

// rows is what is known of the rows on the output stream before a run.
func (s *Scenario) rows() filter.Shape {
	value := filter.Member{Number: true, Optional: true}
	shape := filter.Shape{
		"kind": {Values: s.kinds()}, "key": {}, "window_start": {}, "window_end": {}, "count": {Number: true},
		"sum": value, "min": value, "max": value,
	}
	if s.Pipeline.Aggregator.Mean != nil {
		shape["mean"] = value
	}
	return shape
}

// kinds are those that the load makes; nil where that is not known. A payload of the scenario's own has whatever kind it says.
func (s *Scenario) kinds() []string {
	for _, kind := range s.Load.Kinds {
		if kind.Template != "" {
			return nil
		}
	}
	return slices.Sorted(maps.Keys(s.Load.Kinds))
}

func (r *Route) validatePosition(p *problems, path string) {
	if !oneOf(p, join(path, "starting_position"), r.StartingPosition) {
		return
	}
	path = join(path, "starting_position_timestamp")
	at, err := r.StartsAt()
	switch {
	case r.StartingPosition != AtTimestamp && r.StartingPositionTimestamp != "":
		p.add(path, "only AT_TIMESTAMP has one")
	case r.StartingPosition != AtTimestamp:
	case r.StartingPositionTimestamp == "":
		p.add(path, "is missing").hint = "AT_TIMESTAMP needs it, as 2026-01-31T12:00:00Z"
	case err != nil:
		p.add(path, "%q is not a time such as 2026-01-31T12:00:00Z", r.StartingPositionTimestamp)
	case at.After(time.Now()):
		p.add(path, "%s is in the future", r.StartingPositionTimestamp)
	}
}

// StartsAt is the time of AT_TIMESTAMP.
func (r *Route) StartsAt() (time.Time, error) {
	return time.Parse(time.RFC3339, r.StartingPositionTimestamp)
}

func (h *Handler) validate(p *problems, path string, s *Scenario) {
	if h == nil {
		return
	}
	oneOf(p, join(path, "to"), h.To)
	if h.Timeout <= 0 || h.Timeout > maxFunctionTimeout {
		p.add(join(path, "timeout"), "%s is not above 0s and up to %s", h.Timeout, maxFunctionTimeout)
	}
	if h.Slow != nil {
		h.Slow.validate(p, join(path, "slow"))
	}
	for _, part := range []struct {
		name  string
		share Share
	}{{"fail", h.Fail}, {"poison", h.Poison}} {
		if part.share < 0 || part.share > 1 {
			p.add(join(path, part.name), "%s is not between 0%% and 100%%", part.share)
		}
	}
	if h.Concurrency < 0 {
		p.add(join(path, "concurrency"), "%d is below zero", h.Concurrency)
	}
	if h.Invoke == "" {
		if h.Concurrency != 0 {
			p.add(join(path, "concurrency"), "is for a function of your own").hint = "invoke says where it is"
		}
		if h.Writes {
			p.add(join(path, "writes"), "is for a function of your own").hint = "invoke says where it is; the built-in one writes by to: table"
		}
		return
	}
	for _, builtin := range []struct {
		name  string
		given bool
	}{{"to", h.To == Drop}, {"slow", h.Slow != nil}, {"fail", h.Fail != 0}, {"poison", h.Poison != 0}} {
		if builtin.given {
			p.add(join(path, builtin.name), "is for the built-in function, and invoke names one of your own")
		}
	}
	h.validateURL(p, join(path, "invoke"), s.Target)
}

// validateURL keeps a run on this machine, unless the scenario's target allows the function's host.
func (h *Handler) validateURL(p *problems, path string, target *Target) {
	u, err := url.Parse(h.Invoke)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		p.add(path, "%q is not a URL such as http://127.0.0.1:9000", h.Invoke)
		return
	}
	host := u.Hostname()
	if address, err := netip.ParseAddr(host); err == nil && address.IsLoopback() || host == "localhost" {
		return
	}
	if target == nil || !slices.Contains(target.Allow, host) && !slices.Contains(target.Allow, net.JoinHostPort(host, u.Port())) {
		p.add(path, "%s is not on this machine", host).hint = "target.allow may name the host"
	}
}

// Units are how many write units a second the table is asked for at most; 0 is any number.
func (t *Table) Units() float64 {
	if t.Pace == nil {
		return 0
	}
	capacity := float64(t.WriteCapacity)
	if capacity == 0 {
		capacity = limits.OnDemandWritesPerSecond
	}
	return capacity * float64(*t.Pace)
}

func (t *Table) validate(p *problems) {
	if t.Pace != nil && (*t.Pace <= 0 || *t.Pace > 1) {
		p.add("pipeline.table.pace", "%s is not above 0%% and up to 100%%", *t.Pace)
	}
}
