package scenarios

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"weir/generator"
	"weir/limits"
	"weir/measure/verdict"
	"weir/record"
	"weir/routing/filter"
	"weir/survey"
)

// Plan is what a run of a scenario would do, as far as arithmetic can tell: nothing is sent, and nothing is reached.
type Plan struct {
	scenario *Scenario
	// Load is what would be sent; it is empty for a recording, which has to be read for that.
	Load survey.Load
	// Phases are those of the schedule, none for a recording.
	Phases []generator.Span
	// For is how long the schedule takes.
	For time.Duration
}

// Plan goes through the load of a resolved and valid scenario, record by record.
func (s *Scenario) Plan() (*Plan, error) {
	plan := &Plan{scenario: s}
	if s.Load.Replay != nil {
		return plan, nil
	}
	config, err := s.Generator("plan")
	if err != nil {
		return nil, err
	}
	g, err := generator.New(config)
	if err != nil {
		return nil, err
	}
	plan.Phases, plan.For = g.Phases(), g.Duration()
	found := survey.NewCollector(s.Pipeline.Input.Shards)
	var batch record.Batch
	for stream := g.Stream(time.Unix(0, 0)); ; {
		batch.Reset()
		err := stream.Fill(&batch, plan.For+1)
		found.Add(batch.Records)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("plan: %w", err)
		}
	}
	plan.Load = found.Load()
	if s.Pipeline.Input.Packing == KPLPacking {
		plan.Load.Pack()
	}
	return plan, nil
}

// WriteTo writes the plan as a terminal shows it.
func (p *Plan) WriteTo(w io.Writer) (int64, error) {
	counted := &counting{w: w}
	sheet := survey.NewSheet(counted)
	s := p.scenario
	sheet.Row("scenario", "%s", survey.Printable(s.Name))
	if s.About != "" {
		sheet.Row("", "%s", survey.Printable(strings.Join(strings.Fields(s.About), " ")))
	}
	p.writeLoad(sheet)
	p.writePipeline(sheet)
	for i := range s.Faults {
		name := ""
		if i == 0 {
			name = "faults"
		}
		sheet.Row(name, "%s", s.Faults[i].describe())
	}
	for i, text := range s.Expect {
		name := ""
		if i == 0 {
			name = "expected"
		}
		sheet.Row(name, "%s", text)
	}
	return counted.n, sheet.Flush()
}

func (p *Plan) writeLoad(sheet *survey.Sheet) {
	if load := p.scenario.Load.Replay; load != nil {
		sheet.Row("load", "the recording %s", load.Source)
		return
	}
	sheet.Row("load", "%s in %s, %s", survey.Plural(p.Load.Records, "record"), p.For, survey.Size(p.Load.Bytes))
	for i := range p.Phases {
		sheet.Row("", "%-10s %s to %s: %s", p.Phases[i].Name, p.Phases[i].Start, p.Phases[i].End, p.scenario.Load.Rate[i].describe())
	}
	p.writeHolds(sheet)
	p.Load.WriteContent(sheet)
	p.Load.WritePeaks(sheet)
}

// writeHolds names the holds that are too short for a verdict on the backlog's trend.
func (p *Plan) writeHolds(sheet *survey.Sheet) {
	shortest := verdict.ShortestHold(verdict.Period(p.scenario.Periods()))
	for i := range p.Phases {
		length := max(p.Phases[i].End-p.Phases[i].Start, time.Duration(valueOf(p.scenario.Load.Rate[i].ExtendTo)))
		if p.scenario.Load.Rate[i].Holds() && length < shortest {
			sheet.Row("", "%s at %s is too short for a verdict on the backlog's trend, which takes %s", p.Phases[i].Name, p.Phases[i].Start, shortest)
		}
	}
}

func (p *Plan) writePipeline(sheet *survey.Sheet) {
	pipeline := &p.scenario.Pipeline
	a := &pipeline.Aggregator
	sheet.Row("pipeline", "%s: input of %s, %s aggregator with parallelism %d, windows of %s%s, out of order by up to %s", pipeline.Shape,
		capacity(pipeline.Input.Mode, pipeline.Input.Shards), a.Engine, a.Parallelism, a.Window, a.slides(), a.OutOfOrderness)
	p.writeOtherReaders(sheet)
	if pipeline.Output != nil {
		sheet.Row("", "output of %s, routes %s", capacity(pipeline.Output.Mode, pipeline.Output.Shards), strings.Join(p.scenario.RouteNames(), ", "))
		p.writeDoubts(sheet)
	}
	table := "on-demand"
	if units := pipeline.Table.WriteCapacity; units > 0 {
		table = fmt.Sprintf("%s write units a second", survey.Thousands(int64(units)))
	}
	sheet.Row("", "table %s", table)
}

// writeOtherReaders says what the other consumers of the input take of each shard, and whether the aggregator's reads find room beside theirs.
func (p *Plan) writeOtherReaders(sheet *survey.Sheet) {
	in, a := &p.scenario.Pipeline.Input, &p.scenario.Pipeline.Aggregator
	if in.OtherReaders == 0 || p.scenario.Limits != LimitsAWS {
		return
	}
	taken := min(in.OtherReaders, limits.ShardReadsPerSecond)
	sheet.Row("", "%s of the input: they take %d of each shard's %s a second, and of its 2 MiB a second what is written %s",
		survey.Plural(int64(in.OtherReaders), "other reader"), taken, survey.Plural(limits.ShardReadsPerSecond, "read"), times(in.OtherReaders))
	left := limits.ShardReadsPerSecond - taken
	switch polls := a.pollsPerSecond(); {
	case a.Reader == FanOut:
		sheet.Row("", "the aggregator reads by enhanced fan-out, which they do not touch")
	case left == 0:
		sheet.Row("", "the aggregator polls %.3g times a second, and no read is left for it: it is throttled all the time", polls)
	case polls > float64(left):
		sheet.Row("", "the aggregator polls %.3g times a second, and %s left for it: the rest are throttled", polls, are(left))
	}
}

// pollsPerSecond is how often the aggregator reads a shard, at the tip.
func (a *Aggregator) pollsPerSecond() float64 {
	return min(limits.ShardReadsPerSecond, float64(time.Second)/float64(a.Poll))
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

func are(reads int) string {
	if reads == 1 {
		return "1 read is"
	}
	return fmt.Sprintf("%d reads are", reads)
}

// writeDoubts names what the routes' filters use and Lambda may not take.
func (p *Plan) writeDoubts(sheet *survey.Sheet) {
	for _, name := range p.scenario.RouteNames() {
		patterns, err := filter.Compile(p.scenario.Pipeline.Routes[name].Filters)
		if err != nil {
			continue // of a scenario that is not valid
		}
		for _, doubt := range patterns.Doubts() {
			sheet.Row("", "route %s: %s", name, doubt)
		}
	}
}

// capacity is what a stream has, or begins with.
func capacity(mode Mode, shards int) string {
	if mode == OnDemand {
		return "on-demand capacity, at first " + survey.Plural(int64(shards), "shard")
	}
	return survey.Plural(int64(shards), "shard")
}

// describe is the shape of a phase with its rates, before the scale.
func (p *Phase) describe() string {
	switch generator.Shape(p.Shape) {
	case generator.Hold, generator.Poisson:
		if p.ExtendTo != nil {
			return fmt.Sprintf("%s at %s, and up to %s of it while a trend is inconclusive", p.Shape, p.At, p.ExtendTo)
		}
		return fmt.Sprintf("%s at %s", p.Shape, p.At)
	case generator.Ramp:
		return fmt.Sprintf("ramp from %s to %s", p.From, p.To)
	case generator.Step:
		return fmt.Sprintf("%s steps from %s to %s", p.Steps, p.From, p.To)
	case generator.Sine:
		return fmt.Sprintf("sine around %s by %s, every %s", p.At, p.Amplitude, p.Every)
	case generator.Burst:
		return fmt.Sprintf("%s, and %s for %s of every %s", p.At, p.Peak, p.Lasting, p.Every)
	}
	return string(p.Shape)
}

// counting counts what goes through it.
type counting struct {
	w io.Writer
	n int64
}

func (c *counting) Write(text []byte) (int, error) {
	n, err := c.w.Write(text)
	c.n += int64(n)
	return n, err
}
