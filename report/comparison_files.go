package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"weir/result"
)

// WriteAll writes comparison.json into a folder, and beside it what is made of it: the summary and JUnit's XML.
func (c Comparison) WriteAll(folder *result.Folder) error {
	return errors.Join(folder.WriteComparison(c.Comparison), c.write(folder))
}

func (c Comparison) write(folder *result.Folder) error {
	return errors.Join(folder.WriteFile(SummaryFile, c.WriteSummary), folder.WriteFile(JUnitFile, c.WriteJUnit))
}

// WriteSummary writes the comparison in Markdown, for the page of a CI job or a pull request.
func (c Comparison) WriteSummary(w io.Writer) error {
	b := bufio.NewWriter(result.WithoutControls(w))
	fmt.Fprintf(b, "## %s %s against %s: %s\n\n", comparisonMark(c.Verdict), markdown(c.B.Name), markdown(c.A.Name), c.Verdict)
	for _, reason := range c.Reasons {
		fmt.Fprintf(b, "- %s\n", markdown(reason))
	}
	for _, warning := range c.warnings() {
		fmt.Fprintf(b, "- warning: %s\n", markdown(warning))
	}
	if len(c.Reasons)+len(c.warnings()) > 0 {
		b.WriteString("\n")
	}
	writeMarkdown(b, c.table())
	fmt.Fprintf(b, "A: %s. B: %s. %s.\n", markdown(c.side(&c.A)), markdown(c.side(&c.B)), upperFirst(c.method()))
	for i, line := range c.Differs {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "- only in %s\n", markdown(line))
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("%s: %w", SummaryFile, err)
	}
	return nil
}

func comparisonMark(verdict string) string {
	switch verdict {
	case "same", "improved":
		return "✅"
	case "regressed", "error":
		return "❌"
	default:
		return "⚪"
	}
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// WriteJUnit writes a suite with a test for the comparison's verdict, and one for each metric. A metric that regressed or is inconclusive is a failure, one that was
// not measured is skipped; a comparison that is void, that broke or that was interrupted is an error.
func (c Comparison) WriteJUnit(w io.Writer) error {
	suite := testSuite{Name: "weir.compare." + c.B.Name, Time: "0", Timestamp: c.Started.UTC().Format(time.RFC3339)}
	verdict := testCase{Name: "verdict", Class: suite.Name, Time: "0"}
	why := &broken{Type: c.Verdict, Message: strings.Join(c.Reasons[:min(1, len(c.Reasons))], ""), Text: strings.Join(c.Reasons, "\n")}
	switch c.Verdict {
	case "same", "improved":
	case "regressed", "inconclusive":
		verdict.Failure = why
	default:
		verdict.Error = why
	}
	suite.Cases = append(suite.Cases, verdict)
	for i := range c.Metrics {
		suite.Cases = append(suite.Cases, metricCase(suite.Name, &c.Metrics[i]))
	}
	return writeSuite(w, suite)
}

func metricCase(class string, m *result.ComparedMetric) testCase {
	c := testCase{Name: m.Name, Class: class, Time: "0"}
	why := &broken{Type: m.Verdict, Message: m.Reason}
	switch m.Verdict {
	case "regressed", "inconclusive":
		c.Failure = why
	case "not_measured":
		c.Skipped = &skipped{Message: m.Reason}
	}
	return c
}
