package replay

import (
	"strings"
	"time"
)

// partitions reads the dates in paths: those of Hive's layout, as dt=2013-01-31/hour=18 or year=2013/month=01/day=31, and those of Firehose,
// 2013/01/31/18.
type partitions struct {
	zone     *time.Location
	from, to time.Time // the zero time stands for no bound
}

// outside says that all of a file lies before from, or at to and later, by the dates in its path.
func (p *partitions) outside(name string) bool {
	start, end, ok := p.span(name)
	if !ok {
		return false
	}
	return !p.from.IsZero() && !end.After(p.from) || !p.to.IsZero() && !start.Before(p.to)
}

// pathDate is a date as far as a path has it: what is not there is -1.
type pathDate struct{ year, month, day, hour int }

// span is the time that a path stands for. It is not ok where the path has no year, or a date that is none.
func (p *partitions) span(name string) (start, end time.Time, ok bool) {
	d := pathDate{-1, -1, -1, -1}
	parts := strings.Split(name, "/")
	for _, part := range parts[:len(parts)-1] {
		if key, value, hive := strings.Cut(part, "="); hive {
			d.hive(strings.ToLower(key), value)
		}
	}
	if d.year < 0 {
		d = plainDate(parts[:len(parts)-1])
	}
	return d.span(p.zone)
}

// hive takes a partition's column.
func (d *pathDate) hive(key, value string) {
	// An engine escapes colons in the names of folders.
	value = strings.ReplaceAll(strings.ReplaceAll(value, "%3A", ":"), "%20", " ")
	switch key {
	case "year", "y", "yyyy":
		d.year = number(value, 4)
	case "month", "m", "mm":
		d.month = number(value, 2)
	case "day", "d", "dd":
		d.day = number(value, 2)
	case "hour", "h", "hh", "hr":
		d.hour = number(value, 2)
		return
	}
	for _, layout := range []string{"2006-01-02-15", "2006-01-02T15", "2006-01-02 15", "2006010215", time.DateOnly, "20060102", "2006/01/02", "2006-01"} {
		at, err := time.Parse(layout, value)
		if err != nil {
			continue
		}
		d.year, d.month = at.Year(), int(at.Month())
		if strings.Contains(layout, "02") {
			d.day = at.Day()
		}
		if strings.Contains(layout, "15") {
			d.hour = at.Hour()
		}
		return
	}
}

// plainDate finds yyyy/MM, yyyy/MM/dd or yyyy/MM/dd/HH among the folders of a path, the last of them.
func plainDate(folders []string) pathDate {
	for i := len(folders) - 2; i >= 0; i-- {
		d := pathDate{number(folders[i], 4), number(folders[i+1], 2), -1, -1}
		if len(folders[i]) != 4 || d.year < 1970 || d.month < 1 {
			continue
		}
		if i+2 < len(folders) {
			if d.day = number(folders[i+2], 2); d.day < 0 {
				continue // it is no month behind it
			}
		}
		if d.day > 0 && i+3 < len(folders) {
			d.hour = number(folders[i+3], 2)
		}
		return d
	}
	return pathDate{-1, -1, -1, -1}
}

// number reads one to so many digits; -1 where the text is something else.
func number(text string, most int) (n int) {
	if text == "" || len(text) > most || digits([]byte(text)) != len(text) {
		return -1
	}
	for _, c := range text {
		n = 10*n + int(c-'0')
	}
	return n
}

func (d pathDate) span(zone *time.Location) (start, end time.Time, ok bool) {
	switch {
	case d.year < 1970 || d.year > 8999 || d.month > 12 || d.month == 0 || d.day > 31 || d.day == 0 || d.hour > 23:
		return start, end, false
	case d.month < 0:
		start = time.Date(d.year, 1, 1, 0, 0, 0, 0, zone)
		return start, start.AddDate(1, 0, 0), true
	case d.day < 0:
		start = time.Date(d.year, time.Month(d.month), 1, 0, 0, 0, 0, zone)
		return start, start.AddDate(0, 1, 0), true
	case d.hour < 0:
		start = time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, zone)
		return start, start.AddDate(0, 0, 1), start.Day() == d.day
	}
	start = time.Date(d.year, time.Month(d.month), d.day, d.hour, 0, 0, 0, zone)
	return start, start.Add(time.Hour), start.Day() == d.day
}
