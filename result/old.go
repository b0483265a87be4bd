package result

import (
	"errors"
	"fmt"
)

// ErrOld is wrapped by the error of [Result.CheckCurrent], and of [Baseline.CheckCurrent].
var ErrOld = errors.New("of an old version")

// WholeBacklog is the first version of result.json whose backlogs are whole.
const WholeBacklog = 2

// oldError is a sentence of its own, which wraps [ErrOld].
type oldError struct{ text string }

func (e *oldError) Error() string { return e.text }
func (e *oldError) Unwrap() error { return ErrOld }

// HasWholeBacklog reports whether the backlogs of a result are the whole ones, in parts. Those of an older version are only what a stream had stored and its first
// reader had not read.
func (r *Result) HasWholeBacklog() bool { return r.Version >= WholeBacklog }

// CheckCurrent refuses the result of a folder that is of an older version than this weir writes, where it would stand beside others: the same field of the two
// means different things. The error names the folder, and wraps [ErrOld].
func (r *Result) CheckCurrent(folder string) error {
	if r.Version == Version {
		return nil
	}
	return &oldError{fmt.Sprintf("%s: result.json has version %d, which counted only records that were stored and not read; version %d counts the whole backlog: run it again",
		folder, r.Version, Version)}
}

// CheckCurrent refuses the search of a folder whose trials were judged by an older version's backlog, where it would be gone on with. The error wraps [ErrOld].
func (s *Sizing) CheckCurrent(folder string) error {
	if s.WholeBacklog() {
		return nil
	}
	return &oldError{fmt.Sprintf("%s: the runs of this search have result.json version 1, which counted only records that were stored and not read; version %d counts the whole backlog: begin a new search",
		folder, Version)}
}

// CheckCurrent refuses the baseline of a folder, as that of a result does, by the version of its runs. One of a version to come cannot be read.
func (b *Baseline) CheckCurrent(folder string) error {
	switch {
	case b.ResultVersion == Version:
		return nil
	case b.ResultVersion > Version:
		return fmt.Errorf("%s: the baseline's runs have a result.json of version %d, and this weir reads up to version %d", folder, b.ResultVersion, Version)
	}
	return &oldError{fmt.Sprintf("%s: the baseline's runs have result.json version %d, which counted only records that were stored and not read; version %d counts the whole backlog: make the baseline again",
		folder, b.ResultVersion, Version)}
}
