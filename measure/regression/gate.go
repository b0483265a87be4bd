package regression

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"weir/measure/verdict"
	"weir/result"
)

// Gate is a metric that a comparison judges.
type Gate struct {
	// Metric is its name, as in expectations, or throttled_share or cpu_per_record.
	Metric string
	// Higher says that a higher value is the better one.
	Higher bool
	// Relative is the least change that counts, as a share: 0.05 is 5 %. Absolute is the same in the metric's unit.
	Relative, Absolute float64
	// Asked says that the user named it: then it has to be measured.
	Asked bool
}

// The metrics that a comparison has beside those of expectations.
const (
	// throttledShare is the answers that a limit was exceeded, in percent of all attempts.
	throttledShare = "throttled_share"
	// cpuPerRecord is the CPU time of weir's process in microseconds a record acknowledged, the embedded AWS included.
	cpuPerRecord = "cpu_per_record"
)

// DefaultRelative is the relative floor unless the user says otherwise. Ten pairs with a spread of 5 % have a noise of about that: less could not be told.
const DefaultRelative = 0.05

// The absolute floors. A latency of less than 5 ms is the machine's as much as the pipeline's. A record that waits for a reader leaves the stream when the reader polls,
// each 250 ms unless the scenario has another interval: that decides the age of the whole backlog, and the end of a drain. 64 KiB are a hundred records of 650 bytes.
var absolutes = map[string]float64{
	"ms": 5, "records": 100, "rows": 100, "reads": 10, "bytes": 64 << 10, "/min": 60, "%": 0.1, "µs": 1,
}

const (
	pollOfReaders = 250 // milliseconds
	backlog       = "backlog."
	drainedIn     = "drained_in"
	iteratorAge   = "iterator_age"
)

// beforeTheStream are the ages that no poll decides. A row's counts from the due time of its trigger, which was polled for.
var beforeTheStream = []string{"backlog.input.harness.seconds", "backlog.input.writer.seconds"}

// Defaults are the metrics that are gated unless the user says otherwise.
func Defaults(relative float64) []Gate {
	var gates []Gate
	for _, name := range []string{"written.p50", "written.p99", "acked.p99", "backlog.input.seconds", drainedIn, throttledShare, cpuPerRecord} {
		gates = append(gates, newGate(name, relative))
	}
	return gates
}

// ParseGate reads METRIC, or METRIC=FLOOR with a relative floor in percent.
func ParseGate(text string, relative float64) (Gate, error) {
	name, floor, given := strings.Cut(text, "=")
	if given {
		var err error
		if relative, err = ParseFloor(floor); err != nil {
			return Gate{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	if !gateable(name) {
		return Gate{}, fmt.Errorf("%q cannot be compared: a metric that can is a percentile or max of a point in time (written.p99), backlog.input.seconds, .records, .bytes or those of a part (backlog.input.writer.seconds), iterator_age, drained_in, rate.achieved, "+
			"throttled, retried, late, reordered, %s and %s", name, throttledShare, cpuPerRecord)
	}
	gate := newGate(name, relative)
	gate.Asked = true
	return gate, nil
}

// ParseFloor reads a relative floor, as 5%.
func ParseFloor(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !percent || !(value > 0 && value <= 100) {
		return 0, fmt.Errorf("%q is no floor: it is a percentage above 0%% and up to 100%%, as 5%%", text)
	}
	return value / 100, nil
}

// gateable says that less, or more, of a metric is always better: that holds of no count that goes with the load.
func gateable(name string) bool {
	if slices.Contains([]string{throttledShare, cpuPerRecord, drainedIn, iteratorAge, "rate.achieved"}, name) {
		return true
	}
	if slices.Contains([]string{"throttled", "retried", "late", "reordered"}, strings.TrimPrefix(name, "records.")) {
		return true
	}
	if _, ok := verdict.Observe(name, &result.Result{}); !ok {
		return false
	}
	if of, ok := strings.CutPrefix(name, backlog); ok {
		return !strings.HasSuffix(of, ".trend") // it is no ratio: it may be below zero
	}
	if strings.HasPrefix(name, "route.") {
		return strings.HasSuffix(name, "."+iteratorAge) || strings.Contains(name, "."+backlog)
	}
	_, statistic, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"p50", "p90", "p99", "p999", "max"}, statistic)
}

func newGate(name string, relative float64) Gate {
	gate := Gate{Metric: name, Higher: name == "rate.achieved", Relative: relative}
	o := gate.Observe(&Run{Result: &result.Result{}})
	gate.Absolute = absolutes[o.Unit]
	if o.Unit == "ms" && isPolled(name) {
		gate.Absolute = pollOfReaders
	}
	return gate
}

// isPolled says that a time is known no better than a reader polls.
func isPolled(name string) bool {
	if slices.Contains(beforeTheStream, name) {
		return false
	}
	return name == drainedIn || strings.HasSuffix(name, iteratorAge) || strings.HasPrefix(name, backlog) || strings.Contains(name, "."+backlog)
}

// Observe reads the metric from a run.
func (g *Gate) Observe(r *Run) verdict.Observation {
	switch g.Metric {
	case cpuPerRecord:
		return verdict.Observation{Value: r.CPUPerRecord, Unit: "µs", Missing: "the run's series has no CPU time of weir"}
	case throttledShare:
		return verdict.Observation{Value: throttledOf(&r.Result.Records), Unit: "%", Missing: "nothing was sent"}
	}
	o, _ := verdict.Observe(g.Metric, r.Result)
	if r.Result.ClosedLoop && o.Unit == "ms" {
		o.Value, o.Missing = nil, "a closed loop has no latency that can be judged"
	}
	return o
}

func throttledOf(r *result.Records) *float64 {
	attempts := r.Offered - r.Unsent + r.Retried
	if attempts <= 0 {
		return nil
	}
	return new(100 * float64(r.Throttled) / float64(attempts))
}

// CPUPerRecord is the CPU time of weir's process in microseconds for each record acknowledged, over those seconds of a run of which the CPU time is known; nil
// where there are none.
func CPUPerRecord(series *result.Table) *float64 {
	if series == nil {
		return nil
	}
	var busy, records, before float64
	cores, acked := series.Column("harness_cpu_cores"), series.Column("acked")
	for i, end := range series.Seconds {
		if i < len(cores) && i < len(acked) && !math.IsNaN(cores[i]) && !math.IsNaN(acked[i]) {
			busy += cores[i] * (end - before)
			records += acked[i]
		}
		before = end
	}
	if records == 0 {
		return nil
	}
	return new(busy * 1e6 / records)
}

// better is the direction in a word.
func (g *Gate) better() string {
	if g.Higher {
		return "higher"
	}
	return "lower"
}
