package replay

import "time"

// schedule gives each record its due time, from its event time and its place alone.
//
// At a speed s, record i is due at
//
//	due(i) = max over j ≤ i of floor((t_j − t_0) / s)
//
// where t_0 is the event time of the first record. As floor(x/s) never falls while x rises, that is the same as
// floor((max t_j − t_0) / s), so only the newest event time is kept. Each due time comes from t_0 and not from the one
// before it, so no error of rounding adds up: record i is at most 1 ns early, a day or a year into the replay. A record
// that is older than one before it is due with that one, and so are records of one event time.
//
// Where idle stretches are skipped, a distance between two consecutive maxima that is longer than idle counts as idle: what was cut off so
// far, a whole number of milliseconds, is taken off t_j − t_0, and nothing else changes.
//
// At a rate r, due(i) = floor(i·1 s / r), whatever the event times.
//
// Both are a product and a quotient of whole numbers in 128 bits, see Pace.at. At max speed everything is due at 0.
type schedule struct {
	pace    Pace
	idle    uint64 // ms; 0 skips nothing
	started bool
	first   int64  // t_0
	newest  int64  // the maximum of t_j so far
	cut     uint64 // ms cut off so far
	count   uint64
	last    time.Duration
}

// due is the due time of the next record, whose event time is given in ms.
func (s *schedule) due(eventTime int64) time.Duration {
	switch s.pace.kind {
	case unpaced:
		return 0
	case byRate:
		s.last = s.pace.at(s.count)
		s.count++
		return s.last
	}
	if !s.started {
		s.started, s.first, s.newest = true, eventTime, eventTime
		return 0
	}
	if eventTime <= s.newest {
		return s.last
	}
	if gap := uint64(eventTime) - uint64(s.newest); s.idle > 0 && gap > s.idle {
		s.cut += gap - s.idle
	}
	s.newest = eventTime
	// Two's complement makes the difference right even where it does not fit a signed number.
	s.last = s.pace.at(uint64(eventTime) - uint64(s.first) - s.cut)
	return s.last
}
