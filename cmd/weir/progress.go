package main

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"weir/measure"
)

// progressLine is how far a run is, on one line.
func progressLine(s measure.Snapshot) string {
	return fmt.Sprintf("%6s  %-22s  %-21s  %-30s  %s", writeTime(s.Seconds), "rate "+rateText(s), "written p99 "+writeP99(s.WrittenP99), "backlog "+backlogText(s), soFarText(s))
}

// rateText is what was taken of what was offered in the last second.
func rateText(s measure.Snapshot) string {
	return fmt.Sprintf("%s of %s/s", shortCount(s.AckedPerSecond), shortCount(s.OfferedPerSecond))
}

// backlogText is the backlog of the place in which the most waits.
func backlogText(s measure.Snapshot) string {
	place, n, seconds := "input", s.InputBacklog, s.InputBacklogSeconds
	if s.OutputBacklog > n {
		place, n, seconds = "output", s.OutputBacklog, s.OutputBacklogSeconds
	}
	if s.TableBacklog > n {
		place, n, seconds = "table", s.TableBacklog, s.TableBacklogSeconds
	}
	return fmt.Sprintf("%s %s, %.1f s", place, shortCount(float64(n)), seconds)
}

func soFarText(s measure.Snapshot) string {
	if s.Because == "" {
		return s.Verdict + " so far"
	}
	return s.Verdict + " so far: " + s.Because
}

func writeP99(ms *float64) string {
	switch {
	case ms == nil:
		return "–"
	case *ms >= 10_000:
		return fmt.Sprintf("%.1f s", *ms/1000)
	default:
		return fmt.Sprintf("%.0f ms", *ms)
	}
}

// writeTime is how long a run takes by now, in whole seconds.
func writeTime(seconds float64) string {
	return (time.Duration(math.Round(seconds)) * time.Second).String()
}

// shortCount writes a number with three digits that count: 16,667 as 16.7k.
func shortCount(n float64) string {
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e6, "M"}, {1e3, "k"}} {
		if n >= 0.9995*unit.of {
			digits := max(0, 2-int(math.Floor(math.Log10(n/unit.of*1.0005))))
			return strconv.FormatFloat(n/unit.of, 'f', digits, 64) + unit.name
		}
	}
	return strconv.FormatFloat(n, 'f', 0, 64)
}
