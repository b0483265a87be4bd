package sizing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"weir/limits"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/survey"
)

// use is how much of one part of the pipeline a load uses, and which number would give it more; none gives a key more.
type use struct {
	result.SizingUse
	what   scenarios.Sought
	change string
}

// uses are the parts of a pipeline with a configuration, the busiest first.
func (m *model) uses(c Configuration, p *prediction) []use {
	list := []use{m.shardUse(c), m.keyUse(c)}
	list = append(list, subtaskUses(p.use.Sources, p.use.Windows)...)
	if len(p.use.Output) > 0 {
		list = append(list, outputUse(p.use.Output), m.outputReads())
	}
	list = append(list, tableUse(c, &p.use.Table))
	slices.SortStableFunc(list, func(a, b use) int { return cmp.Compare(b.Share, a.Share) })
	return list
}

// shardUse is the busiest shard of the input, by what comes to it: more than it takes, where it throttles.
func (m *model) shardUse(c Configuration) use {
	p := m.trace.Peak(c.Shards)
	records, bytes := float64(p.Records)*c.Load/limits.ShardWriteRecordsPerSecond, float64(p.Bytes)*c.Load/limits.ShardWriteBytesPerSecond
	u := use{what: scenarios.SoughtShards, change: "more shards"}
	if m.packed() {
		records, bytes = 0, bytes*packing
	} else {
		u.change = "more shards, or records that are packed as the KPL does it"
	}
	u.Part, u.Share = fmt.Sprintf("shard %d of the input", p.RecordsIn), max(records, bytes)
	u.Says = fmt.Sprintf("gets %s of %s records in its busiest second, at %s", thousands(int64(float64(p.Records)*c.Load)), thousands(limits.ShardWriteRecordsPerSecond), p.RecordsAt)
	if bytes > records {
		u.Part = fmt.Sprintf("shard %d of the input", p.BytesIn)
		u.Says = fmt.Sprintf("gets %s of %s in its busiest second, at %s", survey.Size(int64(float64(p.Bytes)*c.Load)), survey.Size(limits.ShardWriteBytesPerSecond), p.BytesAt)
	}
	return u
}

func (m *model) keyUse(c Configuration) use {
	d := &m.demand
	records, bytes := float64(d.KeyRecords)*c.Load/limits.ShardWriteRecordsPerSecond, float64(d.KeyBytes)*c.Load/limits.ShardWriteBytesPerSecond
	if m.packed() {
		records = 0
	}
	u := use{change: "another partition key, one that splits it: no number of shards does"}
	u.Part, u.Share = fmt.Sprintf("key %s", d.Key), max(records, bytes)
	u.Says = fmt.Sprintf("has %s records in its busiest second, and one shard takes %s", thousands(int64(float64(d.KeyRecords)*c.Load)), thousands(limits.ShardWriteRecordsPerSecond))
	if bytes > records {
		u.Says = fmt.Sprintf("has %s in its busiest second, and one shard takes %s", survey.Size(int64(float64(d.KeyBytes)*c.Load)), survey.Size(limits.ShardWriteBytesPerSecond))
	}
	return u
}

func subtaskUses(sources, windows []simulator.SubtaskUse) []use {
	busiest := func(kind string, of []simulator.SubtaskUse) use {
		at := 0
		for i := range of {
			if of[i].PeakBusy > of[at].PeakBusy {
				at = i
			}
		}
		u := use{what: scenarios.SoughtParallelism, change: "more parallelism"}
		u.Part, u.Share = fmt.Sprintf("%s subtask %d", kind, at), of[at].PeakBusy
		u.Says = fmt.Sprintf("is busy for %.0f %% of its busiest seconds, and for %.0f %% of the feed", 100*of[at].PeakBusy, 100*of[at].Busy)
		if held := of[at].BackPressured; held >= 0.01 {
			u.Says += fmt.Sprintf("; for %.0f %% it waits for what is behind it", 100*held)
		}
		return u
	}
	return []use{busiest("source", sources), busiest("window", windows)}
}

func outputUse(shards []simulator.ShardUse) use {
	at, share := 0, 0.0
	for i := range shards {
		s := &shards[i]
		if of := max(float64(s.PeakRecords)/limits.ShardWriteRecordsPerSecond, float64(s.PeakBytes)/limits.ShardWriteBytesPerSecond); of > share {
			at, share = i, of
		}
	}
	u := use{what: scenarios.SoughtOutput, change: "more shards of the output"}
	u.Part, u.Share = fmt.Sprintf("shard %d of the output", at), share
	u.Says = fmt.Sprintf("takes %s rows and %s in its busiest second", thousands(shards[at].PeakRecords), survey.Size(shards[at].PeakBytes))
	if n := shards[at].Throttled; n > 0 {
		u.Says += fmt.Sprintf(", and throttles %s", plural(int(n), "row"))
	}
	return u
}

// outputReads are the polls of the event source mappings, which share a shard's five reads a second.
func (m *model) outputReads() use {
	routes, poll := len(m.scenario.RouteNames()), time.Duration(m.scenario.Pipeline.Output.Poll)
	polls := float64(routes) * min(limits.ShardReadsPerSecond, 1/poll.Seconds())
	u := use{change: "fewer routes on one stream, or an output stream for some of them"}
	u.Part, u.Share = "reads of a shard of the output", polls/limits.ShardReadsPerSecond
	u.Says = fmt.Sprintf("are %.3g of 5 a second, by %s", polls, plural(routes, "route"))
	return u
}

func tableUse(c Configuration, t *simulator.TableUse) use {
	have, kind := float64(c.WriteCapacity), "write units"
	if c.WriteCapacity == 0 {
		have, kind = limits.OnDemandWritesPerSecond, "write units of a new on-demand table"
	}
	u := use{what: scenarios.SoughtTable, change: "more write capacity"}
	u.Part, u.Share = "the table", t.PeakUnits/have
	u.Says = fmt.Sprintf("writes %s of %s %s in its busiest second", thousands(int64(t.PeakUnits)), thousands(int64(have)), kind)
	if t.Throttled > 0 {
		u.Says += fmt.Sprintf(", and throttles %s", plural(int(t.Throttled), "write"))
	}
	return u
}

// advise says what binds, what would next, what to change first, and how sure that is.
func (s *search) advise(c Configuration, p *prediction) *result.SizingAdvice {
	uses := s.model.uses(c, p)
	a := &result.SizingAdvice{}
	for i := range uses {
		a.Uses = append(a.Uses, uses[i].SizingUse)
	}
	first, next := &uses[0], &uses[1]
	// What gives both more is one thing to change.
	for i := 1; i < len(uses); i++ {
		if uses[i].change != first.change {
			next = &uses[i]
			break
		}
	}
	a.Words = append(a.Words,
		fmt.Sprintf("%s binds: it %s (%.0f %%).", first.Part, first.Says, 100*first.Share),
		fmt.Sprintf("%s would be next: it %s (%.0f %%).", next.Part, next.Says, 100*next.Share),
		fmt.Sprintf("For more load, change first: %s.", first.change),
	)
	if key := s.model.keyUse(c); key.Share > 0.8 {
		a.Words = append(a.Words, fmt.Sprintf("%s takes %.0f %% of what one shard can: from there on more shards do not help.", key.Part, 100*key.Share))
	}
	a.Words = append(a.Words, s.cramped...)
	if every := s.scenario.Pipeline.Aggregator.Checkpoints; every != nil {
		a.Words = append(a.Words, fmt.Sprintf("Not simulated: the checkpoint each %s, at which every subtask waits for the others and for the rows that were emitted before; runs have it.", every.Every))
	}
	if sizing := s.sizing.Answer; sizing != nil {
		a.Words = append(a.Words, "How sure: "+howSure[sizing.Sure]+s.agreement())
	}
	return a
}

// howSure says what each word for it means.
var howSure = map[string]string{
	Confirmed: "confirmed, for runs have held the answer and not the next step beyond it.",
	Held:      "held by a run; whether the next step beyond it holds, too, was not found out.",
	Simulated: "simulated only.",
}

// agreement is how often runs came out as they were simulated.
func (s *search) agreement() string {
	agreed, of := 0, 0
	for i := range s.sizing.Trials {
		t := &s.sizing.Trials[i]
		if t.Simulated == nil || t.Measured.Verdict == "void" {
			continue
		}
		of++
		if t.Simulated.Holds == t.Measured.Holds {
			agreed++
		}
	}
	if of == 0 {
		return ""
	}
	return fmt.Sprintf(" %d of %s came out as simulated.", agreed, plural(of, "run"))
}
