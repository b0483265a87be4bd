package replay

import (
	"cmp"
	"context"
	"errors"
	"time"

	"weir/record"
	"weir/survey"
)

// Survey is what a recording holds and what its replay would ask of a stream.
type Survey struct {
	Source string
	Order  Order
	Pace   Pace
	// Files were begun.
	Files   int64
	Skipped Skipped
	// LeftOut counts the records that are not replayed, for they were not asked for.
	LeftOut int64
	// Unopened are the files whose partition lies outside of what was asked for.
	Unopened UnopenedFiles
	// Loop is how often the recording would be replayed; the rest is of one lap.
	Loop int
	// Multiply is how often each record is in it.
	Multiply int
	// SkipIdle is what longer stretches without a record are shortened to, 0 for nothing.
	SkipIdle time.Duration
	// Gaps are the longest stretches of event time without a record, the longest first.
	Gaps []Gap
	// FirstEvent and LastEvent are the least and the greatest event time, in ms since the Unix epoch.
	FirstEvent, LastEvent int64
	Disorder              Disorder
	// Forms are the forms that the files have, and Fields what the first records hold.
	Forms  []FileForm
	Fields []Field
	looked int64 // records that Fields are of
	// Command replays the recording; empty where nobody said how.
	Command string
	// All has all of it shown, where what is shown else is about a screen.
	All bool
	// Guessed says how the event times are read, where that was guessed.
	Guessed string
	// likeRows says how a file that was taken for NDJSON may be read as CSV.
	likeRows string
	// inPaths are the columns that the paths of files have.
	inPaths pathColumns
	// implausible are the warnings of event times that are hardly what was meant.
	implausible []string
	// Load is what would be sent. Without a schedule, as at [Pace.Max], it has no peaks.
	survey.Load
}

// Disorder is how far a recording's order is from that of its event times.
type Disorder struct {
	// Records came after one with a later event time, the worst of them by Worst.
	Records int64
	Worst   time.Duration
	// Unsorted counts those that sorting comes too late for; see [ByEventTime].
	Unsorted int64
}

// TakeSurvey goes through a recording as a replay would, without its timing, and says what it found. It reads to the end, so
// that it takes as long as reading takes, in the memory of a replay; of a loop, it goes through one lap. shards is the number of shards
// of the stream.
func TakeSurvey(ctx context.Context, o Options, shards int) (Survey, error) {
	if shards < 1 {
		return Survey{}, errors.New("a stream has at least one shard")
	}
	loop := o.Loop
	o.Loop = 1
	var fields census
	source, err := open(ctx, o, &fields)
	if err != nil {
		return Survey{}, err
	}
	o.Loop = loop
	defer source.Close()
	found := survey.NewCollector(shards)
	if o.Pace.Max() {
		found = survey.NewCollector(0)
	}
	var idle gaps
	take := func(chunk []record.Record) { found.Add(chunk); idle.add(chunk) }
	if err := collect(ctx, source, take); err != nil {
		return Survey{}, cmp.Or(ctx.Err(), err)
	}
	s := newSurvey(source, &o, found.Load())
	s.Gaps, s.Forms = idle.longest, source.lines.forms
	s.Fields, s.looked = fields.fields, fields.records
	return s, nil
}

// collect goes through the source: it is read, decoded and taken at once, each in a goroutine.
func collect(ctx context.Context, source *Source, take func([]record.Record)) error {
	for _, chunk := range source.ahead {
		take(chunk)
	}
	source.ahead = nil
	ended := make(chan error, 1)
	go func() { ended <- source.Run(ctx) }()
	for chunk := range source.chunks {
		take(chunk)
		select {
		case source.free <- chunk:
		default:
		}
	}
	return <-ended
}

func newSurvey(source *Source, o *Options, load survey.Load) Survey {
	stats, c := source.Stats(), source.parser.counts
	if c.unreadable > 0 {
		load.UnreadableAs = c.unusable.String()
	}
	return Survey{
		Source: o.Source, Order: cmp.Or(o.Order, ByEventTime), Pace: o.Pace, Load: load,
		LeftOut: stats.LeftOut, Loop: o.Loop, Multiply: o.Multiply, SkipIdle: o.SkipIdle,
		Unopened: stats.Unopened, Files: source.lines.files, Skipped: stats.Skipped, FirstEvent: c.first, LastEvent: c.newest,
		likeRows: source.lines.likeRows, inPaths: source.lines.inPaths, implausible: stats.Warnings,
		Disorder: Disorder{Records: c.behind, Worst: c.worst, Unsorted: stats.Disordered},
	}
}
