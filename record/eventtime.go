package record

import (
	"strconv"
	"strings"
)

const (
	// MaxEventTime is the greatest event time that weir takes, in ms since the Unix epoch: the end of the year 8999, so that RFC 3339 can write the bounds of a
	// window around one, too.
	MaxEventTime = 221845391999999
	// minEventTime is the least one, in the year 2.
	minEventTime = -62104060800000
)

// parseMillis reads a JSON number of milliseconds.
func parseMillis(text string) (ms int64, ok bool) {
	if ms, ok := parseWholeMillis(text); ok {
		return ms, true
	}
	number, err := CanonicalNumber(text)
	if err != nil {
		return 0, false
	}
	whole, _, fraction := strings.Cut(number, ".")
	if ms, err = strconv.ParseInt(whole, 10, 64); err != nil {
		return 0, false
	}
	if fraction && number[0] == '-' {
		ms--
	}
	return ms, minEventTime <= ms && ms <= MaxEventTime
}

// parseWholeMillis reads the form that nearly all of them have, digits alone, without making a canonical number of it first.
func parseWholeMillis(text string) (ms int64, ok bool) {
	const digits = len("221845391999999") // of MaxEventTime, so that nothing overflows
	if text == "" || len(text) > digits || text[0] == '0' {
		return 0, false
	}
	ms, ok = fixedNumber(text)
	return ms, ok && ms <= MaxEventTime
}

// parseWholeSeconds reads the one form that most recordings have, 2006-01-02T15:04:05Z, without the general parser, which takes
// several times as long.
func parseWholeSeconds(text string) (ms int64, ok bool) {
	if len(text) != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z' {
		return 0, false
	}
	year, a := fixedNumber(text[0:4])
	month, b := fixedNumber(text[5:7])
	day, c := fixedNumber(text[8:10])
	hour, d := fixedNumber(text[11:13])
	minute, e := fixedNumber(text[14:16])
	second, f := fixedNumber(text[17:19])
	if !(a && b && c && d && e && f) || year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	ms = (daysSinceEpoch(year, month, day)*86400 + hour*3600 + minute*60 + second) * 1000
	return ms, minEventTime <= ms && ms <= MaxEventTime
}

func fixedNumber(text string) (n int64, ok bool) {
	for i := range len(text) {
		c := text[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = 10*n + int64(c)
	}
	return n, true
}

func daysIn(year, month int64) int64 {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

// daysSinceEpoch counts the days from 1970-01-01 to a date of the proleptic Gregorian calendar, year 1 or later. With the year
// starting in March, the leap day is its last, so that the days before a month are (153·m + 2) / 5, m counting from March.
func daysSinceEpoch(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	const daysToEpoch = 719469 // from the 0th of March of the year 0
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - daysToEpoch
}
