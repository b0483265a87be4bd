package scenarios

import (
	"cmp"
	"fmt"
	"time"

	"weir/replay"
)

// Replay is a load that was recorded.
type Replay struct {
	// A file, a folder, s3://bucket/prefix, kinesis://stream for a live one, or - for standard input. A path starts at the working directory.
	Source string `yaml:"source"`
	// Where a live stream is followed from: latest, trim-horizon, or an instant in RFC 3339.
	Begin string `yaml:"begin,omitempty"`
	// How long a live stream is followed. Left out, it is until the run is interrupted.
	For *Duration `yaml:"for,omitempty"`
	// How the records stand in the files.
	Format Format `yaml:"format"`
	// The paths of the columns of Parquet files that are read, with all below them. Left out, all are.
	Columns []string `yaml:"columns,flow,omitempty"`
	// Whether files are opened whose paths have a date outside of from and to; left out, they are not.
	AllFiles bool `yaml:"all_files,omitempty"`
	// What becomes of the objects in which Firehose keeps what it could not deliver: counted as skipped, or the record in each replayed.
	FirehoseErrors FirehoseErrors `yaml:"firehose_errors"`
	// In which order the records are sent.
	Order Order `yaml:"order"`
	// A factor on the recording's own timing, as 60x; or max, as fast as the pipeline takes it.
	Speed string `yaml:"speed,omitempty"`
	// A fixed rate instead of a speed, as 10k/s.
	Rate string `yaml:"rate,omitempty"`
	// The longest stretch of event time without a record that is waited for; a longer one is shortened to it.
	SkipIdle *Duration `yaml:"skip_idle,omitempty"`
	// The event time from which on records are sent: RFC 3339, or a date.
	From string `yaml:"from,omitempty"`
	// The event time from which on records are no longer sent: RFC 3339, or a date.
	To string `yaml:"to,omitempty"`
	// How many records of the replay are left out at its start: what an earlier run has sent.
	After Count `yaml:"after,omitempty"`
	// The share of the keys whose records are sent, all of a key or none; the seed chooses which.
	Sample *Share `yaml:"sample,omitempty"`
	// How often each record is sent, each time under a key of its own.
	Multiply Count `yaml:"multiply,omitempty"`
	// How often the recording is gone through, or forever. Each lap's event times follow on those of the one before.
	Loop Laps `yaml:"loop,omitempty"`
	// Whether records have the event times that were recorded, or such that the first is now.
	EventTimes EventTimes `yaml:"event_times"`
}

// NewReplay is the replay of a source with every default filled in.
func NewReplay(source string) *Replay {
	r := &Replay{Source: source}
	r.setDefaults()
	return r
}

func (r *Replay) setDefaults() {
	r.Format, r.FirehoseErrors, r.Order, r.EventTimes = AutoFormat, SkipErrors, ByEventTime, Recorded
}

// resolve fills the defaults of a replay that was made without them, and the speed, which a rate can stand for.
func (r *Replay) resolve() {
	r.Format, r.FirehoseErrors = cmp.Or(r.Format, AutoFormat), cmp.Or(r.FirehoseErrors, SkipErrors)
	r.Order, r.EventTimes = cmp.Or(r.Order, ByEventTime), cmp.Or(r.EventTimes, Recorded)
	if r.Speed == "" && r.Rate == "" {
		r.Speed = "1x"
	}
}

func (r *Replay) validate(p *problems) {
	if r.Source == "" {
		p.add("load.replay.source", "is empty")
	}
	oneOf(p, "load.replay.format", r.Format)
	oneOf(p, "load.replay.firehose_errors", r.FirehoseErrors)
	oneOf(p, "load.replay.order", r.Order)
	oneOf(p, "load.replay.event_times", r.EventTimes)
	r.validatePace(p)
	r.validateChoice(p)
	r.validateLive(p)
	if r.Loop != 0 && r.Loop != 1 && r.Source == "-" {
		p.add("load.replay.loop", "standard input can be read only once")
	}
}

func (r *Replay) validatePace(p *problems) {
	switch {
	case (r.Speed == "") == (r.Rate == ""):
		p.add("load.replay", "takes a speed or a rate, and not both")
	case r.Speed != "":
		if _, err := replay.ParseSpeed(r.Speed); err != nil {
			p.add("load.replay.speed", "%v", err)
		}
	default:
		if _, err := replay.ParseRate(r.Rate); err != nil {
			p.add("load.replay.rate", "%v", err)
		}
	}
	switch {
	case r.SkipIdle == nil:
	case time.Duration(*r.SkipIdle) < time.Millisecond || time.Duration(*r.SkipIdle)%time.Millisecond != 0:
		p.add("load.replay.skip_idle", "%s is not one millisecond or more, and whole ones", r.SkipIdle)
	case r.Rate != "" || r.Speed == "max":
		p.add("load.replay.skip_idle", "stands beside a rate or the speed max, which wait for no event time")
	}
}

// validateChoice judges which records are sent, and how often.
func (r *Replay) validateChoice(p *problems) {
	from, fromOK := r.instant(p, "load.replay.from", r.From)
	to, toOK := r.instant(p, "load.replay.to", r.To)
	if fromOK && toOK && !to.After(from) {
		p.add("load.replay.to", "%s is not after %s, where the records begin", r.To, r.From)
	}
	if r.Sample != nil && (*r.Sample <= 0 || *r.Sample > 1) {
		p.add("load.replay.sample", "%s is not above 0%% and at most 100%%", r.Sample)
	}
	if r.After < 0 {
		p.add("load.replay.after", "%s is below zero", r.After)
	}
	const most = 1000 // clones are made one by one
	if r.Multiply < 0 || r.Multiply > most {
		p.add("load.replay.multiply", "%s is not from 1 to %d", r.Multiply, most)
	}
}

// validateLive judges what a live stream takes, and what it does not.
func (r *Replay) validateLive(p *problems) {
	if _, live := replay.OnStream(r.Source); !live {
		if r.Begin != "" || r.For != nil {
			p.add("load.replay.source", "%s is no live stream, which begin and for are of", r.Source)
		}
		return
	}
	if r.For != nil && *r.For <= 0 {
		p.add("load.replay.for", "%s is not above zero", r.For)
	}
	if _, _, err := r.Position(); err != nil {
		p.add("load.replay.begin", "%v", err)
	}
	if r.Speed != "" && r.Speed != "1x" && r.Speed != "max" {
		p.add("load.replay.speed", "%s is not 1x: a live stream comes at its own speed", r.Speed)
	}
	if r.Loop != 0 && r.Loop != 1 {
		p.add("load.replay.loop", "a live stream can be read only once")
	}
}

// Position is where a live stream is followed from: at its newest record, its oldest, or an instant.
func (r *Replay) Position() (oldest bool, at time.Time, err error) {
	switch r.Begin {
	case "", "latest":
		return false, time.Time{}, nil
	case "trim-horizon":
		return true, time.Time{}, nil
	}
	at, err = replay.ParseInstant(r.Begin)
	if err != nil {
		err = fmt.Errorf("it is neither latest nor trim-horizon, and %w", err)
	}
	return false, at, err
}

// instant reads an instant that may be left out; it is not ok where there is none.
func (r *Replay) instant(p *problems, path, text string) (at time.Time, ok bool) {
	if text == "" {
		return time.Time{}, false
	}
	at, err := replay.ParseInstant(text)
	if err != nil {
		p.add(path, "%v", err)
	}
	return at, err == nil
}
