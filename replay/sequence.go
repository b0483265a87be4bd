package replay

import (
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
	chunk    []record.Record
	bytes    int
	empty    func() []record.Record // memory for the next chunk
	out      func([]record.Record) error
	err      error // of out, or of the retimer; nothing is handed on after it
}

// sorting is a [sorter], whatever it holds.
type sorting interface {
	add(*record.Record)
	flush()
	late() int64
}

// newSequence makes a sequence. With inBrief, nobody looks into the records that are handed on: see [briefs].
func newSequence(o *Options, inBrief bool) *sequence {
	s := &sequence{delay: o.Delay, passed: o.After, schedule: schedule{pace: o.Pace, idle: uint64(o.SkipIdle.Milliseconds())}}
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
	if s.retimer != nil {
		if s.err = s.retimer.retime(last); s.err != nil {
			return
		}
	}
	s.bytes += r.Size()
	if len(s.chunk) >= chunkRecords || s.bytes >= chunkBytes {
		s.handOn()
	}
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
