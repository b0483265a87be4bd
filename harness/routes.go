package harness

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/measure"
	"weir/measure/ledger"
	"weir/record"
	"weir/result"
	"weir/routing"
	"weir/routing/filter"
	"weir/scenarios"
)

// mapping is a route's event source mapping, and where in the output stream it begins. Each route reads the whole stream, and has books of its own.
func (r *run) mapping(name string) (m *routing.Mapping, from record.Position, err error) {
	route := r.scenario.Pipeline.Routes[name]
	patterns, err := filter.Compile(route.Filters)
	if err != nil {
		return nil, from, err
	}
	function, err := r.function(name, route.Handler, routing.KinesisEvent, route.ReportBatchItemFailures)
	if err != nil {
		return nil, from, err
	}
	join := func(page *record.Page) { r.meter.JoinOutput(name, page) }
	c := routing.MappingConfig{
		Route: name, Filter: patterns, Function: function, Observer: r.routeObserver(), Clock: r.clock, Origin: r.origin(),
		Source:    r.joined(r.names.output, time.Duration(r.scenario.Pipeline.Output.Poll), r.meter.Output(), join),
		BatchSize: route.BatchSize, BatchingWindow: time.Duration(route.BatchingWindow), ParallelizationFactor: route.ParallelizationFactor,
		Policy: routing.Policy{
			BisectBatchOnFunctionError: route.BisectBatchOnFunctionError, ReportBatchItemFailures: route.ReportBatchItemFailures,
		},
	}
	if n := route.MaximumRetryAttempts; n >= 0 {
		c.Policy.MaximumRetryAttempts = &n
	}
	if age := route.MaximumRecordAge; age != nil {
		c.Policy.MaximumRecordAge = time.Duration(*age)
	}
	if path := route.OnFailure; path != "" {
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.folder.Path(), path)
		}
		c.OnFailure = routing.Folder{Path: path, Route: name}
	}
	from, err = startingPosition(&route)
	return routing.NewMapping(c), from, err
}

// startingPosition is where in the output stream a route begins. The stream was made for the run, and its tip is then its start: asked for when the route's
// first poll is due, it would be somewhere behind the first rows.
func startingPosition(route *scenarios.Route) (record.Position, error) {
	if route.StartingPosition != scenarios.AtTimestamp {
		return record.Position{}, nil
	}
	at, err := route.StartsAt()
	return record.Position{Kind: record.AtTimestamp, Timestamp: at}, err
}

// function is what a route, or a direct pipeline, hands its rows to.
func (r *run) function(route string, handler *scenarios.Handler, event routing.Event, report bool) (routing.Function, error) {
	if handler == nil {
		handler = scenarios.DefaultHandler()
	}
	if handler.Invoke != "" {
		return routing.NewRemote(routing.RemoteConfig{
			URL: handler.Invoke, Client: r.functionClient(), Timeout: time.Duration(handler.Timeout), Event: event, Origin: r.origin(), Report: report, Concurrency: handler.Concurrency,
			Context: map[string]string{"run": r.names.run, "table": r.names.table, "endpoint_url": r.config.Target.Endpoint, "region": r.config.Target.Region},
		}), nil
	}
	seed := fnv.New64a()
	fmt.Fprintf(seed, "%d %s", r.scenario.Seed, route)
	slow, err := handler.Draw(seed.Sum64())
	if err != nil {
		return nil, fmt.Errorf("slow: %w", err)
	}
	c := routing.BuiltinConfig{
		Slow: slow, Fail: float64(handler.Fail), Poison: float64(handler.Poison), Report: report, Seed: seed.Sum64(),
	}
	if slow != nil { // the table has its own time
		c.Timeout = time.Duration(handler.Timeout)
	}
	if handler.To == scenarios.ToTable {
		c.Table = r.table
	}
	return routing.NewBuiltin(c), nil
}

// localAccount is the account that the embedded AWS has, and any that is not told.
const localAccount = "000000000000"

// origin is what events say of their stream.
func (r *run) origin() routing.Origin {
	o := routing.Origin{Region: r.config.Target.Region, Account: localAccount, Stream: r.names.output}
	if guard := r.config.Guard; guard != nil {
		o.Account = guard.Account
	}
	return o
}

// routeObserver tells the meter of what the routes do, and whether the proof can see what their functions write.
func (r *run) routeObserver() *routeObserver {
	o := &routeObserver{Meter: r.meter, clock: r.clock, unseen: make(map[string]bool)}
	if handler := r.scenario.Pipeline.Handler; handler.Unseen() {
		o.unseen[""] = true
	}
	for name, route := range r.scenario.Pipeline.Routes {
		o.unseen[name] = route.Handler.Unseen()
	}
	return o
}

type routeObserver struct {
	*measure.Meter
	clock  record.Clock
	unseen map[string]bool
}

// Handled tells the meter.
func (o *routeObserver) Handled(route string, rows []record.Row, at time.Duration) {
	o.Rows().Handled(route, rows, at, !o.unseen[route])
}

// Discarded tells the meter.
func (o *routeObserver) Discarded(route string, rows []record.Row) {
	o.Rows().Discarded(route, rows, o.clock.Now())
}

// measuredRoutes are the routes as the meter knows them.
func measuredRoutes(s *scenarios.Scenario) measure.Routes {
	routes := make(measure.Routes)
	for _, name := range s.RouteNames() {
		route := s.Pipeline.Routes[name]
		routes[name] = measure.Route{Kinds: route.Takes()}
	}
	return routes
}

// fillRoutes says what became of the rows on the output stream, and what each route did.
func (r *run) fillRoutes(res *result.Result) {
	if r.pipeline == nil {
		return
	}
	use := r.table.Use()
	res.Table = result.TableUse{Throttled: use.Throttled, Unprocessed: use.Unprocessed, Superseded: use.Superseded}
	if r.pipeline.direct != nil {
		r.fillDirect(res)
	}
	if len(r.pipeline.mappings) == 0 {
		return
	}
	res.Output = &result.Output{Acked: r.meter.Output().Ledger.Sent().Acked}
	res.Routes = make(map[string]result.Route)
	leaks := r.meter.Rows().Leaks()
	for i, name := range r.scenario.RouteNames() {
		s := r.pipeline.mappings[i].Status()
		route := result.Route{
			Hits: s.Hits, Rows: s.Rows, Misses: s.Misses, NotJSON: s.NotJSON, Foreign: s.Foreign, Discarded: s.Discarded, Split: s.Split,
			Handling: handling(s.Invocations, s.Retried),
		}
		route.RouteReading = routeReading(r.meter.RouteReading(name).Counts())
		if n, known := leaks[name]; known {
			route.Leaks = &n
		}
		for j := range s.Blocked {
			route.Blocked = append(route.Blocked, r.blocked(name, &s.Blocked[j]))
		}
		res.Routes[name] = route
	}
	readByAll(res.Output, res.Routes)
}

// warnOfRoutes says what the reader of a run has to know of its routes, or of the function of a direct pipeline.
func (r *run) warnOfRoutes(res *result.Result) {
	for _, name := range slices.Sorted(maps.Keys(res.Routes)) {
		route := res.Routes[name]
		res.Warnings = append(res.Warnings, routeWarnings(name, &route, r.scenario.Pipeline.Routes[name].Filters)...)
	}
	if h := res.Handler; h != nil {
		res.Warnings = append(res.Warnings, handlingWarnings("the handler", h)...)
	}
	if len(res.Table.Throttled) > 0 || res.Table.Unprocessed > 0 {
		var reasons []string
		for _, reason := range slices.Sorted(maps.Keys(res.Table.Throttled)) {
			reasons = append(reasons, fmt.Sprintf("%d by %s", res.Table.Throttled[reason], reason))
		}
		if n := res.Table.Unprocessed; n > 0 {
			reasons = append(reasons, fmt.Sprintf("%d left unprocessed", n))
		}
		res.Warnings = append(res.Warnings, "the table held writes of rows up, each time counted: "+strings.Join(reasons, ", "))
	}
	rows := r.meter.Rows().Counts()
	if rows.Unrouted > 0 {
		res.Warnings = append(res.Warnings, fmt.Sprintf("%d rows were taken by no route", rows.Unrouted))
	}
	if rows.Strays > 0 && rows.RoutedTwice == 0 && r.pipeline.restarting == nil && !handsOverAgain(res) {
		res.Warnings = append(res.Warnings, fmt.Sprintf("%d writes to the table were of rows that were not on their way, that of %s first, and nothing tells why",
			rows.Strays, r.meter.Rows().Strays()[0]))
	}
}

// handsOverAgain says that a function may have been given rows that it had written already.
func handsOverAgain(res *result.Result) bool {
	if res.Handler != nil && res.Handler.Retried > 0 || res.Output != nil && res.Output.Duplicated > 0 {
		return true
	}
	for _, route := range res.Routes {
		if route.Retried > 0 {
			return true
		}
	}
	return false
}

func handling(c routing.InvocationCounts, retried int64) result.Handling {
	return result.Handling{Invocations: c.Made, Failures: c.Failed, Retried: retried}
}

// routeReading is what a route read of the output.
func routeReading(c ledger.ReadCounts) result.RouteReading {
	return result.RouteReading{Read: c.Read, Unread: c.Unread, Lost: c.Lost, Duplicated: c.Duplicated, Phantom: c.Phantom}
}

// readByAll puts what the routes read together: what each of them has, and what any has not, or has lost.
func readByAll(to *result.Output, routes map[string]result.Route) {
	to.Read = math.MaxInt64
	for _, r := range routes {
		to.Read = min(to.Read, r.Read)
		to.Unread, to.Lost = max(to.Unread, r.Unread), max(to.Lost, r.Lost)
		to.Duplicated, to.Phantom = max(to.Duplicated, r.Duplicated), max(to.Phantom, r.Phantom)
	}
}

// blocked says how much waits for a batch: what the route has read behind it, and what it has not read of its shard.
func (r *run) blocked(route string, b *routing.Blocked) result.Blocked {
	behind := int64(b.Waiting)
	for _, shard := range r.meter.RouteReading(route).Backlog() {
		if shard.Shard == b.Shard {
			behind += shard.Stream.Records
		}
	}
	return result.Blocked{
		Shard: b.Shard, Sequence: b.Sequence, PartitionKey: b.Key, Since: b.Since.Seconds(), Failures: b.Attempts, Behind: behind, Reason: b.Reason.Error(),
	}
}

func (r *run) fillDirect(res *result.Result) {
	s := r.pipeline.direct.Status()
	h := handling(s.Invocations, s.Retried)
	if s.Failing > 0 {
		h.Blocked = []result.Blocked{{
			Since: s.FailingSince.Seconds(), Failures: s.Failures, Behind: s.Failing + int64(r.pipeline.direct.Queued()), Reason: s.Reason.Error(),
		}}
	}
	res.Handler = &h
}

func routeWarnings(name string, route *result.Route, patterns []map[string]any) []string {
	var warnings []string
	warn := func(format string, args ...any) {
		warnings = append(warnings, "route "+name+": "+fmt.Sprintf(format, args...))
	}
	for _, part := range []struct {
		n    int64
		what string
	}{
		{route.NotJSON, "records were dropped by the filters, for their data is not JSON"},
		{route.Foreign, "records that hold no row got through"},
		{route.Discarded, "records were given up"},
	} {
		if part.n > 0 {
			warn("%d %s", part.n, part.what)
		}
	}
	warnings = append(warnings, handlingWarnings("route "+name, &route.Handling)...)
	if compiled, err := filter.Compile(patterns); err == nil {
		for _, doubt := range compiled.Doubts() {
			warn("%s", doubt)
		}
	}
	return warnings
}

func handlingWarnings(who string, h *result.Handling) []string {
	var warnings []string
	if len(h.Failures) > 0 {
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(h.Failures)) {
			kinds = append(kinds, fmt.Sprintf("%d %s", h.Failures[kind], kind))
		}
		warnings = append(warnings, fmt.Sprintf("%s: of %d invocations these failed: %s", who, h.Invocations, strings.Join(kinds, ", ")))
	}
	for i := range h.Blocked {
		warnings = append(warnings, blockedWarning(who, &h.Blocked[i]))
	}
	return warnings
}

func blockedWarning(who string, b *result.Blocked) string {
	where := ""
	if b.Shard != "" {
		where = fmt.Sprintf(" in shard %s at record %s, partition key %s,", b.Shard, b.Sequence, b.PartitionKey)
	}
	return fmt.Sprintf("%s is blocked%s since second %.1f: it failed %d times, and %d records wait for it: %s", who, where, math.Floor(b.Since*10)/10, b.Failures, b.Behind, b.Reason)
}

// functionClient calls users' own functions. A call has no other timeout than the function's.
func (r *run) functionClient() *http.Client { return &http.Client{Transport: &r.functions} }
