package replay

import (
	"fmt"
	"slices"
)

// requiredWithin is how many lines a recording has to show that it has the fields that the user named, and a record at all.
const requiredWithin = 10_000

// requirement is what a recording must have before anything of it is sent.
type requirement struct {
	source string
	parser *parser
	paths  []string // of parser.decoder, in the order of its bits
	bits   uint64   // the required ones
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
	if missing == 0 && r.parser.counts.records > 0 {
		return true, nil
	}
	lines := r.parser.counts.lines
	if !ended && lines < requiredWithin {
		return false, nil
	}
	for i, path := range r.paths {
		if missing>>i&1 == 1 && lines > 0 && !r.unread() {
			return false, fmt.Errorf("%w: none of the first %d records of %s has %q", ErrNoSuchField, min(lines, requiredWithin), r.source, path)
		}
	}
	if r.parser.counts.records > 0 {
		return true, nil
	}
	return false, fmt.Errorf("recording %s %w%s", r.source, ErrEmpty, r.blame())
}

// unread says that not one line was a JSON object, so that there is no point in talking of fields.
func (r *requirement) unread() bool {
	by := r.parser.skips.snapshot().ByReason
	return by[NotJSON]+by[LongLine]+by[Broken]+by[Unopened]+by[UnknownEncoding] == r.parser.counts.lines
}

// blame says why no line was a record.
func (r *requirement) blame() string {
	skipped := r.parser.skips.snapshot()
	if skipped.Count == 0 {
		return ": it has no line"
	}
	return " that can be replayed: " + skipped.Samples[0].String()
}
