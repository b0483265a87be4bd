package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"weir/result"
)

// SummaryFile is the name in a run folder of its summary in Markdown, for the page of a CI job or a pull request.
const SummaryFile = "summary.md"

// WriteSummary writes the summary.
func (r *Run) WriteSummary(w io.Writer) error {
	b := bufio.NewWriter(result.WithoutControls(w))
	fmt.Fprintf(b, "## %s %s: %s\n\n%s.\n\n", r.signMark(), markdown(r.Result.Scenario), r.Result.Verdict, markdown(r.why()))
	if len(r.Result.Reasons) > 1 {
		for _, reason := range r.Result.Reasons[1:] {
			fmt.Fprintf(b, "- %s\n", markdown(reason))
		}
		b.WriteString("\n")
	}
	figures := tableView{Head: []string{"figure", "value"}}
	for _, t := range r.tiles() {
		figures.Rows = append(figures.Rows, []string{t.Name, t.Value + ", " + t.Note})
	}
	writeMarkdown(b, figures)
	writeMarkdown(b, r.expectations())
	if backlogs := r.backlogsTable(); len(backlogs.Rows) > 0 {
		writeMarkdown(b, backlogs)
	}
	if latencies := r.latencyTable(); len(latencies.Rows) > 0 {
		writeMarkdown(b, latencies)
	}
	for _, warning := range r.warnings() {
		fmt.Fprintf(b, "- warning: %s\n", markdown(warning))
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("%s: %w", SummaryFile, err)
	}
	return nil
}

func (r *Run) signMark() string {
	switch signOf(r.Result.Verdict) {
	case "✓":
		return "✅"
	case "✗":
		return "❌"
	default:
		return "⚪"
	}
}

func writeMarkdown(b *bufio.Writer, t tableView) {
	row := func(cells []string) {
		for _, cell := range cells {
			fmt.Fprintf(b, "| %s ", markdown(cell))
		}
		b.WriteString("|\n")
	}
	row(t.Head)
	b.WriteString(strings.Repeat("|---", len(t.Head)) + "|\n")
	for _, cells := range t.Rows {
		row(cells)
	}
	b.WriteString("\n")
}

// markdown escapes what would end a cell, or be taken for markup.
func markdown(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ", "*", `\*`, "`", "\\`").Replace(text)
}
