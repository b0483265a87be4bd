package measure

import (
	"math"
	"time"

	"weir/measure/backlog"
	"weir/result"
)

// Gauges are columns of the series that are looked at each second.
type Gauges struct {
	// Names are the columns.
	Names []string
	// Read sets the values as of now, one a name. They come as NaN, which stands for not observed.
	Read func(now time.Duration, values []float64)
}

// PerSecond are gauges of what read counts up, as the growth a second.
func PerSecond(names []string, read func(values []float64)) Gauges {
	last := make([]float64, len(names))
	var at time.Duration
	for i := range last {
		last[i] = math.NaN()
	}
	return Gauges{Names: names, Read: func(now time.Duration, values []float64) {
		read(values)
		for i, value := range values {
			values[i] = (value - last[i]) / (now - at).Seconds()
			last[i] = value
		}
		at = now
	}}
}

// BacklogGauges are what waits in a place: the whole, its parts, each of the shards (in records and seconds) and each route.
func (m *Meter) BacklogGauges(place string, shards []string) Gauges {
	prefix := "backlog_" + place
	var g gaugeColumns
	whole, parts := g.add(prefix, true), make(map[string]gauge)
	for _, part := range result.PartsOf(place) {
		parts[part] = g.add(prefix+"_"+part, part != result.HarnessPart)
	}
	ofShard, ofRoute := make(map[string]gauge), make(map[string]gauge)
	for _, shard := range shards {
		ofShard[shard] = g.add(prefix+"_"+shard, false)
	}
	if place == result.OutputBacklog {
		for _, route := range m.outputBacklog.routes {
			ofRoute[route.name] = g.add(prefix+"_route_"+route.name, false)
		}
	}
	return Gauges{Names: g.names, Read: func(now time.Duration, values []float64) {
		s := m.current(place)
		whole.set(values, s.whole.now, now)
		for _, part := range s.parts {
			parts[part.name].set(values, part.now, now)
		}
		for _, columns := range ofShard {
			columns.set(values, backlog.None, now)
		}
		for i := range s.shards {
			if columns, ok := ofShard[s.shards[i].Shard]; ok { // one that a reshard has made has none
				columns.set(values, s.shards[i].Extent, now)
			}
		}
		for i := range s.routes {
			ofRoute[s.routes[i].name].set(values, s.routes[i].whole.now, now)
		}
	}}
}

// gaugeColumns are the names of columns.
type gaugeColumns struct{ names []string }

// gauge is the place of the columns of what waits somewhere: records, seconds, and bytes of some.
type gauge struct {
	first int
	bytes bool
}

func (g *gaugeColumns) add(prefix string, bytes bool) gauge {
	of := gauge{len(g.names), bytes}
	g.names = append(g.names, prefix+"_records", prefix+"_seconds")
	if bytes {
		g.names = append(g.names, prefix+"_bytes")
	}
	return of
}

func (g gauge) set(values []float64, e backlog.Extent, now time.Duration) {
	values[g.first], values[g.first+1] = float64(e.Records), e.Age(now).Seconds()
	if g.bytes {
		values[g.first+2] = float64(e.Bytes)
	}
}

// IteratorAgeGauge is the most that an answer to the aggregator was behind the tip of its shard, since the last second.
func (m *Meter) IteratorAgeGauge() Gauges {
	return Gauges{Names: []string{"iterator_age_seconds"}, Read: func(_ time.Duration, values []float64) {
		values[0] = m.current(result.InputBacklog).iteratorAge.Seconds()
	}}
}

// CPUGauge is the CPU time of this process, in cores.
func CPUGauge() Gauges {
	return PerSecond([]string{"harness_cpu_cores"}, func(values []float64) {
		if used, ok := cpuTime(); ok {
			values[0] = used.Seconds()
		}
	})
}
