package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"weir/result"
)

// Comparison is a comparison to be shown.
type Comparison struct{ *result.Comparison }

// WriteText writes the comparison as a terminal shows it.
func (c Comparison) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s (exit code %d)\n", strings.ToUpper(c.Verdict), c.ExitCode)
	for _, reason := range c.Reasons {
		fmt.Fprintf(b, "  %s\n", reason)
	}
	for _, warning := range c.warnings() {
		fmt.Fprintf(b, "  warning: %s\n", warning)
	}
	fmt.Fprintf(b, "\nA  %s\nB  %s\n%s\n", c.side(&c.A), c.side(&c.B), c.method())
	for _, line := range c.Differs {
		fmt.Fprintf(b, "  only in %s\n", line)
	}
	fmt.Fprintln(b)
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	t := c.table()
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return b.Flush()
}

// warnings are the comparison's, behind a label of its backlogs where its runs are of an old version.
func (c Comparison) warnings() []string {
	if c.ResultVersion >= result.WholeBacklog {
		return c.Warnings
	}
	return append([]string{oldBacklog}, c.Warnings...)
}

func (c Comparison) side(s *result.ComparedSide) string {
	text := s.Name
	if s.Scenario != "" && s.Scenario != s.Name {
		text += " (" + s.Scenario + ")"
	}
	if s.Runs == 1 {
		return text + ", 1 run"
	}
	return fmt.Sprintf("%s, %d runs", text, s.Runs)
}

// method says how the sides were compared.
func (c Comparison) method() string {
	if c.Method == result.Paired {
		return fmt.Sprintf("in pairs, A B B A: %d of %d are complete", c.PairsCompared, c.Pairs)
	}
	return "unpaired: what else changed between the runs of A and those of B is in the difference"
}

// table is a line a metric.
func (c Comparison) table() tableView {
	t := tableView{Head: []string{"metric", "A", "B", "change", "interval", "floor", "p (Holm)", "verdict"}}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		t.Rows = append(t.Rows, []string{
			m.Name, Value(m.A, m.Unit), Value(m.B, m.Unit), change(m.Change), interval(m), floor(m), chance(m.Adjusted), strings.ReplaceAll(m.Verdict, "_", " "),
		})
	}
	return t
}

// Value writes a value with its unit, as result.json names it; nil is a dash.
func Value(value *float64, unit string) string {
	switch {
	case value == nil:
		return "–"
	case unit == "ms":
		return writeMillis(*value)
	case unit == "bytes":
		return writeBytes(*value)
	}
	return strings.TrimSpace(figure(*value) + " " + unit)
}

// change is how far B is from A, in percent of A.
func change(percent *float64) string {
	if percent == nil {
		return "–"
	}
	return signedFigure(*percent) + " %"
}

func signedFigure(x float64) string {
	text := figure(x)
	if x > 0 && text != "0" {
		return "+" + text
	}
	return text
}

func interval(m *result.ComparedMetric) string {
	if m.Low == nil || m.High == nil {
		return "–"
	}
	return fmt.Sprintf("%s to %s %%", signedFigure(*m.Low), signedFigure(*m.High))
}

func floor(m *result.ComparedMetric) string {
	if m.Margin == nil {
		return "–"
	}
	if m.Noise != nil && *m.Noise > *m.Margin {
		return figure(*m.Noise) + " % (noise)"
	}
	return figure(*m.Margin) + " %"
}

func chance(p *float64) string {
	if p == nil {
		return "–"
	}
	return strconv.FormatFloat(*p, 'g', 2, 64)
}
