package replay

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Reason is why something in a recording was skipped.
type Reason string

const (
	NotJSON         Reason = "not a JSON object"
	NoEventTime     Reason = "no event time"
	BadEventTime    Reason = "event time that cannot be read"
	NoPartitionKey  Reason = "no partition key"
	LongKey         Reason = "partition key over 256 characters"
	InvalidKey      Reason = "partition key is not UTF-8"
	InvalidText     Reason = "kind or key is not UTF-8"
	ReservedKey     Reason = "partition key is reserved for weir's own flush records"
	LargeRecord     Reason = "record larger than the stream takes" // see [Options.RecordBytes]
	LongLine        Reason = "line over 24 MiB"                    // see maxLine
	Broken          Reason = "file breaks off"                     // what came before the break is replayed
	Changed         Reason = "object changed while it was read"
	Unopened        Reason = "file cannot be opened"
	UnknownEncoding Reason = "file is compressed or encoded in a way that is not read"
	BadHeader       Reason = "CSV header is unusable"
	BadRow          Reason = "not a row of the CSV header's columns"
	HeaderAgain     Reason = "the CSV header once more"
	NotCloned       Reason = "no part of its key can be another in a clone" // see [Options.Multiply]
	NotMoved        Reason = "event time that cannot be moved"              // see [record.ErrTimeForm]
	BadCapture      Reason = "line of a capture that cannot be read"
	FirehoseError   Reason = "error object of Firehose" // see [Options.FirehoseErrors]
	BadColumns      Reason = "Parquet that cannot be read"
	BadEnvelope     Reason = "envelope of records that cannot be opened"
	ControlMessage  Reason = "control message of CloudWatch Logs"
	HiddenFile      Reason = "hidden file, left out"
	HiddenFolder    Reason = "hidden folder, left out"
	LinkedFolder    Reason = "link to a folder, not followed"
	MarkerFile      Reason = "file that a program puts beside data, left out"
	NoRegularFile   Reason = "neither a file nor a folder, left out"
)

// Skip is a line, or a file from some line on, that is not replayed.
type Skip struct {
	Reason Reason
	// File is the path within the source, or the S3 key.
	File string
	// Line counts from 1; it is 0 where the skip is of the whole file.
	Line int64
	// Offset is how many bytes of the file's text, decompressed, stand before it.
	Offset int64
	// Detail is the error behind the reason, if there is one.
	Detail string
	// Sample is how the line starts.
	Sample string
}

// Skipped is everything in a recording that is not replayed.
type Skipped struct {
	Count    int64
	ByReason map[Reason]int64
	// Samples are the first few of each reason, in the order in which they were found.
	Samples []Skip
}

const (
	samplesPerReason = 5
	sampleBytes      = 200
)

// skipLog collects skips. It is safe for concurrent use, for the reader and the parser both find some.
type skipLog struct {
	mu      sync.Mutex
	skipped Skipped
}

func (l *skipLog) add(s Skip, line []byte) {
	if l.count(s.Reason) {
		l.keep(s, line)
	}
}

// count counts a skip, and says whether it is one of the first, which are kept as samples.
func (l *skipLog) count(reason Reason) (first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.skipped.ByReason == nil {
		l.skipped.ByReason = make(map[Reason]int64)
	}
	l.skipped.Count++
	l.skipped.ByReason[reason]++
	return l.skipped.ByReason[reason] <= samplesPerReason
}

// keep keeps a skip as a sample.
func (l *skipLog) keep(s Skip, line []byte) {
	s.Sample = sampleOf(line)
	s.Detail = strings.ToValidUTF8(s.Detail, "\uFFFD")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.skipped.Samples = append(l.skipped.Samples, s)
}

// snapshot is a copy that the log no longer changes.
func (l *skipLog) snapshot() Skipped {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Skipped{Count: l.skipped.Count, ByReason: maps.Clone(l.skipped.ByReason), Samples: slices.Clone(l.skipped.Samples)}
}

func sampleOf(line []byte) string {
	if len(line) > sampleBytes {
		line = line[:sampleBytes]
	}
	return strings.ToValidUTF8(string(line), "\uFFFD")
}
