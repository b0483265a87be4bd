package verdict

import (
	"strconv"
	"strings"
	"time"
)

// unit is what a metric is measured in.
type unit string

// The units; a value is a number of the one in its name, as result.json has it.
const (
	milliseconds unit = "a time"
	records      unit = "a number of records"
	rows         unit = "a number of rows"
	reads        unit = "a number of reads"
	percent      unit = "a percentage"
	perMinute    unit = "a rate"
	size         unit = "a size"
)

// short is the unit as a result names it.
func (u unit) short() string {
	return map[unit]string{milliseconds: "ms", records: "records", rows: "rows", reads: "reads", percent: "%", perMinute: "/min", size: "bytes"}[u]
}

// parse reads a value with its unit.
func (u unit) parse(text string) (float64, bool) {
	switch u {
	case milliseconds:
		d, err := time.ParseDuration(text)
		return float64(d) / float64(time.Millisecond), err == nil
	case percent:
		number, ok := strings.CutSuffix(text, "%")
		value, numeric := parseNumber(number)
		return value, ok && numeric
	case perMinute:
		number, per, _ := strings.Cut(text, "/")
		times, ok := map[string]float64{"s": 60, "min": 1, "h": 1.0 / 60}[per]
		value, numeric := parseNumber(number)
		return value * times, ok && numeric
	}
	if u == size {
		return parseSize(text)
	}
	return parseNumber(strings.TrimSuffix(text, u.short()))
}

// sizes are the units of a size.
var sizes = []struct {
	unit  string
	bytes float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"bytes", 1}, {"B", 1}}

// parseSize reads a number of bytes; one without a unit is of bytes.
func parseSize(text string) (float64, bool) {
	for _, s := range sizes {
		if number, ok := strings.CutSuffix(text, s.unit); ok {
			value, numeric := parseNumber(number)
			return value * s.bytes, numeric
		}
	}
	return parseNumber(text)
}

// parseNumber reads digits, a point, a sign before and k or M behind them.
func parseNumber(text string) (float64, bool) {
	times := 1.0
	switch {
	case strings.HasSuffix(text, "k"):
		times = 1e3
	case strings.HasSuffix(text, "M"):
		times = 1e6
	}
	number := strings.TrimRight(text, "kM")
	if len(text)-len(number) > 1 || strings.ContainsAny(number, "eExXpP_nNiI") {
		return 0, false
	}
	value, err := strconv.ParseFloat(number, 64)
	return value * times, err == nil
}
