package record

import "time"

// Outcome is what became of one attempt to put a record.
type Outcome uint8

const (
	// Pending: on its way, or waiting for its turn.
	Pending Outcome = iota
	// Acked: stored, by the put's own answer. Final.
	Acked
	// Throttled: not stored, for the shard's limit was reached. It is tried again.
	Throttled
	// Refused: not stored, for another reason that passes (an internal failure of one record, no connection). It is
	// tried again.
	Refused
	// Unknown: the call left and no answer came, or one that cannot be believed. What is read resolves it.
	Unknown
	// Found: an unknown that was read, so it is stored, and its Sequence is set from what was read. Final; it counts as unknown.
	Found
	// Absent: an unknown whose shard was read to the tip without it, so it is not stored. It is tried again.
	Absent
	// Failed: not stored, and given up (the stream refuses it for good). Final.
	Failed
	// Unsent: never left, or known not to be stored, when the run had to end. Final.
	Unsent
	// Unresolved: an unknown that could not be resolved before the run had to end. Final; it counts as unknown.
	Unresolved
)

// Final says that the writer is done with the record.
func (o Outcome) Final() bool {
	switch o {
	case Acked, Found, Failed, Unsent, Unresolved:
		return true
	}
	return false
}

// Send is one record's way through the writer.
type Send struct {
	Record
	// Position is the record's place in the order in which the writer took its records, over all shards.
	Position int64
	// Attempts counts the calls that carried the record.
	Attempts int
	// SentAt is when the last of these calls left.
	SentAt  time.Duration
	Outcome Outcome
	// Sequence is set where the outcome is Acked or Found.
	Sequence string
	// Shard is where the record was stored, set with Sequence: after a reshard that may be another shard than the one it was sent to.
	// Empty stands for the same one.
	Shard string
}

// Landed is the shard that stored the record, of one that was sent to the shard to.
func (s *Send) Landed(to string) string {
	if s.Shard == "" {
		return to
	}
	return s.Shard
}
