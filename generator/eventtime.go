package generator

import "time"

// The epochs that a stream takes: so that an event time, at most 200 years away, has four digits in its year, as RFC 3339 wants.
const (
	minEpochYear = 1000
	maxEpochYear = 8000
)

// eventTimeLength is that of 2006-01-02T15:04:05.000Z.
const eventTimeLength = 24

// eventTimes writes event times as RFC 3339 in UTC with milliseconds. It keeps the date that it wrote last, for most are alike.
type eventTimes struct {
	day  int64
	date [11]byte // 2006-01-02T
}

const dayMillis = 24 * 60 * 60 * 1000

func (e *eventTimes) appendTo(to []byte, ms int64) []byte {
	day, in := floorDiv(ms, dayMillis)
	if day != e.day || e.date[0] == 0 {
		e.day = day
		copy(e.date[:], time.UnixMilli(ms).UTC().Format("2006-01-02T"))
	}
	to = append(to, e.date[:]...)
	n := uint64(in)
	hour, minute, second, milli := n/3_600_000, n/60_000%60, n/1000%60, n%1000
	return append(to,
		byte('0'+hour/10), byte('0'+hour%10), ':',
		byte('0'+minute/10), byte('0'+minute%10), ':',
		byte('0'+second/10), byte('0'+second%10), '.',
		byte('0'+milli/100), byte('0'+milli/10%10), byte('0'+milli%10), 'Z')
}

// floorDiv is x divided by n, rounded down, and the rest.
func floorDiv(x, n int64) (quotient, rest int64) {
	quotient, rest = x/n, x%n
	if rest < 0 {
		return quotient - 1, rest + n
	}
	return quotient, rest
}
