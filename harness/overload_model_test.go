package harness_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"weir/internal/queueing"
	"weir/internal/queueing/worlds"
	"weir/result"
)

// figure is how much waits somewhere: by the run, and at the least and at the most by the model.
type figure struct {
	what             string
	at               time.Duration
	ran, least, most float64
	batch            float64
}

// off is how far the run's is from the model's, beyond one batch.
func (f *figure) off() float64 { return max(f.least-f.ran, f.ran-f.most, 0) - f.batch }

func (f *figure) String() string {
	at := "at most"
	if f.at > 0 {
		at = fmt.Sprintf("after %.2f s", f.at.Seconds())
	}
	return fmt.Sprintf("%s %s: %.6g, and between %.6g and %.6g by the model, give or take %.3g", f.what, at, f.ran, f.least, f.most, f.batch)
}

// comparison holds a run's backlogs against the model's.
type comparison struct {
	*overload
	low, high *worlds.Passage
	// times are those of the series while the load is fed, and lines where they stand in it.
	times []time.Duration
	lines []int
	off   []figure
	seen  int
}

// roundTrip is more than it takes to make a call, and to make it again where a shard had no room.
const roundTrip = 100 * time.Millisecond

// compare holds a run against the model: each backlog and each part of it, second by second while the load is fed, and at most with the drain.
func (o *overload) compare() *comparison {
	poll := func(d time.Duration) time.Duration { return d + 20*time.Millisecond }
	late := worlds.Slack{Write: linger + roundTrip, Poll: poll(time.Duration(o.Scenario.Pipeline.Aggregator.Poll))}
	if output := o.Scenario.Pipeline.Output; output != nil {
		late.OutputPoll = poll(time.Duration(output.Poll))
	}
	c := &comparison{overload: o, low: o.Passage(o.Scenario, o.epoch, worlds.Slack{}), high: o.Passage(o.Scenario, o.epoch, late)}
	for i, second := range o.seconds {
		if at := time.Duration(second*float64(time.Second)) - o.fed; at > 0 && at <= o.Hold[1] {
			c.times, c.lines = append(c.times, at), append(c.lines, i)
		}
	}
	c.place(result.InputBacklog, "the input", c.low.Input, c.high.Input, "backlog_input")
	c.place(result.InputBacklog, "what is not stored of the input", c.low.Writer, c.high.Writer, "backlog_input_harness", "backlog_input_writer")
	if o.Scenario.Pipeline.Input.Shards*o.Scenario.Pipeline.Aggregator.Parallelism == 1 {
		c.read()
	}
	c.place(result.InputBacklog, "what is stored of the input", c.low.Engine, c.high.Engine, "backlog_input_stream", "backlog_input_engine")
	c.most(result.InputBacklog, c.low.Input, c.high.Input)
	if c.low.Table != nil {
		c.place(result.TableBacklog, "the table", c.low.Table, c.high.Table, "backlog_table")
		c.most(result.TableBacklog, c.low.Table, c.high.Table)
		return c
	}
	c.place(result.OutputBacklog, "the output", c.low.Output, c.high.Output, "backlog_output")
	c.place(result.OutputBacklog, "what is not stored of the output", c.low.OutputWriter, c.high.OutputWriter, "backlog_output_writer")
	c.place(result.OutputBacklog, "what is stored of the output", c.low.Function, c.high.Function, "backlog_output_stream", "backlog_output_function")
	c.most(result.OutputBacklog, c.low.Output, c.high.Output)
	return c
}

func (c *comparison) check(f figure) {
	if c.seen++; f.off() > 0 {
		c.off = append(c.off, f)
	}
}

// batch is how many records or rows of a place may be one batch further, or not yet, and how long that takes.
func (c *comparison) batch(place string) (n float64, takes time.Duration) {
	takes = time.Duration(c.Scenario.Pipeline.Aggregator.Poll) + c.Takes + c.Pause + c.Every
	n = float64(c.Batch)
	if place != result.InputBacklog {
		n = max(n, float64(c.Rows)) // they fire together
	}
	return n, takes
}

// digits are how many bytes more than the model's one the count of a row may take.
const digits = 2

// place compares the sum of some columns of the series. The age of a sum is that of none.
func (c *comparison) place(place, what string, early, late worlds.Items, columns ...string) {
	few, many := worlds.Between(early, late)
	least, most := few.At(c.times...), many.At(c.times...)
	batch, takes := c.batch(place)
	large := int64(0)
	for _, item := range early {
		large = max(large, item.Bytes)
	}
	sooner, later := many.At(shifted(c.times, -takes)...), few.At(shifted(c.times, takes)...)
	for i, at := range c.times {
		records, seconds := 0.0, 0.0
		for _, column := range columns {
			records += c.series[column+"_records"][c.lines[i]]
			seconds = max(seconds, c.series[column+"_seconds"][c.lines[i]])
		}
		a, b := float64(least[i].Records), float64(most[i].Records)
		c.check(figure{"records of " + what, at, records, min(a, b), max(a, b), batch})
		if bytes := c.series[columns[0]+"_bytes"]; len(columns) == 1 && place != result.TableBacklog {
			a, b := float64(least[i].Bytes), float64(most[i].Bytes)
			c.check(figure{"bytes of " + what, at, bytes[c.lines[i]], min(a, b), max(a, b), batch*float64(large) + digits*records})
		}
		// What is oldest may be what was oldest a batch ago, or will be by the next.
		f := figure{"age of " + what, at, seconds, min(least[i].Age, most[i].Age, max(0, later[i].Age-takes)).Seconds(), max(least[i].Age, most[i].Age, sooner[i].Age+takes).Seconds(), 0.05 + c.Every.Seconds()}
		c.check(c.inTurn(f))
	}
}

// read compares the parts of the input before and after its reading, within one fetch and one poll: what a poll finds hangs on its moment.
func (c *comparison) read() {
	stream, engine, fetch := c.low.Read(c.Scenario)
	within := float64(fetch) + float64(c.Batch) + time.Duration(c.Scenario.Pipeline.Aggregator.Poll).Seconds()/c.Every.Seconds()
	for part, items := range map[string]worlds.Items{result.StreamPart: stream, result.EnginePart: engine} {
		for i, e := range items.Backlog().At(c.times...) {
			ran := c.series["backlog_input_"+part+"_records"][c.lines[i]]
			c.check(figure{"records of the " + part + " part", c.times[i], ran, float64(e.Records), float64(e.Records), within})
		}
	}
}

func shifted(times []time.Duration, by time.Duration) []time.Duration {
	list := make([]time.Duration, len(times))
	for i, at := range times {
		list[i] = at + by
	}
	return list
}

// inTurn takes the bound from an age that may be that of one which was overtaken.
func (c *comparison) inTurn(f figure) figure {
	if !c.InTurn {
		f.most = math.Inf(1)
	}
	return f
}

// most compares the most of the whole run, and of the hold. A run's most is exact; that of a phase is of a look a second, so that it may be less than the model's
// by what comes and goes between two. What the end of the run fires comes when the drain has found that it is due, which the model does not know.
func (c *comparison) most(place string, early, late worlds.Items) {
	flushed := func(item *queueing.Item) bool { return item.Flushed }
	few, _ := worlds.Between(early.Without(flushed), late.Without(flushed))
	_, many := worlds.Between(early, late)
	least, most := few.Most(0, worlds.Ever), many.Most(0, worlds.Ever)
	extra := float64(len(early) - len(early.Without(flushed)))
	batch, takes := c.batch(place)
	run := c.result.Backlog[place]
	c.check(figure{"most records of the " + place, 0, float64(run.MaxRecords), float64(least.Records), float64(most.Records) + extra, batch})
	c.check(c.inTurn(figure{"greatest age of the " + place, 0, age(run.MaxSeconds), least.Age.Seconds(), most.Age.Seconds(), takes.Seconds()}))
	looks := few.At(c.times...)
	for _, phase := range c.result.Phases {
		if phase.Name != "hold" {
			continue
		}
		hold := many.Most(c.Hold[0], c.Hold[1])
		var looked queueing.Extent
		for i, e := range looks {
			if c.times[i] > c.Hold[0] {
				looked = looked.Over(e)
			}
		}
		b := phase.Backlog[place]
		c.check(figure{"most records of the " + place + " in the hold", 0, float64(b.MaxRecords), float64(looked.Records), float64(hold.Records), batch})
		c.check(c.inTurn(figure{"greatest age of the " + place + " in the hold", 0, age(b.MaxSeconds), looked.Age.Seconds(), hold.Age.Seconds(), takes.Seconds()}))
	}
}

// age is none where nothing waited that has one.
func age(seconds *float64) float64 {
	if seconds == nil {
		return 0
	}
	return *seconds
}

// worst is the figure that is furthest off of each name.
func (c *comparison) worst() (list []string) {
	worst := make(map[string]figure)
	for _, f := range c.off {
		if w, ok := worst[f.what]; !ok || f.off() > w.off() {
			worst[f.what] = f
		}
	}
	for _, what := range slices.Sorted(maps.Keys(worst)) {
		f := worst[what]
		list = append(list, f.String())
	}
	return list
}
