package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"weir/record"
	"weir/result"
)

// Snapshot is how far a run is: totals since its start, and what waits now.
type Snapshot struct {
	// Seconds since the start of the run.
	Seconds       float64 `json:"seconds"`
	Offered       int64   `json:"offered"`
	Sent          int64   `json:"sent"`
	Acked         int64   `json:"acked"`
	Throttled     int64   `json:"throttled"`
	Retried       int64   `json:"retried"`
	Read          int64   `json:"read"`
	Late          int64   `json:"late"`
	Fired         int64   `json:"fired"`
	Written       int64   `json:"written"`
	InputBacklog  int64   `json:"backlog_input_records"`
	OutputBacklog int64   `json:"backlog_output_records"`
	TableBacklog  int64   `json:"backlog_table_records"`
	// OfferedPerSecond and AckedPerSecond are rates of records since the last snapshot.
	OfferedPerSecond float64 `json:"offered_per_second"`
	AckedPerSecond   float64 `json:"acked_per_second"`
	// InputBacklogSeconds is how long ago the oldest record of the input's backlog was due; OutputBacklogSeconds and TableBacklogSeconds likewise.
	InputBacklogSeconds  float64 `json:"backlog_input_seconds"`
	OutputBacklogSeconds float64 `json:"backlog_output_seconds"`
	TableBacklogSeconds  float64 `json:"backlog_table_seconds"`
	// AckedP99 and WrittenP99 are of the run until now, in milliseconds, without the warm-up; absent where nothing was measured.
	AckedP99   *float64 `json:"acked_p99_ms,omitempty"`
	WrittenP99 *float64 `json:"written_p99_ms,omitempty"`
	// Verdict is what the run would say by now, and Because why, where it is no pass: see [verdict.SoFar].
	Verdict string `json:"verdict,omitempty"`
	Because string `json:"because,omitempty"`
}

// SeriesConfig is what a series is made with.
type SeriesConfig struct {
	Clock  record.Clock
	Meter  *Meter
	Folder *result.Folder
	Gauges []Gauges
	// Progress, if set, is told of each second.
	Progress func(Snapshot)
}

// Series writes series.csv and latency.hlog while a run goes on.
type Series struct {
	config SeriesConfig
	values []float64
	last   []int64
	at     time.Duration
}

// NewSeries makes a series that has written nothing.
func NewSeries(config SeriesConfig) *Series { return &Series{config: config} }

// Run writes a line at each second of the run's clock until ctx ends, and then one for the rest of a second. Between the lines, it lets the
// meter see the end of each phase. It ends early where a file cannot be written.
func (s *Series) Run(ctx context.Context) (err error) {
	lines, log, closeFiles, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	for {
		now := s.config.Clock.Now()
		next := now.Truncate(time.Second) + time.Second
		edge, ok := s.config.Meter.phases.edge(now)
		if ok = ok && edge < next; ok {
			next = edge
		}
		timer := time.NewTimer(next - now)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return s.tick(lines, log, s.config.Clock.Now(), true)
		}
		if ok {
			s.config.Meter.see(edge)
			continue
		}
		if err := s.tick(lines, log, next, false); err != nil {
			return err
		}
	}
}

func (s *Series) open() (*result.Series, *latencyLog, func() error, error) {
	columns := append([]string(nil), counterNames...)
	for _, g := range s.config.Gauges {
		columns = append(columns, g.Names...)
	}
	s.values = make([]float64, len(columns))
	s.last = make([]int64, len(counterNames))
	lines, err := s.config.Folder.CreateSeries(columns)
	if err != nil {
		return nil, nil, nil, err
	}
	file, err := s.config.Folder.Stream(result.LatencyFile)
	if err != nil {
		return nil, nil, nil, errors.Join(err, lines.Close())
	}
	closeFiles := func() error { return errors.Join(lines.Close(), file.Close()) }
	log, err := newLatencyLog(file, s.config.Clock.Start())
	if err != nil {
		return nil, nil, nil, errors.Join(err, closeFiles())
	}
	return lines, log, closeFiles, nil
}

// tick writes what happened since the last tick.
func (s *Series) tick(lines *result.Series, log *latencyLog, at time.Duration, end bool) error {
	if end && at <= s.at {
		at = s.at + time.Millisecond
	}
	totals := s.config.Meter.counters.all()
	for i, total := range totals {
		s.values[i] = float64(total - s.last[i])
	}
	s.config.Meter.second(at)
	offered, acked := s.values[0]/(at-s.at).Seconds(), s.values[2]/(at-s.at).Seconds()
	column := len(totals)
	for _, g := range s.config.Gauges {
		values := s.values[column : column+len(g.Names)]
		for i := range values {
			values[i] = math.NaN()
		}
		g.Read(at, values)
		column += len(g.Names)
	}
	s.last, s.at = totals, at
	if s.config.Progress != nil {
		s.config.Progress(s.config.Meter.snapshot(at, offered, acked))
	}
	if err := lines.Write(at, s.values); err != nil {
		return fmt.Errorf("series: %w", err)
	}
	if end || log.due(at) {
		return log.write(s.config.Meter.points, at)
	}
	return nil
}
