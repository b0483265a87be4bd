package replay

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"weir/record"
)

// leftOutError says why a file that a listing has is not read. It is never read, and never passed over in silence.
type leftOutError struct {
	reason Reason
	detail string
}

func (e *leftOutError) Error() string { return e.detail }

// markers are the files and folders that Hadoop, Spark and Delta Lake put beside data: summaries of other files, and what was never finished.
var markers = []string{"_metadata", "_common_metadata", "_temporary", "_delta_log"}

// captureCheckpoint is what weir capture keeps beside the files of a recording. It is no file of the user's, so that nobody has to know of it.
const captureCheckpoint = ".checkpoint.json"

// reasonToLeaveOut says why a file of that path below the source is not read, by its name alone; it is empty where it is read.
func reasonToLeaveOut(name string) Reason {
	if strings.HasPrefix(path.Base(name), ".") {
		return HiddenFile
	}
	for part := range strings.SplitSeq(name, "/") {
		if slices.Contains(markers, part) {
			return MarkerFile
		}
	}
	return ""
}

// stretch is the files of a source that can have records between two instants, by the dates in their paths. A file whose path has none is read.
type stretch struct {
	files
	of    partitions
	found *unopened
}

// unopened is what a stretch has left out.
type unopened struct {
	files       int64
	first, last string
}

// pathSlack is how far beyond its partition a file's records may be: the path that Firehose gives an object has the hour in which its oldest record
// arrived, so that it goes on into the next hour, and an event is older than its arrival.
const pathSlack = time.Hour

// within leaves out what lies outside of the options' stretch of time.
func within(f files, o *Options, found *unopened) files {
	if o.From.IsZero() && o.To.IsZero() || o.AllFiles {
		return f
	}
	zone, err := record.ParseZone(o.Fields.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	p := partitions{zone: zone, from: o.From, to: o.To}
	if !p.from.IsZero() {
		p.from = p.from.Add(-pathSlack)
	}
	if !p.to.IsZero() {
		p.to = p.to.Add(pathSlack)
	}
	return &stretch{files: f, of: p, found: found}
}

func (s *stretch) next(ctx context.Context) (string, error) {
	for {
		name, err := s.files.next(ctx)
		if err != nil || !s.of.outside(name) {
			return name, err
		}
		if s.found.files == 0 {
			s.found.first = name
		}
		s.found.files++
		s.found.last = name
	}
}
