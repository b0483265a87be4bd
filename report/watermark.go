package report

import "math"

// watermarkSection shows how far the aggregator's watermark is behind.
func (r *Run) watermarkSection() section {
	s := section{
		ID: "watermark", Title: "Watermark", Lead: "How far the aggregator's watermark stays behind the newest event time handed over, in event time. It contains the out-of-orderness.",
	}
	lines := r.columns([]string{"watermark_lag_ms"}, map[string]string{"watermark_lag_ms": "lag"})
	if len(lines) == 0 {
		s.Missing = "There was no watermark: not every shard got a record."
		return s
	}
	_, most := bounds(lines)
	p := plot{
		id: "watermark-plot", title: "Lag of the watermark over time", x: r.time(), lines: lines, spans: r.spans(),
		y: upTo("lag", most, func(ms float64) string { return writeMillis(math.Max(ms, 0)) }),
	}
	s.Figures = append(s.Figures, newFigure("Lag of the watermark", &p, overTimeTable(lines, greatest, writeMillis)))
	return s
}
