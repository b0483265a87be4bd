package replay

import (
	"fmt"
	"slices"
	"strings"

	"weir/survey"
)

// requiredWithin is how many lines a recording has to show that it has the fields that the user named, and a record at all.
const requiredWithin = 10_000

// requirement is what a recording must have before anything of it is sent.
type requirement struct {
	source string
	parser *parser
	lines  *lines
	// unopened are the files that were not looked into.
	unopened *unopened
	paths    []string // of parser.decoder, in the order of its bits
	bits     uint64   // the required ones
}

func newRequirement(p *parser, o *Options) (*requirement, error) {
	r := &requirement{source: o.Source, parser: p, paths: p.decoder.Paths()}
	for _, path := range o.Required {
		i := slices.Index(r.paths, path)
		if i < 0 {
			return nil, fmt.Errorf("required path %q is not among the fields that are read", path)
		}
		r.bits |= 1 << i
	}
	return r, nil
}

// judge says whether what was read so far is enough. The error is that it never will be, for requiredWithin lines or, if
// ended, all there are, have been read.
func (r *requirement) judge(ended bool) (met bool, err error) {
	missing := r.bits &^ r.parser.found
	left := &r.parser.chosen.left
	if missing == 0 && r.parser.counts.records > 0 {
		return true, nil
	}
	lines := r.parser.counts.lines
	if !ended && (lines < requiredWithin || missing == 0 && left.records > 0) {
		return false, nil
	}
	for i, path := range r.paths {
		if missing>>i&1 == 1 && lines > 0 && !r.unread() {
			return false, fmt.Errorf("%w: none of the first %d records of %s has %q%s", ErrNoSuchField, min(lines, requiredWithin), r.source, path, r.inPath(path)+r.has(path == r.parser.fields.EventTime))
		}
	}
	if r.parser.counts.records > 0 {
		return true, nil
	}
	if left.records > 0 {
		return false, fmt.Errorf("recording %s %w of those asked for: it has event times from %s to %s%s",
			r.source, ErrEmpty, eventTime(left.first), eventTime(left.last), r.notOpened())
	}
	return false, r.empty()
}

// inPath says that a path that no record has is a column in the files' paths; it is empty where it is none.
func (r *requirement) inPath(path string) string {
	if r.lines == nil {
		return ""
	}
	if file, ok := r.lines.inPaths.example(path); ok {
		return fmt.Sprintf(": it stands in the path of the file (%s), and a record is what is in the file", survey.Printable(file))
	}
	return ""
}

// notOpened says which files were not looked into; it is empty where all were.
func (r *requirement) notOpened() string {
	if r.unopened == nil {
		return ""
	}
	found := r.unopened.snapshot()
	if found.Files == 0 {
		return ""
	}
	return fmt.Sprintf("; not opened: %s (--all-files opens them)", found)
}

// unread says that not one line was a JSON object, so that there is no point in talking of fields.
func (r *requirement) unread() bool {
	by := r.parser.skips.snapshot().ByReason
	return by[NotJSON]+by[LongLine]+by[LargeRecord]+by[Broken]+by[Unopened]+by[UnknownEncoding] == r.parser.counts.lines
}

// empty says that no line was a record, and why.
func (r *requirement) empty() error {
	skipped := r.parser.skips.snapshot()
	if skipped.Count == 0 {
		return fmt.Errorf("recording %s %w: it has no line%s", r.source, ErrEmpty, r.notOpened())
	}
	first := &skipped.Samples[0]
	err := fmt.Errorf("recording %s %w that can be replayed: %s%s", r.source, ErrEmpty, first, r.notOpened())
	if first.Reason == BadEventTime {
		return &asError{err, ErrUnreadTime}
	}
	if first.Reason == NoEventTime || first.Reason == NoPartitionKey {
		return &asError{fmt.Errorf("%w%s", err, r.has(first.Reason == NoEventTime)), ErrNoSuchField}
	}
	if first.Reason == InvalidText {
		return fmt.Errorf("%w; write it as UTF-8, as iconv -f ISO-8859-1 -t UTF-8 does with what is in that encoding", err)
	}
	if first.Reason == NotJSON && r.lines != nil && r.lines.likeRows != "" {
		return fmt.Errorf("%w; %s", err, r.lines.likeRows)
	}
	return err
}

// asError is an error that is another one, too, and says no more for it.
type asError struct{ err, also error }

func (e *asError) Error() string   { return e.err.Error() }
func (e *asError) Unwrap() []error { return []error{e.err, e.also} }

// has names the fields of the first record, empty where there is none, and, where no event time was found, says which may be it.
func (r *requirement) has(timeless bool) string {
	var paths []string
	walkFields(r.parser.example, "", func(path string, _ []byte) { paths = append(paths, path) })
	if len(paths) == 0 {
		return ""
	}
	more := ""
	if len(paths) > maxNamed {
		paths, more = paths[:maxNamed], ", …"
	}
	if suggested := suggestion(r.parser.example); timeless && suggested != "" {
		more += "; " + suggested
	}
	return "; the first record has " + survey.Printable(strings.Join(paths, ", ")) + more
}

// maxNamed is how many fields an error names.
const maxNamed = 30

// pathEscaper writes a member's name as a part of a path.
var pathEscaper = strings.NewReplacer(`\`, `\\`, `.`, `\.`)
