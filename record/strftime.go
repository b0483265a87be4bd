package record

import (
	"fmt"
	"strings"
)

// directives are those of strftime (C, Python) that a layout of Go can say. A digit more or less of a fraction is taken either way.
var directives = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'B': "January", 'b': "Jan", 'h': "Jan", 'd': "02", 'e': "_2", 'j': "002",
	'H': "15", 'I': "03", 'k': "15", 'l': "3", 'M': "04", 'S': "05", 'p': "PM", 'P': "pm", 'f': "000000", 'L': "000", 'N': "000000000", 'A': "Monday", 'a': "Mon",
	'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'n': "\n", 't': "\t", '%': "%",
}

// strftimeLayouts are the layouts of Go for a format of strftime. There are several where it has a zone, which may be written Z, +00, +0000 or +00:00.
func strftimeLayouts(format string) ([]string, error) {
	var layout strings.Builder
	zoned := false
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			layout.WriteByte(format[i])
			continue
		}
		if i++; i < len(format) && (format[i] == '-' || format[i] == ':') {
			i++ // %-d is %d, and %:z is %z
		}
		if i >= len(format) {
			return nil, fmt.Errorf("time format %q ends in a %%", format)
		}
		if format[i] == 'z' {
			zoned = true
			layout.WriteString(zonePlace)
			continue
		}
		text, known := directives[format[i]]
		if !known {
			return nil, fmt.Errorf("time format %q has %%%c, which is not taken: %%Y %%m %%d %%H %%M %%S %%f %%z %%b %%B %%a %%A %%I %%p %%y %%j %%s are", format, format[i])
		}
		// A parser takes a fraction behind the seconds whether the layout has one or not, and of any length where it has none.
		if text[0] == '0' && (format[i] == 'f' || format[i] == 'L' || format[i] == 'N') && strings.HasSuffix(layout.String(), "05.") {
			written := strings.TrimSuffix(layout.String(), ".")
			layout.Reset()
			layout.WriteString(written)
			continue
		}
		layout.WriteString(text)
	}
	if !zoned {
		return []string{layout.String()}, nil
	}
	var all []string
	for _, zone := range []string{"Z07:00", "Z0700", "Z07", "-07:00", "-0700", "-07"} {
		all = append(all, strings.ReplaceAll(layout.String(), zonePlace, zone))
	}
	return all, nil
}

// zonePlace stands in a layout for a zone.
const zonePlace = "\x00"
