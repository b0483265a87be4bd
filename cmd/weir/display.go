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

// newDisplay chooses bars on a terminal, JSON lines where they are asked for, and plain lines otherwise.
func (c *cli) newDisplay(jsonLines bool) display {
	switch {
	case jsonLines:
		return &jsonDisplay{encoder: json.NewEncoder(c.stdout)}
	case c.terminal:
		return newBars(c.stdout)
	}
	return &lines{w: c.stdout}
}

// lines prints a plain line for each progress.
type lines struct{ w io.Writer }

func (l *lines) progress(s measure.Snapshot) {
	fmt.Fprintln(l.w, progressLine(s))
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
