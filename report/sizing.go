package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"weir/result"
)

// SizingHTMLFile is the page of a search in its folder.
const SizingHTMLFile = "sizing.html"

//go:embed sizing.html
var sizingText string

// WriteSizing writes the page of a search into its folder.
func WriteSizing(folder *result.Folder) error {
	s, err := folder.ReadSizing()
	if err != nil {
		return err
	}
	return folder.WriteFile(SizingHTMLFile, func(w io.Writer) error { return writeSizingHTML(w, s) })
}

// sizingPage is what the template shows.
type sizingPage struct {
	Style    template.CSS
	Sizing   *result.Sizing
	Sign     string
	Why      string
	Headroom string
	Started  string
	Took     string
	Sections []section
	// Old says what the backlogs are where the search is of an old version.
	Old string
}

func writeSizingHTML(w io.Writer, s *result.Sizing) error {
	t, err := template.New("page").Parse(pageText)
	if err == nil {
		t, err = t.New("sizing").Parse(sizingText)
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	p := sizingPage{
		Style: template.CSS(pageStyle), Sizing: s, Sign: signOf(s.Verdict), Why: sizingWhy(s), Headroom: sizingHeadroom(s),
		Started: s.Started.UTC().Format(time.RFC3339), Took: took(s.Seconds), Sections: sizingSections(s),
	}
	if !s.WholeBacklog() {
		p.Old = oldBacklog
	}
	if err := t.ExecuteTemplate(result.WithoutControls(w), "sizing", &p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// WriteSizingText writes what a search has found as a terminal shows it.
func WriteSizingText(w io.Writer, s *result.Sizing) error {
	fmt.Fprintf(w, "\n%s (exit code %d)\n", strings.ToUpper(s.Verdict), s.ExitCode)
	for _, reason := range s.Reasons {
		fmt.Fprintf(w, "  %s\n", reason)
	}
	fmt.Fprintf(w, "\n%s\n", sizingWhy(s))
	if headroom := sizingHeadroom(s); headroom != "" {
		fmt.Fprintf(w, "  %s\n", headroom)
	}
	if s.Advice != nil {
		for _, word := range s.Advice.Words {
			fmt.Fprintf(w, "  %s\n", word)
		}
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, part := range sizingSections(s) {
		fmt.Fprintf(table, "\n%s\n", strings.ToLower(part.Title))
		for _, t := range part.Tables {
			if t.Caption != "" {
				fmt.Fprintf(table, "  %s\n", t.Caption)
			}
			for _, row := range append([][]string{t.Head}, t.Rows...) {
				fmt.Fprintf(table, "  %s\n", strings.TrimRight(strings.Join(row, "\t"), "\t"))
			}
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// sizingWhy is the answer in a line.
func sizingWhy(s *result.Sizing) string {
	a := s.Answer
	if a == nil {
		if len(s.Reasons) > 0 {
			return s.Reasons[0]
		}
		return "there is no answer"
	}
	question := "the least that holds the load"
	if len(s.Find) == 1 && s.Find[0] == "load" {
		question = "the most load that it holds"
	}
	return fmt.Sprintf("%s: %s (%s records a minute); %s: %s", question, describe(&a.SizingConfig), writeCount(a.RecordsPerMinute), a.Sure, strings.Join(a.Evidence, "; "))
}

// sizingHeadroom is what is advised beside the answer, empty where that is no more.
func sizingHeadroom(s *result.Sizing) string {
	if s.Answer == nil || s.Answer.WithHeadroom == nil || *s.Answer.WithHeadroom == s.Answer.SizingConfig {
		return ""
	}
	return "With room for a restart, and no part busier than asked for: " + describe(s.Answer.WithHeadroom) + "."
}

func describe(c *result.SizingConfig) string {
	parts := []string{counted(c.Shards, "shard"), "parallelism " + strconv.Itoa(c.Parallelism)}
	if c.Shards == 0 {
		parts[0] = "on-demand"
	}
	if c.OutputShards > 0 {
		parts = append(parts, counted(c.OutputShards, "output shard"))
	}
	if c.WriteCapacity > 0 {
		parts = append(parts, counted(c.WriteCapacity, "write unit"))
	}
	text := strings.Join(parts, ", ")
	if c.Load != 1 {
		text += fmt.Sprintf(", %.4g times the load", c.Load)
	}
	return text
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return writeCount(float64(n)) + " " + what + "s"
}

func took(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second / 10).String()
}

// sizingSections are the parts of a page, those that have something to show.
func sizingSections(s *result.Sizing) []section {
	var all []section
	for _, part := range []section{
		{ID: "trials", Title: "Trials", Lead: "Each is a run of its own. What was simulated stands beside what was measured.", Tables: []tableView{sizingTrials(s)}},
		{ID: "sweep", Title: "Sweep", Lead: "Each configuration was simulated.", Tables: sizingSweep(s.Sweep)},
		{ID: "model", Title: "Model", Lead: "What each resource needs, by arithmetic alone.", Tables: []tableView{sizingModel(s)}},
		{ID: "use", Title: "Use", Lead: useLead(s), Tables: []tableView{sizingUse(s)}},
		{ID: "cost", Title: "Cost", Lead: "List prices.", Tables: sizingCosts(s.Costs)},
	} {
		rows := 0
		for _, t := range part.Tables {
			rows += len(t.Rows)
		}
		if rows > 0 {
			all = append(all, part)
		}
	}
	return all
}

// useLead says what a use is, by the version of the search.
func useLead(s *result.Sizing) string {
	if s.Version < result.SizingVersion {
		return "How much of its busiest second each part was busy for."
	}
	return "How much is asked of each part, as a share of what it can do. Above 100 % a backlog builds up. At 100 % or more over a hold or the feed, the load does not hold."
}

func sizingTrials(s *result.Sizing) tableView {
	t := tableView{Head: []string{"trial", "configuration", "simulated", "measured", "written p99", "backlog", "why it was tried, and what came of it"}}
	for i := range s.Trials {
		trial := &s.Trials[i]
		simulated := "–"
		if trial.Simulated != nil {
			simulated = holdsText(trial.Simulated)
		}
		why := trial.Why
		if m := &trial.Measured; !m.Holds && len(m.Reasons) > 0 {
			why += " → " + m.Reasons[0]
		}
		backlog := millis(trial.Measured.BacklogInput, 1000)
		if trial.Measured.BacklogOutput != nil {
			backlog += " / " + millis(trial.Measured.BacklogOutput, 1000)
		}
		t.Rows = append(t.Rows, []string{
			strconv.Itoa(trial.Number), describe(&trial.SizingConfig), simulated, holdsText(&trial.Measured), millis(trial.Measured.WrittenP99, 1), backlog, why,
		})
		t.Marks = append(t.Marks, "")
	}
	return t
}

func holdsText(s *result.SizingSight) string {
	switch {
	case s.Verdict == "void":
		return "void"
	case s.Holds:
		return "holds"
	}
	return "does not hold"
}

func millis(value *float64, times float64) string {
	if value == nil {
		return "–"
	}
	return writeMillis(*value * times)
}

func sizingModel(s *result.Sizing) tableView {
	t := tableView{Head: []string{"resource", "needs", "formula"}}
	for i := range s.Model {
		n := &s.Model[i]
		need, mark := "none is enough", ""
		if n.Need != nil {
			need = amount(*n.Need, n.Unit)
		}
		if n.Impossible {
			mark = "bad"
			if n.Need != nil {
				need += ": too much"
			}
		}
		t.Rows = append(t.Rows, []string{n.Resource, need, n.Formula})
		t.Marks = append(t.Marks, mark)
	}
	return t
}

// amount is a number with its unit, which is written for several.
func amount(x float64, unit string) string {
	if x == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return strconv.FormatFloat(x, 'g', 4, 64) + " " + unit
}

func sizingUse(s *result.Sizing) tableView {
	t := tableView{Head: []string{"part", "busiest second", "over the feed", "over a hold", "over 100 %", "it"}}
	if s.Advice == nil {
		return t
	}
	if s.Version < result.SizingVersion {
		return oldUse(s.Advice)
	}
	for _, u := range s.Advice.Uses {
		hold, over, mark := "–", "–", ""
		if u.HoldShare != nil {
			hold = result.Percent(*u.HoldShare) + " (" + u.HoldName + ")"
		}
		if u.SecondsOver > 0 {
			over = fmt.Sprintf("%d s", u.SecondsOver)
		}
		if u.DrainedIn != nil {
			over += ", drained in " + took(*u.DrainedIn)
		}
		if u.TooMuch() {
			mark = "bad"
		}
		t.Rows = append(t.Rows, []string{u.Part, result.Percent(u.PeakShare), result.Percent(u.FeedShare), hold, over, u.Says})
		t.Marks = append(t.Marks, mark)
	}
	return t
}

// oldUse is the use of version 1, the share of the busiest second for which a part was busy.
func oldUse(a *result.SizingAdvice) tableView {
	t := tableView{Head: []string{"part", "busy in its busiest second", "it"}}
	for _, u := range a.Uses {
		t.Rows, t.Marks = append(t.Rows, []string{u.Part, result.Percent(u.BusyShare), u.Says}), append(t.Marks, "")
	}
	return t
}

func sizingCosts(c *result.SizingCosts) []tableView {
	if c == nil {
		return nil
	}
	sums := tableView{Head: []string{"way", "configuration", "an hour", "a month", "holds", "without"}}
	items := tableView{Caption: "What the first one is made of, in USD an hour", Head: []string{"item", "USD", "formula"}}
	for i := range c.Options {
		o := &c.Options[i]
		holds := "not simulated"
		if o.Holds != nil {
			holds = map[bool]string{true: "yes", false: "no"}[*o.Holds]
		}
		without := strings.Join(o.Unknown, ", ")
		if without != "" {
			without += ": no known price"
		}
		sums.Rows = append(sums.Rows, []string{o.Name, describe(&o.SizingConfig), usd(o.PerHour), usd(o.PerMonth), holds, without})
	}
	sums.Caption = fmt.Sprintf("USD in %s, prices of %s; %s", c.Region, c.Dated, strings.Join(c.Notes, "; "))
	for _, item := range c.Options[0].Items {
		price := "unknown"
		if item.PerHour != nil {
			price = usd(*item.PerHour)
		}
		items.Rows = append(items.Rows, []string{item.Name, price, item.Formula})
	}
	return []tableView{sums, items}
}

// usd has four digits, for much of it is small.
func usd(x float64) string {
	if x >= 100 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'f', 4, 64)
}

// sizingSweep is a matrix for each number of output shards: parallelism down, shards across.
func sizingSweep(s *result.SizingSweep) []tableView {
	if s == nil {
		return nil
	}
	var tables []tableView
	for from := 0; from < len(s.Points); {
		to := from
		for to < len(s.Points) && s.Points[to].OutputShards == s.Points[from].OutputShards {
			to++
		}
		tables = append(tables, sizingMatrix(s, from, to))
		from = to
	}
	return tables
}

func sizingMatrix(s *result.SizingSweep, from, to int) tableView {
	t := tableView{Head: []string{"parallelism ↓ shards →"}, Caption: "✓ holds, with its written p99; ✗ does not; ① and ② are the cheapest that hold"}
	if s.Points[from].PerHour == nil {
		t.Caption = "✓ holds, with its written p99; ✗ does not; ① and ② hold with the fewest shards and subtasks in all, for a price is not known"
	}
	if n := s.Points[from].OutputShards; n > 0 {
		t.Caption = counted(n, "output shard") + ": " + t.Caption
	}
	for i := from; i < to && s.Points[i].Parallelism == s.Points[from].Parallelism; i++ {
		t.Head = append(t.Head, strconv.Itoa(s.Points[i].Shards))
	}
	for i := from; i < to; i++ {
		p := &s.Points[i]
		if i == from || p.Parallelism != s.Points[i-1].Parallelism {
			t.Rows = append(t.Rows, []string{strconv.Itoa(p.Parallelism)})
		}
		cell := "✗"
		if p.Holds {
			cell = "✓ " + millis(p.WrittenP99, 1)
		}
		for place, best := range s.Best {
			if best == i {
				cell = []string{"①", "②"}[place] + " " + millis(p.WrittenP99, 1)
			}
		}
		last := len(t.Rows) - 1
		t.Rows[last] = append(t.Rows[last], cell)
	}
	return t
}
