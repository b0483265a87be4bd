package generator

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"weir/limits"
	"weir/record"
)

// templateData is what a template is given.
type templateData struct {
	ID              string
	I               int64
	Kind, Key       string
	EventTime       string // RFC 3339 in UTC with milliseconds
	EventTimeMillis int64  // since the Unix epoch
	Value           string // with the kind's decimals; empty where it has none
}

// newTemplate parses a template. Whoever executes it gives it functions of their own source.
func newTemplate(text string) (*template.Template, error) {
	return template.New("payload").Option("missingkey=error").Funcs(functions(newRandom(0))).Parse(text)
}

// functions are what a template may call besides those of text/template. All draw from r, so that they are as pure as the record.
func functions(r *random) template.FuncMap {
	return template.FuncMap{
		"int":   func(from, to int64) (int64, error) { return drawInt(r, from, to) },
		"float": func(from, to float64, decimals int) (string, error) { return drawFloat(r, from, to, decimals) },
		"pick":  func(from ...any) (any, error) { return pick(r, from) },
		"hex":   func(digits int) (string, error) { return drawHex(r, digits) },
		"uuid":  func() string { return drawUUID(r) },
		"json":  quoteAny,
		"fake":  newFake(r),
	}
}

// drawInt is a whole number between two, both included.
func drawInt(r *random, from, to int64) (int64, error) {
	switch width := uint64(to) - uint64(from); {
	case from > to:
		return 0, fmt.Errorf("%d to %d is empty", from, to)
	case width >= math.MaxInt64:
		return 0, fmt.Errorf("%d to %d is too wide", from, to)
	default:
		return from + r.below(int64(width)+1), nil
	}
}

// drawFloat is a number between two, with that many decimals.
func drawFloat(r *random, from, to float64, decimals int) (string, error) {
	if !(from <= to) || math.IsInf(to-from, 0) || decimals < 0 || decimals > maxDecimals {
		return "", fmt.Errorf("%v to %v with %d decimals is no range", from, to, decimals)
	}
	return strconv.FormatFloat(from+float64((to-from)*r.unit()), 'f', decimals, 64), nil
}

func pick(r *random, from []any) (any, error) {
	if len(from) == 0 {
		return nil, errors.New("there is nothing to pick from")
	}
	return from[r.below(int64(len(from)))], nil
}

func drawHex(r *random, digits int) (string, error) {
	if digits < 0 || digits > limits.LargestRecordBytes {
		return "", fmt.Errorf("%d is no number of digits", digits)
	}
	text := make([]byte, digits)
	for i := range text {
		text[i] = "0123456789abcdef"[r.below(16)]
	}
	return string(text), nil
}

// drawUUID is a random UUID, of version 4 (RFC 9562, section 5.4).
func drawUUID(r *random) string {
	high := r.Uint64()&^0xf000 | 0x4000
	low := r.Uint64()&^(0b11<<62) | 0b10<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}

// quoteAny is the text of anything as a JSON string.
func quoteAny(x any) string { return quote(fmt.Sprint(x)) }

// templater executes the templates of a stream.
type templater struct {
	random  *random
	bound   map[*kind]*template.Template
	decoder *record.Decoder
	decoded record.Decoded
	text    limitedBuffer
	pad     string
}

func newTemplater(g *Generator) (*templater, error) {
	t := &templater{random: newRandom(g.seed), bound: map[*kind]*template.Template{}, pad: padMember(g.fields, nil), text: limitedBuffer{largest: g.largest}}
	var err error
	if t.decoder, err = record.NewDecoder(g.fields.paths); err != nil {
		return nil, err
	}
	for _, k := range g.kinds {
		if k.template == nil {
			continue
		}
		bound, err := k.template.Clone()
		if err != nil {
			return nil, err
		}
		t.bound[k] = bound.Funcs(functions(t.random))
	}
	return t, nil
}

// write fills in a record, but for its due time. One whose payload cannot be read is unreadable, and has the drawn key as its
// partition key; one that could not be sent is an error.
func (t *templater) write(w *writer, d *draft, r *record.Record) error {
	t.random.record(d.i)
	t.random.lane(templateLane)
	t.text.Reset()
	if err := t.bound[d.kind].Execute(&t.text, w.templateData(d)); err != nil {
		return err
	}
	text := bytes.TrimSpace(t.text.Bytes())
	buffer := w.arena.room(len(text) + d.size)
	if body, ok := bytes.CutSuffix(text, []byte{'}'}); ok && d.size > len(text) {
		text = append(appendPad(append(buffer, body...), t.pad, d.size-len(text)), '}')
	} else {
		text = append(buffer, text...)
	}
	w.arena.keep(text)
	r.Data, r.ExplicitHashKey = text[:len(text):len(text)], d.hash
	if t.decoder.Decode(r.Data, &t.decoded) == nil {
		r.Event, r.PartitionKey = t.decoded.Event, t.decoded.PartitionKey
	} else {
		r.Event, r.PartitionKey = record.Event{Time: d.ms, Unreadable: true}, string(d.kind.keys.appendTo(nil, d.key))
	}
	if r.PartitionKey == "" {
		r.PartitionKey = plainKey(r.Event.Key)
	}
	return refused(r, t.text.largest)
}

func (w *writer) templateData(d *draft) *templateData {
	t := &templateData{
		ID: fmt.Sprintf("%s-%d", w.run, d.i), I: d.i, Kind: d.kind.name, Key: string(d.kind.keys.appendTo(nil, d.key)),
		EventTime: string(w.times.appendTo(nil, d.ms)), EventTimeMillis: d.ms,
	}
	if d.kind.value != nil {
		t.Value = string(appendDecimal(nil, d.value, d.kind.decimals))
	}
	return t
}

// plainKey joins the parts of a row's key as a partition key joins its own: as they are, without the missing ones.
func plainKey(rowKey string) string {
	parts := slices.DeleteFunc(record.SplitKey(rowKey), func(part string) bool { return part == "" })
	return strings.Join(parts, "|")
}

// refused says why a record must not reach the wire.
func refused(r *record.Record, largest int) error {
	if err := refusedKey(r.PartitionKey); err != nil {
		return fmt.Errorf("partition key %.60q: %w", r.PartitionKey, err)
	}
	if r.Size() > largest {
		return fmt.Errorf("%d bytes of data and partition key are above %d", r.Size(), largest)
	}
	return nil
}

// limitedBuffer takes no more than a record may have, so that a template cannot fill the memory.
type limitedBuffer struct {
	bytes.Buffer
	largest int
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.largest {
		return 0, fmt.Errorf("the payload is above %d bytes", b.largest)
	}
	return b.Buffer.Write(p)
}
