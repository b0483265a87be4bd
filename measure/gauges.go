package measure

import (
	"math"
	"time"

	"weir/measure/ledger"
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

// BacklogGauges are the backlog of each shard of a stream in records and in seconds, and that of the whole stream.
func BacklogGauges(stream string, books *ledger.Reading, shards []string) Gauges {
	place := make(map[string]int, len(shards))
	names := []string{"backlog_" + stream + "_records", "backlog_" + stream + "_seconds"}
	for i, shard := range shards {
		place[shard] = 2 + 2*i
		names = append(names, "backlog_"+stream+"_"+shard+"_records", "backlog_"+stream+"_"+shard+"_seconds")
	}
	return Gauges{Names: names, Read: func(now time.Duration, values []float64) {
		for i := range values {
			values[i] = 0
		}
		for _, b := range books.Backlog() {
			age := b.Stream.Age(now).Seconds()
			values[0] += float64(b.Stream.Records)
			values[1] = max(values[1], age)
			if i, ok := place[b.Shard]; ok {
				values[i], values[i+1] = float64(b.Stream.Records), age
			}
		}
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
