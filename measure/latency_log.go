package measure

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Until when a line of the latency log holds a second, and ten; then it holds a minute.
const (
	bySecondUntil = 10 * time.Minute
	byTenUntil    = time.Hour
)

// latencyLog writes latency.hlog: HdrHistogram's interval log, with a tag a point, and one for its warm-up. Values are microseconds; Interval_Max is in
// seconds.
type latencyLog struct {
	writer *hdrhistogram.HistogramLogWriter
	start  time.Time
	from   time.Duration // where the next interval starts
}

func newLatencyLog(w io.Writer, start time.Time) (*latencyLog, error) {
	writer := hdrhistogram.NewHistogramLogWriter(w)
	writer.SetBaseTime(start.UnixMilli())
	for _, write := range []func() error{
		writer.OutputLogFormatVersion,
		func() error {
			return writer.OutputComment("[values are microseconds, Interval_Max is seconds; a tag a point]")
		},
		func() error { return writer.OutputStartTime(start.UnixMilli()) },
		writer.OutputLegend,
	} {
		if err := write(); err != nil {
			return nil, fmt.Errorf("latency log: %w", err)
		}
	}
	return &latencyLog{writer: writer, start: start}, nil
}

// due says whether an interval ends at the end of a tick.
func (l *latencyLog) due(at time.Duration) bool { return at-l.from >= intervalAt(l.from) }

// intervalAt is how long the interval is that starts at the time from.
func intervalAt(from time.Duration) time.Duration {
	switch {
	case from < bySecondUntil:
		return time.Second
	case from < byTenUntil:
		return 10 * time.Second
	default:
		return time.Minute
	}
}

// write ends an interval: it takes what each point recorded in it, and writes a line for each that recorded something.
func (l *latencyLog) write(points []*point, at time.Duration) error {
	for _, p := range points {
		err := p.take(func(tag string, interval *hdrhistogram.Histogram) error {
			interval.SetTag(tag)
			interval.SetStartTimeMs(l.start.Add(l.from).UnixMilli())
			interval.SetEndTimeMs(l.start.Add(at).UnixMilli())
			return l.writer.OutputIntervalHistogram(interval)
		})
		if err != nil {
			return fmt.Errorf("latency log: %w", err)
		}
	}
	l.from = at
	return nil
}
