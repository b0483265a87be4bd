package replay

import "weir/record"

// captured makes a record of a line of a capture: under its own partition key, unless the user says where another is, and at the time at which it
// arrived.
func (p *parser) captured(line []byte, torn bool, out func(*record.Record)) (Reason, error) {
	c, err := record.ParseCaptured(line)
	switch {
	case err != nil && torn:
		return "", nil // the break has a skip of its own
	case err != nil:
		return BadCapture, err
	}
	return p.open(c.Data, envelope{partitionKey: c.PartitionKey, hashKey: c.ExplicitHashKey, arrived: c.Arrived}, false, out)
}

// moment is when a record stands in the recording, in ms since the Unix epoch: its event time, and of a capture the time at which it arrived. Until the
// schedule makes a due time of it, it is what Due holds.
func moment(r *record.Record) int64 { return int64(r.Due) }
