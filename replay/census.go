package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weir/record"
	"weir/survey"
)

// Field is a path that records have.
type Field struct {
	Path string
	// Example is the first value there, as JSON has it.
	Example string
	// Records of those that were looked at have it.
	Records int64
}

// census says which fields the first records have.
type census struct {
	records int64
	fields  []Field
	index   map[string]int
}

const (
	// censusRecords is how many records are looked at, and censusFields how many fields are kept.
	censusRecords = 500
	censusFields  = 300
)

func (c *census) add(data []byte) {
	if c.records >= censusRecords {
		return
	}
	c.records++
	seen := make(map[string]bool)
	walkFields(data, "", func(path string, value []byte) {
		i, known := c.index[path]
		switch {
		case seen[path]:
			return
		case !known && len(c.fields) == censusFields:
			return
		case !known:
			if c.index == nil {
				c.index = make(map[string]int)
			}
			i = len(c.fields)
			c.index[path] = i
			c.fields = append(c.fields, Field{Path: path})
		}
		seen[path] = true
		c.fields[i].Records++
		if e := &c.fields[i]; e.Example == "" || e.Example == "null" {
			e.Example = string(value)
		}
	})
}

// walkFields goes through the values of a JSON object that are no objects, and the empty ones, in their order. It is false where there is none.
func walkFields(object []byte, of string, visit func(path string, value []byte)) (some bool) {
	members := json.NewDecoder(bytes.NewReader(object))
	if start, err := members.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	for members.More() {
		name, err := members.Token()
		var value json.RawMessage
		if err != nil || members.Decode(&value) != nil {
			return some
		}
		path := of + pathEscaper.Replace(name.(string))
		if !walkFields(value, path+".", visit) {
			visit(path, value)
		}
		some = true
	}
	return some
}

// FileForm is a form that files of the recording have.
type FileForm struct {
	Format      Format
	Compression string // empty for none
	Files       int64
	Example     string // the first of them
}

// parquetFormat is that of files that have no text, and are told whatever the format of the others is.
const parquetFormat Format = "parquet"

// note counts the file that is being read.
func (l *lines) note(format Format, compression string) {
	i := slices.IndexFunc(l.forms, func(k FileForm) bool { return k.Format == format && k.Compression == compression })
	if i < 0 {
		i = len(l.forms)
		l.forms = append(l.forms, FileForm{Format: format, Compression: compression, Example: l.name})
	}
	l.forms[i].Files++
	l.inPaths.add(l.name)
}

// writeForms says in which forms the files are, and which fields the records have.
func (s *Survey) writeForms(sheet *survey.Sheet) {
	lines := make([]string, 0, len(s.Forms))
	for i := range s.Forms {
		k := &s.Forms[i]
		text := string(k.Format)
		if k.Compression != "" {
			text += ", " + k.Compression
		}
		if len(s.Forms) > 1 {
			text += fmt.Sprintf(": %s, as %s", survey.Plural(k.Files, "file"), survey.Printable(k.Example))
		}
		lines = append(lines, text)
	}
	sheet.List("format", "forms", len(lines), lines)
	for i, line := range s.fieldLines() {
		name := ""
		if i == 0 {
			name = "fields"
		}
		sheet.Row(name, "%s", line)
	}
}

const (
	// fieldsWidth and maxFieldLines bound what is shown of the fields, and exampleWidth an example.
	fieldsWidth   = 110
	maxFieldLines = 6
	exampleWidth  = 40
)

// fieldLines are the fields with an example each, as many to a line as there is room for. A field that not all records have says how many do.
func (s *Survey) fieldLines() (lines []string) {
	line := ""
	for i := range s.Fields {
		f := &s.Fields[i]
		text := survey.Printable(f.Path) + " " + shortened(survey.Printable(f.Example))
		if f.Records < s.looked {
			text += fmt.Sprintf(" (%d %%)", 100*f.Records/s.looked)
		}
		if line != "" && len(line)+len(text)+2 > fieldsWidth {
			lines, line = append(lines, line+","), ""
			if len(lines) == maxFieldLines && !s.All {
				lines[maxFieldLines-1] += fmt.Sprintf(" and %d more", len(s.Fields)-i)
				return lines
			}
		}
		if line != "" {
			line += ", "
		}
		line += text
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

func shortened(text string) string {
	runes := []rune(text)
	if len(runes) <= exampleWidth {
		return text
	}
	return string(runes[:exampleWidth-1]) + "…"
}

// formsWarning says how to choose where files of several formats lie beside each other.
func (s *Survey) formsWarning() []string {
	formats := make(map[Format]bool)
	var each []string
	for i := range s.Forms {
		k := &s.Forms[i]
		formats[k.Format] = true
		each = append(each, fmt.Sprintf("%s is %s", survey.Printable(k.Example), k.Format))
	}
	if len(formats) < 2 {
		return nil
	}
	return []string{"the files are of several formats (" + strings.Join(each, ", ") + "): if not all are meant, give the path of those that are"}
}

// suggestion says by which flags a record's fields may be read, where its shape or its values tell; it is empty where they do not.
func suggestion(example []byte) string {
	var fields []Field
	values := make(map[string]string)
	walkFields(example, "", func(path string, value []byte) {
		fields = append(fields, Field{Path: path, Example: string(value)})
		values[path] = string(value)
	})
	has := func(paths ...string) bool {
		return !slices.ContainsFunc(paths, func(path string) bool { _, ok := values[path]; return !ok })
	}
	switch {
	case has("eventName", "dynamodb.ApproximateCreationDateTime"):
		var flags strings.Builder
		flags.WriteString("it is a change record of DynamoDB's: --field kind=eventName --field event_time=dynamodb.ApproximateCreationDateTime")
		for _, f := range fields {
			if strings.HasPrefix(f.Path, "dynamodb.Keys.") {
				flags.WriteString(" --field key=" + strings.TrimSuffix(strings.TrimSuffix(f.Path, ".S"), ".N"))
			}
		}
		return flags.String()
	case has("metadata.timestamp", "metadata.operation"):
		return "it is a change record of DMS's: --field kind=metadata.operation --field event_time=metadata.timestamp --field key=data.… (a column)"
	case has("detail-type", "time", "source"):
		return "it is an event of EventBridge's: --field kind=detail-type --field event_time=time --field key=detail.… (a field)"
	}
	for _, f := range fields {
		if looksLikeTime(f.Path, f.Example) {
			return fmt.Sprintf("%q looks like an event time: --field event_time=%s", survey.Printable(f.Path), survey.Printable(f.Path))
		}
	}
	return ""
}

// looksLikeTime says that a value is a date and a time as text, or a number under a name that says so.
func looksLikeTime(path, example string) bool {
	var text string
	if json.Unmarshal([]byte(example), &text) == nil {
		is, _ := record.ISOTime(text)
		return is
	}
	name := strings.ToLower(path)
	return isNumber([]byte(example)) && len(digitsOf(example)) >= 10 && (strings.Contains(name, "time") || strings.HasSuffix(name, "ts") || strings.HasSuffix(name, "_at") || strings.Contains(name, "date"))
}

func digitsOf(number string) string { return number[:digits([]byte(number))] }
