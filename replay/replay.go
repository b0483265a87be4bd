// Package replay brings recordings back at their own timing.
//
// A recording is NDJSON, JSON objects one after another or in an array, CSV, or Parquet, compressed or not (all told by a file's first bytes, not by its
// name); in a file, a folder, an S3 prefix or a stream. On its way to the feeder a record passes these files:
//
//	files.go, folder.go, objects.go, stdin.go   which files there are, in which order, and how each is opened
//	listed.go, partitions.go                    which of them are not read
//	resume.go                                   goes on where an object's connection breaks
//	prefetch.go                                 opens the next files while one is read
//	compression, content.go, lines.go           files to text, and text to blocks of whole lines
//	format.go, framing.go                       or of whole records, where those are not lines:
//	concatenated.go, array.go,                  objects one after another,
//	csv.go, csv_object.go                       rows,
//	parquet, columnar.go                        and columns
//	parse.go, envelope.go, firehose.go,         lines and the like to records,
//	captured.go, partition_key.go
//	skip.go                                     or to a skip that says why
//	selection.go, clone.go, laps.go             which of them, how often, and over again
//	sequence.go, sort.go, run.go, brief.go      records into the order in which they are replayed
//	pace.go, schedule.go                        the due time of each: arithmetic, no clock
//	retime.go, rewrite.go                       event times that are moved, in the JSON, too
//	source.go                                   the seam: what is due before t
//
// Beforehand, times.go tells how the event times are written. census.go says which fields and formats there are.
// [Open] checks and reads ahead, [Source.Run] reads on, [Source.Fill] hands out. [TakeSurvey] goes through a recording without
// replaying it.
package replay

import (
	"errors"
	"fmt"
	"io"
	"time"

	"weir/record"
)

// Options say what is replayed and how.
type Options struct {
	// Source is a file, a folder, s3://bucket/prefix, or - for Stdin. All regular files below a folder are read, in byte
	// order of their path relative to it, hidden ones named as skipped; the objects of a prefix in key order. So a Firehose
	// layout (yyyy/MM/dd/HH/…) comes in the order of its hours.
	Source string
	// Stdin is read where Source is "-", and where it is a [Lookahead] of the source.
	Stdin io.Reader
	// S3 is asked where [OnS3] says so.
	S3 S3
	// Format is how records stand in the files; empty stands for [AutoFormat].
	Format Format
	// Columns are the paths of the columns of Parquet files that are read, with all below them; none stands for all.
	Columns []string
	// FirehoseErrors says what becomes of the objects in which Firehose keeps what it could not deliver; empty stands for
	// [SkipErrors].
	FirehoseErrors FirehoseErrors
	// Fields are the paths that are read in each record.
	Fields record.Fields
	// Required are the paths out of Fields that the user gave, and that the recording must therefore have: see
	// [ErrNoSuchField].
	Required []string
	// RecordBytes is the most that the stream takes of a record, data and partition key; 0 stands for Kinesis's default, 1 MiB.
	RecordBytes int
	// Order is the order in which records are replayed; empty stands for [ByEventTime].
	Order Order
	// Pace says how fast; the zero value is the recording's own timing.
	Pace Pace
	// Delay is added to each due time, of a source that is read as it comes: it would be late otherwise, by as long as it takes to read. With it, what
	// was read is handed on at once.
	Delay time.Duration
	// SkipIdle, where it is not 0, shortens every stretch of event time without a record to it, in whole milliseconds. Event
	// times stay as they are.
	SkipIdle time.Duration
	// From and To, where they are not zero, leave out records with an event time before From, or at To and later.
	From, To time.Time
	// AllFiles has every file opened, whatever date its path has. Else those whose partition lies before From or after To, by over an hour, are not.
	AllFiles bool
	// After leaves out the first so many records of the replay, clones and laps counted, as [Stats.Offered] counts them: a replay
	// that was stopped goes on with what it had not handed out.
	After int64
	// Sample, between 0 and 1, is the share of the keys whose records are replayed, all of a key or none; 0 and 1 stand for all. Seed
	// chooses which. A larger share has the keys of a smaller one.
	Sample float64
	Seed   uint64
	// Loop is how often the recording is replayed, or [Forever]; 0 stands for once. Each lap's event times, in the records too, are
	// later than those of the one before, by the span of the recording and the mean distance of its records.
	Loop int
	// Multiply is how often each record is replayed, under a key of its own each time; 0 stands for once. It makes more keys, where
	// a higher speed makes the same keys faster.
	Multiply int
	// ShiftTo, where it is not zero, moves all event times, in the records too, by as many whole seconds as bring the first there.
	ShiftTo time.Time
}

// Order is the order in which a recording's records are replayed.
type Order string

const (
	// ByEventTime sorts within a buffer of an hour of event time, a million records or 256 MiB, whichever is full first.
	// Records of one event time keep the recording's order. A record older than one that has already left the buffer
	// goes at once, and is counted.
	ByEventTime Order = "event-time"
	// ByFile keeps the recording's order.
	ByFile Order = "file"
)

// ParseOrder reads an order as the command line and scenarios write it.
func ParseOrder(text string) (Order, error) {
	switch order := Order(text); order {
	case ByEventTime, ByFile:
		return order, nil
	}
	return "", fmt.Errorf("order %q is neither %s nor %s", text, ByEventTime, ByFile)
}

// Why a source cannot be replayed at all. The error that wraps one of these is a sentence that names the source.
//
// The first five say that what the user asked for cannot be meant, as a usage error does; the last two, that the world is not
// as it should be.
var (
	// ErrNotFound: there is no such file, folder or bucket.
	ErrNotFound = errors.New("does not exist")
	// ErrEmpty: the folder has no file, the prefix no object, or no line can be replayed (a recording whose first 10,000
	// lines are all unusable is given up).
	ErrEmpty = errors.New("holds no record")
	// ErrNoSuchField: a path that the user gave is in none of the first 10,000 records, or none of them has an event time, or a partition key.
	ErrNoSuchField = errors.New("no such field")
	// ErrUnreadTime: no record can be replayed, and the first one has an event time in a form that is not understood.
	ErrUnreadTime = errors.New("event times cannot be read")
	// ErrImpossible: the recording cannot be replayed in the way that was asked for.
	ErrImpossible = errors.New("cannot be done")
	// ErrDenied: reading is not allowed.
	ErrDenied = errors.New("access denied")
	// ErrUnreachable: the endpoint does not answer.
	ErrUnreachable = errors.New("does not answer")
)
