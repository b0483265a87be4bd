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
	g := gaugeColumns{at: make(map[string]int)}
	g.add("", prefix, true)
	for _, part := range result.PartsOf(place) {
		g.add("part "+part, prefix+"_"+part, part != result.HarnessPart)
	}
	for _, shard := range shards {
		g.add("shard "+shard, prefix+"_"+shard, false)
	}
	if place == result.OutputBacklog {
		for _, route := range m.outputBacklog.routes {
			g.add("route "+route.name, prefix+"_route_"+route.name, false)
		}
	}
	return Gauges{Names: g.names, Read: func(now time.Duration, values []float64) {
		s := m.current(place)
		g.set(values, "", s.whole.now, now)
		for _, part := range s.parts {
			g.set(values, "part "+part.name, part.now, now)
		}
		for _, shard := range shards {
			g.set(values, "shard "+shard, backlog.None, now)
		}
		for _, shard := range s.shards {
			g.set(values, "shard "+shard.Shard, shard.Extent, now)
		}
		for i := range s.routes {
			g.set(values, "route "+s.routes[i].name, s.routes[i].whole.now, now)
		}
	}}
}

// gaugeColumns are the columns of what waits somewhere: records, seconds, and bytes of some.
type gaugeColumns struct {
	names []string
	at    map[string]int // of the first
	bytes map[string]bool
}

func (g *gaugeColumns) add(what, prefix string, bytes bool) {
	g.at[what] = len(g.names)
	g.names = append(g.names, prefix+"_records", prefix+"_seconds")
	if bytes {
		if g.bytes == nil {
			g.bytes = make(map[string]bool)
		}
		g.names, g.bytes[what] = append(g.names, prefix+"_bytes"), true
	}
}

// set sets the columns of something, if it has any: a shard that a reshard has made has none.
func (g *gaugeColumns) set(values []float64, what string, e backlog.Extent, now time.Duration) {
	i, ok := g.at[what]
	if !ok {
		return
	}
	values[i], values[i+1] = float64(e.Records), e.Age(now).Seconds()
	if g.bytes[what] {
		values[i+2] = float64(e.Bytes)
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
