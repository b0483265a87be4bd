package main

import (
	"encoding/json"
	"fmt"
	"io"

	"weir/harness"
	"weir/measure"
)

// display shows a run: while it goes on, and what came of it.
type display interface {
	progress(measure.Snapshot)
	// close ends what progress drew.
	close()
	summary(*harness.Outcome)
}

// newDisplay chooses a board on a terminal, JSON lines where they are asked for, and plain lines otherwise.
func (c *cli) newDisplay(jsonLines bool) display {
	switch {
	case jsonLines:
		return &jsonDisplay{encoder: json.NewEncoder(c.stdout)}
	case c.terminal:
		return newBoard(c.screen)
	}
	return &lines{w: c.stdout}
}

// lines prints a plain line now and then: each second at first, so that one sees that it runs, and ever more seldom, so that the log of a long run can be
// read; and one as soon as what the run says so far has changed.
type lines struct {
	w       io.Writer
	next    float64 // seconds
	verdict string
}

func (l *lines) progress(s measure.Snapshot) {
	if s.Seconds < l.next && s.Verdict == l.verdict {
		return
	}
	l.next, l.verdict = s.Seconds+secondsBetween(s.Seconds)-0.5, s.Verdict
	fmt.Fprintln(l.w, progressLine(s))
}

// secondsBetween is how long after a line the next one comes.
func secondsBetween(seconds float64) float64 {
	switch {
	case seconds < 10:
		return 1
	case seconds < 600:
		return 10
	default:
		return 60
	}
}

func (l *lines) close() {}

func (l *lines) summary(o *harness.Outcome) { writeSummary(l.w, o) }

// jsonDisplay prints one JSON object a line: {"progress": …} each second, and {"result": …, "folder": …} at the end.
type jsonDisplay struct{ encoder *json.Encoder }

func (j *jsonDisplay) progress(s measure.Snapshot) {
	_ = j.encoder.Encode(map[string]any{"progress": s})
}

func (j *jsonDisplay) close() {}

func (j *jsonDisplay) summary(o *harness.Outcome) {
	_ = j.encoder.Encode(map[string]any{"result": o.Result, "folder": o.Folder})
}
