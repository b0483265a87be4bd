package replay

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/record"
	"weir/survey"
)

// leftOutError says why a file that a listing has is not read. It is never read, and never passed over in silence.
type leftOutError struct {
	reason Reason
	detail string
}

func (e *leftOutError) Error() string { return e.detail }

// markers are the files and folders that Hadoop, Spark and Delta Lake put beside data: summaries of other files, and what was never finished. The last is that of
// macOS, in ZIP archives.
var markers = []string{"_metadata", "_common_metadata", "_temporary", "_delta_log", "_spark_metadata", "__MACOSX"}

// captureCheckpoint is what weir capture keeps beside the files of a recording. It is no file of the user's, so that nobody has to know of it.
const captureCheckpoint = ".checkpoint.json"

// reasonToLeaveOut says why a file of that path below the source is not read, by its name alone; it is empty where it is read.
func reasonToLeaveOut(name string) Reason {
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case strings.HasPrefix(part, "."):
			return HiddenFile
		case isMarker(part):
			return MarkerFile
		}
	}
	return ""
}

// isMarker says that a file or a folder is one of those beside data: of Databricks' commits, too, and checksums.
func isMarker(name string) bool {
	return slices.Contains(markers, name) || strings.HasPrefix(name, "_started_") || strings.HasPrefix(name, "_committed_") || strings.HasSuffix(name, ".crc")
}

// stretch is the files of a source that can have records between two instants, by the dates in their paths. A file whose path has none is read.
type stretch struct {
	files
	of    partitions
	found *unopened
}

// unopened is what a stretch has left out. It is safe for concurrent use.
type unopened struct {
	mu   sync.Mutex
	what UnopenedFiles
}

// UnopenedFiles are the files that were not opened, for the dates in their paths lie outside of [Options.From] and To. First and Last are two of them.
type UnopenedFiles struct {
	Files       int64
	First, Last string
}

// String says how many they are, and where.
func (u UnopenedFiles) String() string {
	if u.Files == 1 {
		return "1 file by the date in its path, " + survey.Printable(u.First)
	}
	return fmt.Sprintf("%s by the dates in their paths, %s to %s", survey.Plural(u.Files, "file"), survey.Printable(u.First), survey.Printable(u.Last))
}

func (u *unopened) add(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.what.Files == 0 {
		u.what.First = name
	}
	u.what.Files++
	u.what.Last = name
}

func (u *unopened) snapshot() UnopenedFiles {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.what
}

// pathSlack is how far beyond its partition a file's records may be: the path that Firehose gives an object has the hour in which its oldest record
// arrived, so that it goes on into the next hour, and an event is older than its arrival.
const pathSlack = time.Hour

// within leaves out what lies outside of the options' stretch of time.
func within(f files, o *Options, found *unopened) files {
	if o.From.IsZero() && o.To.IsZero() || o.AllFiles {
		return f
	}
	p := partitions{zones: []*time.Location{time.UTC}, from: o.From, to: o.To}
	if zone, err := record.ParseZone(o.Fields.TimeZone); err == nil && zone != time.UTC {
		p.zones = append(p.zones, zone)
	}
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
		s.found.add(name)
	}
}
