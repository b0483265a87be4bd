package main

import (
	"github.com/spf13/pflag"

	"weir/scenarios"
)

// replayFlags are the shorthands for the fields of a scenario's replay.
type replayFlags struct {
	order, speed, rate     string
	format, firehoseErrors string
	from, to               string
	skipIdle               scenarios.Duration
	sample                 scenarios.Share
	after                  int64
	multiply               int
	loop                   scenarios.Laps
	shiftToNow             bool
	columns                []string
	allFiles               bool
	begin                  string
	lasting                scenarios.Duration
}

func (f *replayFlags) register(flags *pflag.FlagSet) {
	d := scenarios.NewReplay("")
	f.sample, f.loop = 1, 1
	flags.StringVar(&f.format, "format", string(d.Format), "auto: told by how a file starts; or ndjson, concatenated (JSON), array (JSON), csv; Parquet is always told")
	flags.StringSliceVar(&f.columns, "columns", nil, "of Parquet files: the paths of the columns that are read (default all)")
	flags.BoolVar(&f.allFiles, "all-files", false, "open files, too, whose paths have a date outside of --from and --to")
	flags.StringVar(&f.firehoseErrors, "firehose-errors", string(d.FirehoseErrors), "skip, or replay: what becomes of the records that Firehose could not deliver")
	flags.StringVar(&f.order, "order", string(d.Order), "event-time, or file: the recording's own order")
	flags.StringVar(&f.speed, "speed", "1x", "1x, 60x, …, or max: as fast as the pipeline takes it")
	flags.StringVar(&f.rate, "rate", "", "a fixed rate instead of a speed: 10k/s, 600k/min")
	flags.Var(&f.skipIdle, "skip-idle", "shorten longer stretches of event time without a record to this")
	flags.StringVar(&f.from, "from", "", "leave out records with an event time before this: RFC 3339, or a date")
	flags.StringVar(&f.to, "to", "", "leave out records with an event time at this or later: RFC 3339, or a date")
	flags.Int64Var(&f.after, "after", 0, "leave out the first so many records of the replay, which an earlier run has sent")
	flags.Var(&f.sample, "sample", "send the records of this share of the keys, all of a key or none")
	flags.IntVar(&f.multiply, "multiply", 1, "send each record so often, each time under a key of its own")
	flags.Var(&f.loop, "loop", "go through the recording so often, or forever; event times go on from lap to lap")
	flags.StringVar(&f.begin, "begin", "latest", "of a live stream: latest, trim-horizon, or an instant in RFC 3339: where it is followed from")
	flags.Var(&f.lasting, "for", "of a live stream: for how long it is followed (default until Ctrl-C)")
	flags.Lookup("for").DefValue, flags.Lookup("skip-idle").DefValue = "", "" // without them is not the same as 0s
	flags.BoolVar(&f.shiftToNow, "shift-to-now", false, "move event times, in the records too, so that the first is now")
}

// changeReplay writes what was given over the replay of a scenario, nil where its load is made.
func (f *replayFlags) changeReplay(replay *scenarios.Replay, flags *pflag.FlagSet) error {
	if flags.Changed("speed") && flags.Changed("rate") {
		return usage("--speed and --rate exclude each other")
	}
	if flags.Changed("multiply") && f.multiply < 1 {
		return usage("--multiply %d is not 1 or more", f.multiply)
	}
	for name, set := range map[string]func(){
		"format":          func() { replay.Format = scenarios.Format(f.format) },
		"columns":         func() { replay.Columns = f.columns },
		"all-files":       func() { replay.AllFiles = f.allFiles },
		"firehose-errors": func() { replay.FirehoseErrors = scenarios.FirehoseErrors(f.firehoseErrors) },
		"order":           func() { replay.Order = scenarios.Order(f.order) },
		"speed":           func() { replay.Speed, replay.Rate = f.speed, "" },
		"rate":            func() { replay.Speed, replay.Rate = "", f.rate },
		"skip-idle":       func() { replay.SkipIdle = &f.skipIdle },
		"from":            func() { replay.From = f.from },
		"to":              func() { replay.To = f.to },
		"after":           func() { replay.After = scenarios.Count(f.after) },
		"sample":          func() { replay.Sample = &f.sample },
		"multiply":        func() { replay.Multiply = scenarios.Count(f.multiply) },
		"loop":            func() { replay.Loop = f.loop },
		"begin":           func() { replay.Begin = f.begin },
		"for":             func() { replay.For = &f.lasting },
		"shift-to-now":    func() { replay.EventTimes = eventTimes(f.shiftToNow) },
	} {
		if !flags.Changed(name) {
			continue
		}
		if replay == nil {
			return usage("--%s is for a recording, and this scenario makes its load", name)
		}
		set()
	}
	return nil
}

func eventTimes(shifted bool) scenarios.EventTimes {
	if shifted {
		return scenarios.FromNow
	}
	return scenarios.Recorded
}
