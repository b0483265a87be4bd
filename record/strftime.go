package record

import (
	"fmt"
	"strings"
	"time"
)

// directives are those of strftime (C, Python) that a layout of Go can say. A digit more or less of a fraction is taken either way.
var directives = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'B': "January", 'b': "Jan", 'h': "Jan", 'd': "02", 'e': "_2", 'j': "002",
	'H': "15", 'I': "03", 'k': "15", 'l': "3", 'M': "04", 'S': "05", 'p': "PM", 'P': "pm", 'f': "000000", 'L': "000", 'N': "000000000", 'A': "Monday", 'a': "Mon",
	'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'n': "\n", 't': "\t", '%': "%",
}

// unpadded are those that may lack their leading zero, as %-d.
var unpadded = map[byte]string{'d': "2", 'e': "2", 'm': "1", 'H': "15", 'k': "15", 'I': "3", 'l': "3", 'M': "4", 'S': "5"}

// zonePlace stands in a layout for a zone, and zoneLayouts are the forms that it may have.
const zonePlace = "\x00"

var zoneLayouts = []string{"Z07:00", "Z0700", "Z07", "-07:00", "-0700", "-07"}

// strftimeLayouts are the layouts of Go for a format of strftime. There are several where it has a zone, which may be written Z, +00, +0000 or +00:00.
func strftimeLayouts(format string) ([]string, error) {
	parts, err := strftimeParts(format)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, zone := range zoneLayouts {
		for i := range parts {
			if parts[i].zone {
				parts[i].layout = zone
			}
		}
		layout, err := joinParts(format, parts)
		if err != nil {
			return nil, err
		}
		all = append(all, layout)
		if !strings.Contains(format, "z") {
			break
		}
	}
	if len(all) > 1 && all[0] == all[1] { // its z is no zone
		all = all[:1]
	}
	return all, nil
}

// formatPart is a directive as a layout of Go, or text between two.
type formatPart struct {
	layout     string
	text, zone bool
}

// strftimeParts reads a format of strftime.
func strftimeParts(format string) (parts []formatPart, err error) {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			parts = append(parts, formatPart{layout: format[i : i+1], text: true})
			continue
		}
		layout, length, err := directive(format, format[i+1:])
		if err != nil {
			return nil, err
		}
		i += length
		switch last := format[i]; {
		case last == 'z':
			parts = append(parts, formatPart{layout: zonePlace, zone: true})
		case strings.IndexByte("fLN", last) >= 0 && behindSeconds(parts):
			parts = parts[:len(parts)-1] // a parser takes a fraction of any length behind the seconds if the layout has none
		default:
			parts = append(parts, formatPart{layout: layout, text: strings.IndexByte("nt%", last) >= 0})
		}
	}
	return parts, nil
}

// behindSeconds says that the parts end in seconds and a point or a comma.
func behindSeconds(parts []formatPart) bool {
	if len(parts) < 2 {
		return false
	}
	before, mark := parts[len(parts)-2], parts[len(parts)-1]
	return mark.text && (mark.layout == "." || mark.layout == ",") && !before.text && strings.HasSuffix(before.layout, "5") && before.layout != "15"
}

// directive is the one that stands behind a %, and how long it is.
func directive(format, rest string) (layout string, length int, err error) {
	known, flag := directives, ""
	if rest != "" && (rest[0] == '-' || rest[0] == ':') {
		flag, rest, known = rest[:1], rest[1:], unpadded
	}
	switch {
	case rest == "":
		return "", 0, fmt.Errorf("time format %q ends in a %%", format)
	case rest[0] == 'z' && flag != "-":
		return zonePlace, len(flag) + 1, nil
	case rest[0] == 's' && flag == "":
		return "", 0, fmt.Errorf("time format %q has %%s beside other parts: seconds since 1970 stand alone, with a fraction or without, as %%s, %%s.%%f or s", format)
	}
	layout, ok := known[rest[0]]
	if !ok || flag == ":" {
		return "", 0, fmt.Errorf("time format %q has %%%s%c, which is not taken: %%Y %%m %%d %%H %%M %%S %%f %%z %%b %%B %%a %%A %%I %%p %%y %%j are", format, flag, rest[0])
	}
	return layout, len(flag) + 1, nil
}

// joinParts makes one layout of the parts, and sees to it that Go reads each part of it as what it is: Go takes text that looks like a part of a time for one.
func joinParts(format string, parts []formatPart) (string, error) {
	var layout strings.Builder
	for _, part := range parts {
		layout.WriteString(part.layout)
	}
	for _, at := range []time.Time{
		time.Date(2013, time.December, 27, 22, 48, 59, 123456789, time.FixedZone("", 19800)), time.Date(1987, time.August, 4, 9, 7, 8, 987654321, time.FixedZone("", -12600)),
	} {
		var each strings.Builder
		for _, part := range parts {
			if part.text {
				each.WriteString(part.layout)
			} else {
				each.WriteString(at.Format(part.layout))
			}
		}
		if at.Format(layout.String()) != each.String() {
			return "", fmt.Errorf("time format %q has text that cannot be told from a part of a time", format)
		}
	}
	return layout.String(), nil
}

// isSeconds says that a format of strftime is seconds since 1970, with a fraction or without.
func isSeconds(format string) bool {
	switch format {
	case "%s", "%s.%f", "%s.%L", "%s.%N":
		return true
	}
	return false
}
