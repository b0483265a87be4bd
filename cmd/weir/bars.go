package main

import (
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"weir/harness"
	"weir/measure"
)

// barWidth fits the bars with their names and figures into 80 columns.
const barWidth = 72

// bars draws the run on a terminal: how much of what was offered is sent, acknowledged and aggregated, and how much of what is
// stored is not read.
type bars struct {
	w                                io.Writer
	container                        *mpb.Progress
	sent, acked, aggregated, backlog *mpb.Bar
}

func newBars(w io.Writer) *bars {
	container := mpb.New(mpb.WithOutput(w), mpb.WithWidth(barWidth), mpb.WithAutoRefresh())
	bar := func(name string) *mpb.Bar {
		return container.New(0, mpb.BarStyle().Rbound("]").Lbound("["),
			mpb.PrependDecorators(decor.Name(name, decor.WC{W: 11, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.CurrentNoUnit("%12d", decor.WC{W: 12})))
	}
	return &bars{w: w, container: container, sent: bar("sent"), acked: bar("acked"), aggregated: bar("aggregated"), backlog: bar("backlog")}
}

func (b *bars) progress(s measure.Snapshot) {
	for bar, count := range map[*mpb.Bar]int64{b.sent: s.Sent, b.acked: s.Acked, b.aggregated: s.Read, b.backlog: s.InputBacklog} {
		bar.SetTotal(max(s.Offered, 1), false)
		bar.SetCurrent(count)
	}
}

func (b *bars) close() {
	for _, bar := range []*mpb.Bar{b.sent, b.acked, b.aggregated, b.backlog} {
		bar.Abort(false)
	}
	b.container.Wait()
}

func (b *bars) summary(o *harness.Outcome) { writeSummary(b.w, o) }
