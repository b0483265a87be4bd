package ledger

// SentCounts are the totals of what was sent. The package comment says what each word means.
type SentCounts struct {
	Acked, Failed, Unsent int64
	// Found are the unknown sends that were found stored, Unresolved those that never were.
	Found, Unresolved int64
	// InFlight are the sends that are on their way or unknown as yet.
	InFlight int64
	// Throttled counts answers, Retried repeated attempts: one record can count more than once.
	Throttled, Retried int64
}

// Unknown are the sends that never got an answer.
func (c SentCounts) Unknown() int64 { return c.Found + c.Unresolved }

// Sent are the totals of what was sent as of now.
func (l *Ledger) Sent() SentCounts {
	var total SentCounts
	for _, s := range l.all() {
		l.enter(s)
		c := s.counts
		c.InFlight = int64(s.inFlight.Len())
		l.leave(s)
		total.add(c)
	}
	return total
}

func (c *SentCounts) add(o SentCounts) {
	c.Acked += o.Acked
	c.Failed += o.Failed
	c.Unsent += o.Unsent
	c.Found += o.Found
	c.Unresolved += o.Unresolved
	c.InFlight += o.InFlight
	c.Throttled += o.Throttled
	c.Retried += o.Retried
}

// ReadCounts are the totals of what a consumer has read. The package comment says what each word means.
type ReadCounts struct {
	Read, Unread, Lost             int64
	Duplicated, Reordered, Phantom int64
	// Given are the records that the consumer was given since it began last, Again those of them that it had been given before it went back. They are
	// kept of a consumer that may go back, or that reports progress.
	Given, Again int64
}

// Counts are the totals of the reading as of now.
func (r *Reading) Counts() ReadCounts {
	var total ReadCounts
	for _, s := range r.ledger.all() {
		r.ledger.enter(s)
		c := s.views[r.index].counts()
		r.ledger.leave(s)
		total.add(c)
	}
	return total
}

func (v *view) counts() ReadCounts {
	c := ReadCounts{
		Read: v.read, Unread: int64(v.waiting.unread()), Lost: v.offences[Lost] + int64(v.waiting.passed),
		Duplicated: v.offences[Duplicated], Reordered: v.offences[Reordered], Phantom: v.offences[Phantom] + int64(v.strays.list.Len()),
	}
	if v.taken != nil {
		c.Given, c.Again = v.taken.given, v.taken.again
	}
	return c
}

func (c *ReadCounts) add(o ReadCounts) {
	c.Read += o.Read
	c.Unread += o.Unread
	c.Lost += o.Lost
	c.Duplicated += o.Duplicated
	c.Reordered += o.Reordered
	c.Phantom += o.Phantom
	c.Given += o.Given
	c.Again += o.Again
}
