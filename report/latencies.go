package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"weir/result"
)

// latencies is latency.hlog as it was read, by tag: the name of a point in time.
type latencies map[string]*pointLatency

// pointLatency is one point's latencies: of the whole run, and of each interval. Times are in milliseconds.
type pointLatency struct {
	total *hdrhistogram.Histogram
	// ends are in seconds since the start of the run.
	ends, p50, p99, most []float64
}

// readLatencies reads the log of a run that began at a time. There may be none.
func readLatencies(path string, started time.Time) (latencies, error) {
	path = filepath.Join(path, result.LatencyFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("latencies: %w", err)
	}
	defer func() { _ = file.Close() }() // it was read
	all := make(latencies)
	reader := hdrhistogram.NewHistogramLogReader(file)
	for {
		interval, err := reader.NextIntervalHistogram()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if interval == nil {
			return all, nil
		}
		// The log's header holds the start in whole seconds.
		all.add(interval, float64(interval.EndTimeMs()-started.Unix()*1000)/1000)
	}
}

func (l latencies) add(interval *hdrhistogram.Histogram, end float64) {
	p := l[interval.Tag()]
	if p == nil {
		p = &pointLatency{total: interval.Clone()}
		p.total.Reset()
		l[interval.Tag()] = p
	}
	p.total.Merge(interval)
	p.ends = append(p.ends, end)
	p.p50 = append(p.p50, milliseconds(interval.ValueAtQuantile(50)))
	p.p99 = append(p.p99, milliseconds(interval.ValueAtQuantile(99)))
	p.most = append(p.most, milliseconds(interval.Max()))
}

func milliseconds(microseconds int64) float64 { return float64(microseconds) / 1000 }
