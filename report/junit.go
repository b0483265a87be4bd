package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"weir/result"
)

// JUnitFile is the name in a run folder of what CI systems read.
const JUnitFile = "junit.xml"

type testSuites struct {
	XMLName xml.Name    `xml:"testsuites"`
	Suites  []testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name      string     `xml:"name,attr"`
	Tests     int        `xml:"tests,attr"`
	Failures  int        `xml:"failures,attr"`
	Errors    int        `xml:"errors,attr"`
	Skipped   int        `xml:"skipped,attr,omitempty"`
	Time      string     `xml:"time,attr"`
	Timestamp string     `xml:"timestamp,attr"`
	Cases     []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Time    string   `xml:"time,attr"`
	Failure *broken  `xml:"failure"`
	Error   *broken  `xml:"error"`
	Skipped *skipped `xml:"skipped"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

type broken struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes a suite with a test for the run's verdict, and one for each expectation. What failed or was inconclusive is a failure; a run
// that is void, that broke or that was interrupted says nothing, and is an error.
func (r *Run) WriteJUnit(w io.Writer) error {
	res := r.Result
	suite := testSuite{
		Name: "weir." + res.Scenario, Time: fmt.Sprintf("%.3f", res.Seconds), Timestamp: res.Started.UTC().Format(time.RFC3339),
		Cases: []testCase{r.verdictCase()},
	}
	for i := range res.Expectations {
		suite.Cases = append(suite.Cases, expectationCase(suite.Name, &res.Expectations[i]))
	}
	return writeSuite(w, suite)
}

func (r *Run) verdictCase() testCase {
	res := r.Result
	c := testCase{Name: "verdict", Class: "weir." + res.Scenario, Time: fmt.Sprintf("%.3f", res.Seconds)}
	why := &broken{Type: res.Verdict, Message: r.why(), Text: strings.Join(res.Reasons, "\n")}
	switch res.Verdict {
	case "pass":
	case "fail", "regressed", "inconclusive":
		c.Failure = why
	default:
		c.Error = why
	}
	return c
}

func expectationCase(class string, e *result.Expectation) testCase {
	c := testCase{Name: e.Text, Class: class, Time: "0"}
	if e.Verdict != "pass" {
		message := "observed " + observedText(e)
		if e.Observed == nil {
			message = "nothing was observed"
		}
		c.Failure = &broken{Type: e.Verdict, Message: message, Text: e.Reason}
	}
	return c
}

// writeSuite counts a suite's tests, and writes it.
func writeSuite(w io.Writer, suite testSuite) error {
	for _, c := range suite.Cases {
		suite.Tests++
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("%s: %w", JUnitFile, err)
	}
	encoder := xml.NewEncoder(result.WithoutControls(w))
	encoder.Indent("", "  ")
	if err := encoder.Encode(testSuites{Suites: []testSuite{suite}}); err != nil {
		return fmt.Errorf("%s: %w", JUnitFile, err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}
