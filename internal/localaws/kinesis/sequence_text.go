package kinesis

// sequenceTexts writes sequence numbers, and remembers for each shard the last that it wrote: most of the next one's digits are the same. A shard
// has the place that its number gives it, and gives it up to another of the same place.
type sequenceTexts [16]struct {
	of   sequence
	text [sequenceLength]byte
}

func (t *sequenceTexts) append(to []byte, q sequence) []byte {
	last := &t[q.number%len(t)]
	if next := (sequence{last.of.arrival, last.of.index + 1, last.of.number}); q == next && last.of.index > 0 {
		increment(last.text[indexAt:numberAt])
	} else {
		q.append(last.text[:0])
	}
	last.of = q
	return append(to, last.text[:]...)
}

// increment adds one to a number in digits, that has room for it.
func increment(digits []byte) {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] < '9' {
			digits[i]++
			return
		}
		digits[i] = '0'
	}
}
