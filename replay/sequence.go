package replay

import (
	"errors"
	"time"

	"weir/record"
)

const (
	// chunkRecords and chunkBytes bound what passes from the reader to the feeder at a time.
	chunkRecords = 4096
	chunkBytes   = 1 << 20
)

// sequence brings records into the order of the replay, gives each its due time, and hands them on in chunks.
type sequence struct {
	sorter   sorting // nil where the recording's order is kept
	schedule schedule
	retimer  *retimer // nil where event times stay as they are
	delay    time.Duration
	passed   int64 // records still to be passed over, at the start
	skips    *skipLog
	unmoved  leftBehind
	chunk    []record.Record
	bytes    int
	empty    func() []record.Record // memory for the next chunk
	out      func([]record.Record) error
	err      error // of out, or of the retimer; nothing is handed on after it
}

// leftBehind is what was read and cannot be brought to its new event time.
type leftBehind struct{ records, bytes int64 }

// sorting is a [sorter], whatever it holds.
type sorting interface {
	add(*record.Record)
	flush()
	late() int64
}

// newSequence makes a sequence. With inBrief, nobody looks into the records that are handed on: see [briefs].
func newSequence(o *Options, skips *skipLog, inBrief bool) *sequence {
	s := &sequence{skips: skips, delay: o.Delay, passed: o.After, schedule: schedule{pace: o.Pace, idle: uint64(o.SkipIdle.Milliseconds())}}
	switch {
	case o.Order == ByFile:
	case inBrief:
		s.sorter = newSorter(sortBound, newBriefs(), s.append)
	default:
		s.sorter = newSorter(sortBound, whole{}, s.append)
	}
	return s
}

// add takes the next record of the recording.
func (s *sequence) add(r *record.Record) {
	if s.sorter != nil {
		s.sorter.add(r)
		return
	}
	s.append(r)
}

// append takes the next record of the replay.
func (s *sequence) append(r *record.Record) {
	if s.err != nil {
		return
	}
	if s.passed > 0 {
		s.passed--
		return
	}
	if s.chunk == nil {
		s.chunk = s.empty()
	}
	s.chunk = append(s.chunk, *r)
	last := &s.chunk[len(s.chunk)-1]
	last.Due = s.delay + s.schedule.due(moment(r))
	if s.retimer != nil && !s.retime(last) {
		s.chunk = s.chunk[:len(s.chunk)-1]
		return
	}
	s.bytes += r.Size()
	if len(s.chunk) >= chunkRecords || s.bytes >= chunkBytes {
		s.handOn()
	}
}

// retime moves a record's event time; one whose form has no text for the new one is skipped.
func (s *sequence) retime(r *record.Record) bool {
	err := s.retimer.retime(r)
	if errors.Is(err, record.ErrTimeForm) {
		s.unmoved.records++
		s.unmoved.bytes += int64(len(r.Data))
		s.skips.add(Skip{Reason: NotMoved, Detail: err.Error()}, r.Data)
		return false
	}
	s.err = err
	return err == nil
}

// handOn passes on a chunk that may not be full, before a wait for more.
func (s *sequence) handOn() {
	if len(s.chunk) > 0 && s.err == nil {
		s.err = s.out(s.chunk)
	}
	s.chunk, s.bytes = nil, 0
}

// end passes on everything that is left.
func (s *sequence) end() error {
	if s.sorter != nil {
		s.sorter.flush()
	}
	s.handOn()
	return s.err
}

func (s *sequence) disordered() int64 {
	if s.sorter == nil {
		return 0
	}
	return s.sorter.late()
}
