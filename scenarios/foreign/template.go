package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// placeholder is a {{…}} of a template.
type placeholder struct {
	start, end int    // in the text, with its braces
	name       string // random.number
	arguments  string // JSON; empty for none
	quoted     bool   // within a JSON string
	path       string // of the member that it is in
	alone      bool   // it is all of the member's value
	is         translation
}

// importTemplate makes a scenario of a template of the Kinesis Data Generator (its help page, "Record template").
func importTemplate(text string, o Options) (*Scenario, error) {
	found, refused := placeholders(text)
	var notes []Note
	for i := range found {
		p := &found[i]
		is, err := translate(p.name, p.arguments, p.quoted)
		if err != nil {
			refused = append(refused, Note{lineOf(text, p.start), fmt.Sprintf("{{%s}}: %v", p.name, err)})
			continue
		}
		if p.is = is; is.note != "" {
			notes = append(notes, Note{lineOf(text, p.start), fmt.Sprintf("{{%s}}: %s", p.name, is.note)})
		}
	}
	if len(refused) == 0 {
		refused = locate(text, found)
	}
	if len(refused) > 0 {
		return nil, &RefusedError{sortNotes(refused)}
	}
	chosen := choose(found, o, &notes)
	return &Scenario{YAML: templateScenario(text, found, &chosen, o), Notes: sortNotes(notes)}, nil
}

// placeholders finds those of a text. An argument may have braces in it, so that it is read as JSON.
func placeholders(text string) (found []placeholder, refused []Note) {
	quoted := false
	for at := 0; at < len(text); {
		switch {
		case strings.HasPrefix(text[at:], "{{"):
			p, why := readPlaceholder(text, at)
			if why != "" {
				refused = append(refused, Note{lineOf(text, at), why})
				at += 2
				continue
			}
			p.quoted = quoted
			found = append(found, p)
			at = p.end
		case text[at] == '\\' && quoted:
			at += 2
		case text[at] == '"':
			quoted = !quoted
			at++
		default:
			at++
		}
	}
	return found, refused
}

// readPlaceholder reads the one that starts at some place.
func readPlaceholder(text string, start int) (p placeholder, why string) {
	rest := strings.TrimLeft(text[start+2:], " \t\r\n")
	n := strings.IndexFunc(rest, func(c rune) bool {
		return !(c == '.' || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')
	})
	if n <= 0 {
		return p, "a {{ that no name follows"
	}
	p.start, p.name, rest = start, rest[:n], rest[n:]
	if strings.HasPrefix(rest, "(") {
		inner := strings.TrimLeft(rest[1:], " \t\r\n")
		if strings.HasPrefix(inner, ")") {
			rest = inner[1:]
		} else {
			decoder := json.NewDecoder(strings.NewReader(inner))
			var arguments json.RawMessage
			if err := decoder.Decode(&arguments); err != nil {
				return p, fmt.Sprintf("{{%s(…)}}: its argument is not JSON: %v", p.name, err)
			}
			p.arguments = string(arguments)
			after := strings.TrimLeft(inner[decoder.InputOffset():], " \t\r\n")
			if !strings.HasPrefix(after, ")") {
				return p, fmt.Sprintf("{{%s(…)}}: its bracket is not closed behind its first argument", p.name)
			}
			rest = after[1:]
		}
	}
	rest = strings.TrimLeft(rest, " \t\r\n")
	if !strings.HasPrefix(rest, "}}") {
		return p, fmt.Sprintf("{{%s: it is not closed by }}", p.name)
	}
	p.end = len(text) - len(rest) + 2
	return p, ""
}

// locate finds the member of each placeholder, by a text in which something that can be found again stands in its place.
func locate(text string, found []placeholder) (refused []Note) {
	var b bytes.Buffer
	at, quoted := 0, false
	for i := range found {
		p := &found[i]
		b.WriteString(unbroken(text[at:p.start], quoted))
		quoted = p.quoted
		if p.quoted {
			fmt.Fprintf(&b, "\x7f%d\x7f", i)
		} else {
			fmt.Fprintf(&b, "%q", fmt.Sprintf("\x7e\x7f%d\x7f", i))
		}
		at = p.end
	}
	b.WriteString(unbroken(text[at:], quoted))
	plain := strings.ReplaceAll(b.String(), `\x7f`, "\x7f")
	var object map[string]any
	if err := json.Unmarshal([]byte(plain), &object); err != nil {
		return []Note{{1, fmt.Sprintf("without its placeholders it is not a JSON object (%v), and a record of weir's is one", err)}}
	}
	walk(object, "", func(path, value string) {
		for i := range found {
			mark := fmt.Sprintf("\x7f%d\x7f", i)
			if strings.Contains(value, mark) {
				found[i].path, found[i].alone = path, value == mark || value == "\x7e"+mark
			}
		}
	})
	return nil
}

// walk visits the texts of an object.
func walk(value any, path string, visit func(path, value string)) {
	switch value := value.(type) {
	case map[string]any:
		for name, v := range value {
			inner := strings.NewReplacer(`\`, `\\`, `.`, `\.`).Replace(name)
			if path != "" {
				inner = path + "." + inner
			}
			walk(v, inner, visit)
		}
	case []any:
		for i, v := range value {
			walk(v, fmt.Sprintf("%s.%d", path, i), visit)
		}
	case string:
		visit(path, value)
	}
}

// fields are where a record of the template has what weir reads; what is empty, but for the value, is added to it.
type fields struct{ eventTime, key, value string }

// choose says which members are the record's event time, key and value.
func choose(found []placeholder, o Options, notes *[]Note) (f fields) {
	for i := range found {
		p := &found[i]
		if p.is.time && p.alone && f.eventTime == "" {
			f.eventTime = p.path
		}
	}
	if f.eventTime == "" {
		*notes = append(*notes, Note{0, "no member is a date alone: event_time is added to the record"})
	}
	candidates := slices.DeleteFunc(slices.Clone(found), func(p placeholder) bool { return p.is.time || p.path == "" || !p.alone })
	f.value = first(candidates, func(p *placeholder) bool {
		return p.is.number && named(p.path, "value", "price", "amount", "total", "temperature", "count", "quantity")
	})
	if f.value == "" {
		f.value = first(candidates, func(p *placeholder) bool { return p.is.number && !named(p.path, "id") })
	}
	if f.key = o.Key; f.key != "" {
		return f
	}
	f.key = first(candidates, func(p *placeholder) bool {
		return p.path != f.value && named(p.path, "id", "key", "customer", "user", "device")
	})
	if f.key == "" {
		f.key = first(candidates, func(p *placeholder) bool { return p.path != f.value })
	}
	switch {
	case f.key != "":
		*notes = append(*notes, Note{0, fmt.Sprintf("fields.key is %s: the generator gives each record a random partition key, and weir's rows need one of the record's; --key names another", f.key)})
	default:
		*notes = append(*notes, Note{0, "no member can be the key of rows: key is added to the record, one of a thousand"})
	}
	return f
}

func first(of []placeholder, is func(*placeholder) bool) string {
	for i := range of {
		if is(&of[i]) {
			return of[i].path
		}
	}
	return ""
}

// named says that the last name of a path has one of some words in it.
func named(path string, words ...string) bool {
	last := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(last, word) })
}

// templateScenario writes the scenario.
func templateScenario(text string, found []placeholder, f *fields, o Options) []byte {
	var body strings.Builder
	at, within := 0, false
	for i := range found {
		p := &found[i]
		body.WriteString(escaped(unbroken(text[at:p.start], within)))
		body.WriteString(p.is.template)
		at, within = p.end, p.quoted
	}
	body.WriteString(escaped(unbroken(text[at:], within)))
	template := strings.TrimSpace(strings.ReplaceAll(body.String(), "\r", ""))
	if f.key == "" {
		f.key = "key"
		template = `{"key": {{json .Key}}, ` + strings.TrimPrefix(template, "{")
	}
	if f.eventTime == "" {
		f.eventTime = "event_time"
		template = `{"event_time": "{{.EventTime}}", ` + strings.TrimPrefix(template, "{")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "version: 1\nname: %s\nabout: %s\nload:\n", quoted(o.Name), quoted("imported from a template of the Kinesis Data Generator"))
	fmt.Fprintf(&b, "  rate: [{shape: hold, at: %s, for: %s}]\n  kinds:\n    record:\n      keys: {uniform: {count: 1000}}\n      template: |\n", o.Rate, o.For)
	for line := range strings.Lines(template) {
		b.WriteString("        " + strings.TrimRight(strings.ReplaceAll(line, "\t", "  "), " \n") + "\n")
	}
	fmt.Fprintf(&b, "fields:\n  event_time: %s\n  key: [%s]\n", quoted(f.eventTime), quoted(f.key))
	if f.value != "" {
		fmt.Fprintf(&b, "  value: %s\n", quoted(f.value))
	}
	return b.Bytes()
}

// unbroken is a piece of a template without the line ends in its strings, which the generator removes; quoted says that it starts in one.
func unbroken(piece string, quoted bool) string {
	var b strings.Builder
	for i := 0; i < len(piece); i++ {
		c := piece[i]
		switch {
		case quoted && (c == '\n' || c == '\r'):
			continue
		case quoted && c == '\\' && i+1 < len(piece):
			b.WriteByte(c)
			i++
			c = piece[i]
		case c == '"':
			quoted = !quoted
		}
		b.WriteByte(c)
	}
	return b.String()
}

// escaped is a text as a template of Go's has it.
func escaped(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }
