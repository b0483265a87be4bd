package generator

import "time"

// The epochs that a stream takes: so that an event time, at most 200 years away, has four digits in its year, as RFC 3339 wants.
const (
	minEpochYear = 1000
	maxEpochYear = 8000
)

// eventTimeLength is that of 2006-01-02T15:04:05.000Z.
const eventTimeLength = 24

// eventTimes writes event times as RFC 3339 in UTC with milliseconds. It keeps the second that it wrote last, for most are alike.
type eventTimes struct {
	second int64
	text   [20]byte // 2006-01-02T15:04:05.
}

func (e *eventTimes) appendTo(to []byte, ms int64) []byte {
	second, milli := floorDiv(ms, 1000)
	if second != e.second || e.text[0] == 0 {
		e.second = second
		time.Unix(second, 0).UTC().AppendFormat(e.text[:0], "2006-01-02T15:04:05.")
	}
	return append(append(to, e.text[:]...), byte('0'+milli/100), byte('0'+milli/10%10), byte('0'+milli%10), 'Z')
}

// floorDiv is x divided by n, rounded down, and the rest.
func floorDiv(x, n int64) (quotient, rest int64) {
	quotient, rest = x/n, x%n
	if rest < 0 {
		return quotient - 1, rest + n
	}
	return quotient, rest
}
