package sizing

import "weir/scenarios"

// notSimulated names what a scenario has that the simulation does not know; it is empty where there is nothing.
func notSimulated(s *scenarios.Scenario) string {
	p := &s.Pipeline
	a := &p.Aggregator
	switch {
	case unusual(p.Handler):
		return "pipeline.handler"
	case a.Reader == scenarios.FanOut:
		return "pipeline.aggregator.reader: " + string(a.Reader)
	case a.Watermark != nil:
		return "pipeline.aggregator.watermark"
	case a.IdleTimeout != nil:
		return "pipeline.aggregator.idle_timeout"
	case p.Table.Pace != nil:
		return "pipeline.table.pace"
	case p.Table.Conditional:
		return "pipeline.table.conditional"
	}
	for _, name := range s.RouteNames() {
		switch route := p.Routes[name]; {
		case unusual(route.Handler):
			return "pipeline.routes." + name + ".handler"
		case route.BatchingWindow > 0:
			return "pipeline.routes." + name + ".batching_window"
		case route.StartingPosition != "" && route.StartingPosition != scenarios.TrimHorizon:
			return "pipeline.routes." + name + ".starting_position"
		}
	}
	return ""
}

// unusual says that a handler does anything but write the table.
func unusual(h *scenarios.Handler) bool {
	return h != nil && (h.To != scenarios.ToTable || h.Slow != nil || h.Fail > 0 || h.Poison > 0 || h.Invoke != "")
}
