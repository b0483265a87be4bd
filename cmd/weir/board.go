package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"weir/harness"
	"weir/measure"
	"weir/result"
)

// board shows the run on a terminal: a few lines that stay where they are, drawn anew each second.
type board struct {
	w         io.Writer
	container *mpb.Progress
	bars      []*mpb.Bar

	mu   sync.Mutex
	last measure.Snapshot
}

// boardNames are the names of the lines, in their order.
var boardNames = []string{"rate", "latency", "backlog", "rows", "so far"}

func newBoard(w io.Writer) *board {
	b := &board{w: w, container: mpb.New(mpb.WithOutput(w), mpb.WithAutoRefresh())}
	for i, name := range boardNames {
		text := decor.Any(func(decor.Statistics) string { return b.texts()[i] })
		b.bars = append(b.bars, b.container.New(0, mpb.NopStyle(), mpb.PrependDecorators(decor.Name(name, decor.WC{W: 9, C: decor.DindentRight}), text)))
	}
	return b
}

// texts are the lines, as of the last second.
func (b *board) texts() [5]string {
	b.mu.Lock()
	s := b.last
	b.mu.Unlock()
	throttled := ""
	if s.Throttled > 0 {
		throttled = fmt.Sprintf(", %s throttled until now", shortCount(float64(s.Throttled)))
	}
	return [5]string{
		fmt.Sprintf("%s records acknowledged%s", rateText(s), throttled),
		fmt.Sprintf("written p99 %s, acked p99 %s", writeP99(s.WrittenP99), writeP99(s.AckedP99)),
		fmt.Sprintf("%s records, the oldest due %.1f s ago; rows: %s in the output, %s before the table",
			shortCount(float64(s.InputBacklog)), s.InputBacklogSeconds, shortCount(float64(s.OutputBacklog)), shortCount(float64(s.TableBacklog))),
		fmt.Sprintf("%s written of %s records in %s", shortCount(float64(s.Written)), shortCount(float64(s.Read)), writeTime(s.Seconds)),
		soFarText(s),
	}
}

func (b *board) progress(s measure.Snapshot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = s
}

func (b *board) close() {
	for _, bar := range b.bars {
		bar.Abort(false)
	}
	b.container.Wait()
}

func (b *board) summary(o *harness.Outcome) { writeSummary(result.WithoutControls(b.w), o) }
