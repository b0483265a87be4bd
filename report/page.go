package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"weir/result"
)

// HTMLFile is the page's name in a run folder.
const HTMLFile = "report.html"

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// page is what the template shows.
type page struct {
	Style    template.CSS
	Result   *result.Result
	Verdict  string
	Sign     string
	Why      string
	Started  string
	Took     string
	Warnings []string
	Tiles    []tile
	Expected tableView
	Sections []section
	Scenario string
	Host     tableView
}

// tile is a figure that stands out.
type tile struct{ Name, Value, Note string }

// WriteHTML writes the page: one file, that asks nothing of anybody.
func (r *Run) WriteHTML(w io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := t.Execute(result.WithoutControls(w), r.page()); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func (r *Run) page() *page {
	p := &page{
		Style: template.CSS(pageStyle), Result: r.Result, Verdict: r.Result.Verdict, Sign: signOf(r.Result.Verdict), Why: r.why(),
		Started: r.Result.Started.UTC().Format(time.RFC3339), Took: writeSeconds(math.Round(r.Result.Seconds*10) / 10),
		Warnings: r.warnings(), Tiles: r.tiles(), Expected: r.expectations(), Scenario: r.Scenario, Host: r.host(),
	}
	all := append([]section{r.loadSection(), r.latencySection()}, r.backlogSections()...)
	all = append(all, r.watermarkSection(), r.busySection(), r.phasesSection(), r.ledgerSection(), r.oracleSection(), r.offendersSection())
	for _, s := range all {
		if s.Missing != "" || len(s.Figures)+len(s.First)+len(s.Tables) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	return p
}

// signOf is a verdict at a glance, for who does not see its colour.
func signOf(verdict string) string {
	switch verdict {
	case "pass":
		return "✓"
	case "fail", "regressed", "error":
		return "✗"
	default:
		return "○"
	}
}

// why is the verdict's reason in a line.
func (r *Run) why() string {
	if len(r.Result.Reasons) > 0 {
		return r.Result.Reasons[0]
	}
	if r.Result.Verdict == "pass" {
		return fmt.Sprintf("every expectation was met, no record was lost, and every row is right (%d of %d)", r.matched(), r.expectedRows())
	}
	return "result.json gives no reason"
}

func (r *Run) matched() int64 {
	if r.Result.Rows == nil {
		return 0
	}
	return r.Result.Rows.Matched
}

func (r *Run) expectedRows() int64 {
	if r.Result.Rows == nil {
		return 0
	}
	return r.Result.Rows.Expected
}

// tiles are the figures that a reader looks for first.
func (r *Run) tiles() []tile {
	res := r.Result
	tiles := []tile{
		rateTile("offered", res.Rate.Offered), rateTile("achieved", res.Rate.Achieved), unmeasured("written p99"), unmeasured("backlog"), unmeasured("drained in"),
		{"lost", strconv.FormatInt(res.Records.Lost, 10), "records"},
		unmeasured("wrong"),
	}
	if l, ok := res.Latency["written"]; ok && l.Count > 0 {
		tiles[2] = tile{"written p99", writeMillis(l.P99), "what the pipeline adds"}
	}
	if place, ok := largestBacklog(res); ok {
		tiles[3] = r.backlogTile(place)
	}
	if drained := res.DrainedInMS; drained != nil {
		tiles[4] = tile{"drained in", writeMillis(*drained), "after the last record"}
	}
	if rows := res.Rows; rows != nil {
		tiles[6] = tile{"wrong", strconv.FormatInt(rows.Wrong+rows.Missing+rows.Unexpected, 10), "rows, or missing, or too many"}
	}
	return tiles
}

// largestBacklog is the place in which the most waited, and whether there is one.
func largestBacklog(res *result.Result) (place placeView, ok bool) {
	for _, v := range placeViews {
		if b, has := res.Backlog[v.name]; has && (!ok || b.MaxRecords > res.Backlog[place.name].MaxRecords) {
			place, ok = v, true
		}
	}
	return place, ok
}

// backlogTile is the most that waited in a place.
func (r *Run) backlogTile(place placeView) tile {
	b := r.Result.Backlog[place.name]
	t := tile{"backlog of the " + place.name, writeCount(float64(b.MaxRecords)), place.things + " at most"}
	switch part := b.Largest(place.name); {
	case !r.Result.HasWholeBacklog():
		t.Note += ", stored and not read"
	case part != "":
		t.Note += ", most in " + part
	}
	return t
}

// unmeasured stands for a figure that there is not.
func unmeasured(name string) tile { return tile{name, "–", "not measured"} }

func rateTile(name string, rate *float64) tile {
	if rate == nil {
		return unmeasured(name)
	}
	return tile{name, writeCount(*rate), "records a minute"}
}

// expectations are what was asked, and what came.
func (r *Run) expectations() tableView {
	t := tableView{Head: []string{"expected", "observed", "verdict", ""}}
	for _, e := range r.Result.Expectations {
		mark := ""
		if e.Verdict != "pass" {
			mark = "bad"
		}
		t.Rows = append(t.Rows, []string{e.Text, observedText(&e), e.Verdict, e.Reason})
		t.Marks = append(t.Marks, mark)
	}
	return t
}

func observedText(e *result.Expectation) string {
	if e.Observed == nil {
		return "–"
	}
	switch e.Unit {
	case "ms":
		return writeMillis(*e.Observed)
	case "bytes":
		return writeBytes(*e.Observed)
	}
	text := strconv.FormatFloat(math.Round(*e.Observed*100)/100, 'f', -1, 64)
	return strings.TrimSpace(text + " " + e.Unit)
}

// host is what the run ran on, and how that treated it.
func (r *Run) host() tableView {
	h := &r.Result.Host
	t := tableView{Head: []string{"", ""}, Rows: [][]string{
		{"system", strings.TrimSpace(fmt.Sprintf("%s/%s, %d CPUs %s", h.OS, h.Arch, h.CPUs, h.CPU))},
		{"weir", strings.TrimSpace(r.Result.Weir + ", built with " + h.Go)},
	}}
	for _, fact := range hostFacts(&h.HostState) {
		if fact.value != nil {
			t.Rows = append(t.Rows, []string{fact.name, figure(*fact.value) + " " + fact.unit})
		}
	}
	if h.ClockStep != nil {
		t.Rows = append(t.Rows, []string{"set its wall clock by", figure(*h.ClockStep) + " ms"})
	}
	if h.Before != nil {
		for _, fact := range hostFacts(h.Before) {
			if fact.value != nil {
				t.Rows = append(t.Rows, []string{"before the run: " + fact.name, figure(*fact.value) + " " + fact.unit})
			}
		}
	}
	return t
}

// hostFact is how a host treated weir in one respect, nil where that was not observed.
type hostFact struct {
	name  string
	value *float64
	unit  string
}

func hostFacts(h *result.HostState) []hostFact {
	return []hostFact{
		{"woke the harness late by, p99", h.SleepOvershootP99, "ms"},
		{"gave CPU time to other machines", h.CPUSteal, "%"},
		{"gave it to them and did not say so", h.Stolen, "%"},
		{"had weir wait for a CPU", h.RunDelay, "% of the time that it wanted one"},
		{"held weir back by a quota", h.Throttled, "% of a CPU"},
	}
}
