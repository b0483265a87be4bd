package replay

import (
	"strings"
	"time"
)

// partitions reads the dates in paths: those of Hive's layout, as dt=2013-01-31/hour=18 or year=2013/month=01/day=31, and those of Firehose,
// 2013/01/31/18. Where it is not sure, a path has none, and its file is read.
type partitions struct {
	// zones are those in which the dates may be: UTC, as Firehose writes them, and the one that the user said.
	zones    []*time.Location
	from, to time.Time // the zero time stands for no bound
}

// outside says that all of a file lies before from, or at to and later, by the dates in its path, whichever zone they are in.
func (p *partitions) outside(name string) bool {
	d, ok := datesIn(name)
	if !ok {
		return false
	}
	for _, zone := range p.zones {
		start, end := d.span(zone)
		if (p.from.IsZero() || end.After(p.from)) && (p.to.IsZero() || start.Before(p.to)) {
			return false
		}
	}
	return true
}

// pathDate is a date as far as a path has it: what is not there is -1.
type pathDate struct {
	year, month, day, hour int
	disagrees              bool // the path has two dates
}

// datesIn is the date in a path. It is not ok where the path has no year, or a date that is none, or two.
func datesIn(name string) (d pathDate, ok bool) {
	d = pathDate{year: -1, month: -1, day: -1, hour: -1}
	parts := strings.Split(name, "/")
	folders := parts[:len(parts)-1]
	for _, folder := range folders {
		if key, value, hive := strings.Cut(folder, "="); hive {
			d.hive(key, unescaped.Replace(value))
		}
	}
	for i := range folders {
		d.plain(folders[i:])
	}
	return d, d.possible() && !d.disagrees
}

// unescaped undoes how engines write colons and blanks in the names of folders.
var unescaped = strings.NewReplacer("%3A", ":", "%3a", ":", "%20", " ")

// set notes a part of the date that was found; one that is no number says nothing.
func (d *pathDate) set(part *int, n int) {
	if n < 0 {
		return
	}
	d.disagrees = d.disagrees || *part >= 0 && *part != n
	*part = n
}

// hive takes a partition's column. MM is a month, and mm is one too unless the path has a month or an hour already: then it is a minute.
func (d *pathDate) hive(key, value string) {
	name := strings.ToLower(key)
	switch name {
	case "year", "y", "yyyy":
		d.set(&d.year, number(value, 4))
		return
	case "month", "m", "mm":
		minute := key[0] == 'm' && name != "month" && (d.month >= 0 || d.hour >= 0)
		if n := number(value, 2); n >= 0 {
			if !minute {
				d.set(&d.month, n)
			}
			return
		}
	case "day", "d", "dd":
		if n := number(value, 2); n >= 0 {
			d.set(&d.day, n)
			return
		}
	case "hour", "h", "hh", "hr":
		d.set(&d.hour, number(value, 2))
		return
	}
	if isDateColumn(name) {
		d.whole(value)
	}
}

// isDateColumn says that a partition's column has a date by its name: a value that looks like one may be a number under any other.
func isDateColumn(name string) bool {
	switch name {
	case "dt", "ds", "date", "day", "month", "datehour", "date_hour", "datetime", "ts":
		return true
	}
	return strings.HasSuffix(name, "_date")
}

// dateLayouts are those of a date in one column.
var dateLayouts = []string{"2006-01-02-15", "2006-01-02T15", "2006-01-02 15", "2006010215", time.DateOnly, "20060102", "2006/01/02", "2006-01"}

// whole takes a date that stands in one column.
func (d *pathDate) whole(value string) {
	for _, layout := range dateLayouts {
		at, err := time.Parse(layout, value)
		if err != nil {
			continue
		}
		d.set(&d.year, at.Year())
		d.set(&d.month, int(at.Month()))
		if strings.Contains(layout, "02") {
			d.set(&d.day, at.Day())
		}
		if strings.Contains(layout, "15") {
			d.set(&d.hour, at.Hour())
		}
		return
	}
}

// plain takes yyyy/MM/dd or yyyy/MM/dd/HH, where folders start so. Less may be anything: store 2013, department 07.
func (d *pathDate) plain(folders []string) {
	if len(folders) < 3 || len(folders[0]) != 4 || len(folders[1]) != 2 || len(folders[2]) != 2 {
		return
	}
	year, month, day := number(folders[0], 4), number(folders[1], 2), number(folders[2], 2)
	if year < firstYear || year > lastYear || month < 1 || day < 0 {
		return
	}
	d.set(&d.year, year)
	d.set(&d.month, month)
	d.set(&d.day, day)
	if len(folders) > 3 && len(folders[3]) == 2 {
		d.set(&d.hour, number(folders[3], 2))
	}
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

// firstYear and lastYear are those that a path's date may have.
const (
	firstYear = 1970
	lastYear  = 8999
)

// possible says that there is such a date.
func (d *pathDate) possible() bool {
	if d.year < firstYear || d.year > lastYear || d.month > 12 || d.month == 0 || d.day > 31 || d.day == 0 || d.hour > 23 {
		return false
	}
	return d.month < 0 || d.day < 0 || time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC).Day() == d.day
}

// span is the time that a date stands for in a zone.
func (d *pathDate) span(zone *time.Location) (start, end time.Time) {
	at := func(year, month, day, hour int) time.Time {
		return time.Date(year, time.Month(month), day, hour, 0, 0, 0, zone)
	}
	switch {
	case d.month < 0:
		return at(d.year, 1, 1, 0), at(d.year+1, 1, 1, 0)
	case d.day < 0:
		return at(d.year, d.month, 1, 0), at(d.year, d.month+1, 1, 0)
	case d.hour < 0:
		return at(d.year, d.month, d.day, 0), at(d.year, d.month, d.day+1, 0)
	}
	// An hour that comes twice, when summer time ends, starts an hour behind the one before it, and ends where the next one starts.
	start, end = at(d.year, d.month, d.day, d.hour), at(d.year, d.month, d.day, d.hour+1)
	if first := at(d.year, d.month, d.day, d.hour-1).Add(time.Hour); first.Before(start) {
		start = first
	}
	if last := start.Add(time.Hour); last.After(end) {
		end = last
	}
	return start, end
}
