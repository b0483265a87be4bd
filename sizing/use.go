package sizing

import (
	"fmt"
	"math"
	"slices"
	"time"

	"weir/result"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/survey"
)

// use is how much of one part of the pipeline a load uses, and which number would give it more; no number gives a key more.
type use struct {
	result.SizingUse
	simulator.Load
	what   scenarios.Sought
	change string
	key    bool // it is a key's
}

// shares are those of the busiest second and of the feed.
func (u *use) shares() string {
	return fmt.Sprintf("%s in its busiest second, %s over the feed", result.Percent(u.Peak), result.Percent(u.Feed))
}

// wording is how the use of a kind of parts is put into words, and what is to be changed for more of it.
type wording struct {
	what   scenarios.Sought
	change string
	// part names it; says has how much comes in its busiest second, and how much it can do.
	part   func(p *simulator.Part) string
	says   string
	amount func(x float64) string
}

const (
	moreShards  = "more shards"
	moreOutput  = "more shards of the output"
	fewerRoutes = "more shards of the output, or fewer routes on one stream"
	slowReads   = "calls of GetRecords that take less time or get more records, or more shards"
	otherKey    = "another partition key, one that splits it: no number of shards does"
)

func ofKey(p *simulator.Part) string { return "key " + p.Key }

// count and bytes write an amount.
func count(x float64) string {
	if math.IsInf(x, 1) {
		return "any number of"
	}
	return thousands(int64(x))
}

func bytes(x float64) string { return survey.Size(int64(x)) }

// named names a part by its number.
func named(format string) func(*simulator.Part) string {
	return func(p *simulator.Part) string { return fmt.Sprintf(format, p.Index) }
}

func ofRoute(p *simulator.Part) string {
	return fmt.Sprintf("the function of route %s, lane %d of shard %d", p.Route, p.Lane, p.Index)
}

var wordings = map[simulator.Kind]wording{
	simulator.WriterCalls: {
		"", "calls that take less time, or records that are packed as the KPL does it", func(*simulator.Part) string { return "the writer" },
		"gets %s records in its busiest second, at %s, and sends %s", count,
	},
	simulator.WriterLane: {
		scenarios.SoughtShards, "more shards, because each has one call in flight", named("the writer's queue of shard %d"),
		"gets %s records in its busiest second, at %s, and sends %s", count,
	},
	simulator.InputRecords: {
		scenarios.SoughtShards, "more shards, or records that are packed as the KPL does it", named("shard %d of the input (by records)"),
		"gets %s records in its busiest second, at %s, and takes %s", count,
	},
	simulator.InputBytes: {scenarios.SoughtShards, moreShards, named("shard %d of the input (by bytes)"), "gets %s in its busiest second, at %s, and takes %s", bytes},
	simulator.KeyRecords: {"", otherKey, ofKey, "has %s records in its busiest second, at %s, and one shard takes %s", count},
	simulator.KeyBytes:   {"", otherKey, ofKey, "has %s in its busiest second, at %s, and one shard takes %s", bytes},
	simulator.InputReads: {
		scenarios.SoughtShards, "fewer readers, or more shards", named("the reading of shard %d of the input (by calls)"),
		"takes %s reads in its busiest second, at %s, and the shard gives %s", fraction,
	},
	simulator.InputReadTime: {
		scenarios.SoughtShards, slowReads, named("the reading of shard %d of the input (by the time of a call)"),
		"has %s records in its busiest second, at %s, and one call after another reads %s", count,
	},
	simulator.InputReadBytes: {
		scenarios.SoughtShards, "more shards, or fewer readers", named("the reading of shard %d of the input (by bytes)"),
		"has %s to read in its busiest second, at %s, and each reader may read %s", bytes,
	},
	simulator.Source: {scenarios.SoughtParallelism, "more parallelism", named("source subtask %d"), "gets %s records in its busiest second, at %s, and does %s", count},
	simulator.Window: {scenarios.SoughtParallelism, "more parallelism", named("window subtask %d"), "gets %s records in its busiest second, at %s, and does %s", count},
	simulator.OutputRecords: {
		scenarios.SoughtOutput, moreOutput, named("shard %d of the output (by records)"), "gets %s rows in its busiest second, at %s, and takes %s", count,
	},
	simulator.OutputBytes: {scenarios.SoughtOutput, moreOutput, named("shard %d of the output (by bytes)"), "gets %s in its busiest second, at %s, and takes %s", bytes},
	simulator.OutputReads: {
		scenarios.SoughtOutput, fewerRoutes, named("the reading of shard %d of the output (by calls)"),
		"takes %s reads in its busiest second, at %s, and the shard gives %s", fraction,
	},
	simulator.OutputReadTime: {
		scenarios.SoughtOutput, slowReads, named("the reading of shard %d of the output (by the time of a call)"),
		"has %s rows in its busiest second, at %s, and one call after another reads %s", count,
	},
	simulator.OutputReadBytes: {
		scenarios.SoughtOutput, fewerRoutes, named("the reading of shard %d of the output (by bytes)"),
		"has %s to read in its busiest second, at %s, and each route may read %s", bytes,
	},
	simulator.Function: {
		scenarios.SoughtOutput, "a faster function, more lanes for it (parallelization_factor), or more shards of the output", ofRoute,
		"gets %s rows in its busiest second, at %s, and handles %s", count,
	},
	simulator.TableCalls: {
		"", "a faster table", func(*simulator.Part) string { return "the table's client" },
		"gets %s rows in its busiest second, at %s, and writes %s", count,
	},
	simulator.TableUnits: {
		scenarios.SoughtTable, "more write capacity", func(*simulator.Part) string { return "the table" },
		"gets %s write units in its busiest second, at %s, and takes %s", count,
	},
}

// fraction writes a number of reads.
func fraction(x float64) string { return fmt.Sprintf("%.3g", x) }

// useOf puts the use of a part into words.
func useOf(p *simulator.Part) use {
	w := wordings[p.Kind]
	peak := p.Peak * p.PerSecond
	if math.IsInf(p.PerSecond, 1) {
		peak = 0
	}
	says := fmt.Sprintf(w.says, w.amount(peak), p.PeakAt, w.amount(p.PerSecond))
	if math.IsInf(p.PerSecond, 1) {
		says = "takes no time for a record"
	}
	if p.Throttled > 0 {
		says += fmt.Sprintf("; it throttled %s", plural(int(p.Throttled), "time"))
	}
	if p.CallTime > 0 {
		says += fmt.Sprintf("; a call takes %s", p.CallTime.Round(time.Millisecond))
	}
	if p.ReadsThrottled > 0 {
		says += fmt.Sprintf("; %s throttled", were(p.ReadsThrottled, "read"))
	}
	if p.BackPressured >= 0.01 {
		says += fmt.Sprintf("; for %.0f %% of the feed it waits for what is behind it", 100*p.BackPressured)
	}
	if p.Others >= 1 {
		w.what, w.change = "", "fewer readers: the other readers use all five reads of every shard"
	}
	u := use{Load: p.Load, what: w.what, change: w.change, key: p.Key != ""}
	u.SizingUse = result.SizingUse{Part: w.part(p), Says: says, PeakShare: p.Peak, FeedShare: p.Feed, SecondsOver: p.Over}
	if p.HoldName != "" {
		u.HoldShare, u.SizingUse.HoldName = new(p.Hold), p.HoldName
	}
	if p.Over > 0 && !p.Spared() {
		u.DrainedIn = new(p.Drained.Seconds())
	}
	return u
}

func were(n int64, what string) string {
	if n == 1 {
		return "1 " + what + " was"
	}
	return plural(int(n), what) + " were"
}

// most is the greatest use of the part over the whole feed or a hold, in words.
func (u *use) most() string {
	if u.Load.Feed >= u.Load.Hold {
		return result.Percent(u.Feed) + " over the feed"
	}
	return result.Percent(u.Hold) + " over the phase " + u.Load.HoldName
}

// tooMuch is the reason why a configuration with this part does not hold.
func (u *use) tooMuch() string {
	return fmt.Sprintf("%s is used %s: it %s", u.Part, u.most(), u.Says)
}

// usesOf are the parts of a simulated pipeline, the busiest first.
func usesOf(parts []simulator.Part) []use {
	var list []use
	for i := range parts {
		list = append(list, useOf(&parts[i]))
	}
	sortUses(list)
	return list
}

func sortUses(list []use) {
	slices.SortStableFunc(list, func(a, b use) int {
		switch {
		case a.Load.Worse(&b.Load):
			return -1
		case b.Load.Worse(&a.Load):
			return 1
		}
		return 0
	})
}

// overused is the busiest part with a use of 100 % or more over a hold or over the whole feed, nil where there is none.
func overused(parts []simulator.Part) *use {
	var most *use
	for i := range parts {
		if p := &parts[i]; p.Overused() && (most == nil || p.Sustained() > most.Sustained()) {
			most = new(useOf(p))
		}
	}
	return most
}

// sustained is the greatest use of any part over a hold or over the whole feed.
func sustained(parts []simulator.Part) float64 {
	most := 0.0
	for i := range parts {
		most = max(most, parts[i].Sustained())
	}
	return most
}

// drained names the parts whose use is over 100 % in some seconds only, with the time until each had made up for it. A part that refused nothing had nothing to
// make up for.
func drained(uses []use) (words []string) {
	for i := range uses {
		if u := &uses[i]; u.DrainedIn != nil && !u.Overused() {
			words = append(words, fmt.Sprintf("%s is used over 100 %% for %d s, and has made up for it after %s.", u.Part, u.Over, u.Load.Drained.Round(10*time.Millisecond)))
		}
	}
	return words
}
