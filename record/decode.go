package record

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"weir/limits"
)

// Decoded is what a Decoder found in one record.
type Decoded struct {
	Event Event
	// PartitionKey holds the values of Fields.PartitionKey joined by "|", missing ones left out; empty where none is
	// there. Not escaped: two keys that join alike share a shard, which harms nothing.
	PartitionKey string
	// Found has bit i set where the record has the path Decoder.Paths()[i], be its value null.
	Found uint64
}

// Decoder reads the fields of records. It is not safe for concurrent use: one a goroutine.
//
// An event time is RFC 3339, or like it: with a space for the T, in lower case, with a zone as +00, +0000 or UTC; or a number of milliseconds since 1970, be it
// text. With Fields.TimeFormat, numbers are in its unit (s, ms, us, ns), or text has its form: a layout of Go, or of strftime where it has a %. A time
// without a zone is one only with Fields.TimeZone.
//
// Strings in what it decodes may share memory with the data, which is never written to again. Whoever keeps one long, as the key
// of a map, clones it, or it holds the whole block that the data came in.
type Decoder struct {
	paths                  []string
	root                   pathNode
	kind, eventTime, value int // slots
	key, partitionKey      []int
	scanner                scanner
	kinds                  map[string]string
	parts                  []string
	times                  timeForm
	certain                certainty // where no event time is in doubt
	garbled                int       // the slot of the first text that has characters which are none, -1 for no such text
}

// maxKinds bounds the kinds that a decoder keeps one string each of.
const maxKinds = 1024

// NewDecoder compiles the paths. An empty path stands for none: such a field is never found. Among the paths of a key it is an error.
func NewDecoder(f Fields) (*Decoder, error) {
	d := &Decoder{root: pathNode{slot: -1}, kinds: make(map[string]string)}
	var err error
	if d.times, err = newTimeForm(f.TimeFormat, f.TimeZone); err != nil {
		return nil, err
	}
	for _, field := range []struct {
		path string
		slot *int
	}{{f.Kind, &d.kind}, {f.EventTime, &d.eventTime}, {f.Value, &d.value}} {
		slot, err := d.addPath(field.path)
		if err != nil {
			return nil, err
		}
		*field.slot = slot
	}
	for _, list := range []struct {
		paths []string
		slots *[]int
	}{{f.Key, &d.key}, {f.PartitionKey, &d.partitionKey}} {
		for _, path := range list.paths {
			slot, err := d.addPath(path)
			if err != nil {
				return nil, err
			}
			if slot < 0 {
				return nil, errors.New("a path among several is empty")
			}
			*list.slots = append(*list.slots, slot)
		}
	}
	// The last slot is that of no path.
	d.scanner.slots = make([]slot, len(d.paths)+1)
	for _, slot := range []*int{&d.kind, &d.eventTime, &d.value} {
		if *slot < 0 {
			*slot = len(d.paths)
		}
	}
	return d, nil
}

// addPath is the slot of a path, a new one if it is new, and -1 for the empty path.
func (d *Decoder) addPath(path string) (int, error) {
	if path == "" {
		return -1, nil
	}
	if i := slices.Index(d.paths, path); i >= 0 {
		return i, nil
	}
	names, err := SplitPath(path)
	if err != nil {
		return 0, err
	}
	if len(d.paths) == maxPaths {
		return 0, fmt.Errorf("path %q is one too many: at most %d different ones are read", path, maxPaths)
	}
	d.paths = append(d.paths, path)
	d.root.add(names, len(d.paths)-1)
	return len(d.paths) - 1, nil
}

// Paths are the distinct paths that the decoder looks for, in the order of their bits in Decoded.Found.
func (d *Decoder) Paths() []string { return d.paths }

// Decode reads one record. The error wraps ErrNotJSON or ErrNoEventTime where the record cannot be scheduled, and
// ErrBadValue, ErrNotUTF8 among them, where it can but the aggregator cannot use it: then Event.Time is set and Event.Unreadable is true.
func (d *Decoder) Decode(data []byte, to *Decoded) error {
	*to = Decoded{}
	s := &d.scanner
	s.data, s.pos, s.depth, s.repeated, s.barred = data, 0, 0, false, false
	d.garbled = -1
	clear(s.slots)
	if !s.document(&d.root) {
		return &decodeError{err: ErrNotJSON, offset: s.pos}
	}
	for i := range d.paths {
		at := &s.slots[i]
		if at.present {
			to.Found |= 1 << i
		}
		if at.kind == compositeValue {
			s.attribute(at)
		}
	}
	to.PartitionKey = d.joinPartitionKey()
	var ok bool
	if to.Event.Time, ok = d.time(); !ok {
		return &decodeError{err: ErrNoEventTime, path: d.path(d.eventTime), offset: s.slots[d.eventTime].start}
	}
	bad := d.event(&to.Event)
	if d.garbled >= 0 {
		to.Event = Event{Time: to.Event.Time, Unreadable: true}
		return &decodeError{err: ErrNotUTF8, path: d.path(d.garbled), offset: s.slots[d.garbled].start}
	}
	if bad >= 0 {
		to.Event = Event{Time: to.Event.Time, Unreadable: true}
		return &decodeError{err: ErrBadValue, path: d.path(bad), offset: s.slots[bad].start}
	}
	return nil
}

func (d *Decoder) path(slot int) string {
	if slot < len(d.paths) {
		return d.paths[slot]
	}
	return ""
}

// event fills in kind, key and value, and returns the slot of the first that the aggregator cannot use, -1 if there is none.
func (d *Decoder) event(e *Event) int {
	kind, ok := d.scalar(d.kind)
	if !ok {
		return d.kind
	}
	e.Kind = d.intern(kind)
	d.parts = d.parts[:0]
	for _, slot := range d.key {
		part, ok := d.scalar(slot)
		if !ok {
			return slot
		}
		d.parts = append(d.parts, part)
	}
	e.Key = JoinKey(d.parts)
	if !fitsItem(e) {
		return append(d.key, d.kind)[0]
	}
	switch s := &d.scanner.slots[d.value]; s.kind {
	case absent:
	case numberValue:
		e.Value = d.raw(s)
		if !fitsNumber(e.Value, s.plain) {
			return d.value
		}
	case stringValue: // many producers write numbers so
		text, _ := d.scalar(d.value)
		if _, err := CanonicalNumber(text); err != nil {
			return d.value
		}
		e.Value = text
	default:
		return d.value
	}
	return -1
}

// fitsItem says that a row of the event has a place in the table: its kind, in which two characters are escaped, and its key are the
// hash key of an item.
func fitsItem(e *Event) bool {
	if 2*len(e.Kind)+1+len(e.Key) <= limits.PartitionKeyBytes {
		return true
	}
	return len(e.Kind)+strings.Count(e.Kind, "#")+strings.Count(e.Kind, `\`)+1+len(e.Key) <= limits.PartitionKeyBytes
}

func (d *Decoder) time() (ms int64, ok bool) {
	switch s := &d.scanner.slots[d.eventTime]; s.kind {
	case stringValue:
		if s.plain && len(d.times.layouts) == 0 {
			if ms, ok := parseWholeSeconds(d.raw(s)); ok { // the form that most have
				return ms, true
			}
		}
		text, _ := d.scalar(d.eventTime)
		return d.times.parse(text, false)
	case numberValue:
		return d.times.parse(d.raw(s), true)
	}
	return 0, false
}

// EventTimeText is what the record that was decoded last has as its event time, be it one or not: the characters of a string, or a number. It is not ok where it has
// neither.
func (d *Decoder) EventTimeText() (text string, number, ok bool) {
	switch s := &d.scanner.slots[d.eventTime]; s.kind {
	case stringValue:
		text, _ = d.scalar(d.eventTime)
		return text, false, true
	case numberValue:
		return d.raw(s), true, true
	}
	return "", false, false
}

// joinPartitionKey leaves out what is missing and what is not a scalar.
func (d *Decoder) joinPartitionKey() string {
	d.parts = d.parts[:0]
	for _, slot := range d.partitionKey {
		if part, _ := d.scalar(slot); part != "" {
			d.parts = append(d.parts, part)
		}
	}
	if len(d.parts) == 1 {
		return d.parts[0]
	}
	return strings.Join(d.parts, "|")
}

// scalar is the characters of a string, or a number, true or false as it stands; empty where there is none. It is not ok for an
// object or an array.
func (d *Decoder) scalar(slot int) (text string, ok bool) {
	s := &d.scanner.slots[slot]
	switch s.kind {
	case absent:
		return "", true
	case compositeValue:
		return "", false
	case stringValue:
		raw := d.scanner.data[s.start:s.end]
		if !s.plain && d.garbled < 0 && slot != d.value && isGarbled(raw) {
			d.garbled = slot
		}
		return toString(unquote(raw, s.plain)), true
	}
	return d.raw(s), true
}

func (d *Decoder) raw(s *slot) string { return toString(d.scanner.data[s.start:s.end]) }

// toString shares the memory of b, which is never written to again.
func toString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// intern keeps one string of each kind, so that a kind neither holds its record's memory nor costs an allocation.
func (d *Decoder) intern(kind string) string {
	if known, ok := d.kinds[kind]; ok {
		return known
	}
	if len(d.kinds) < maxKinds {
		kind = strings.Clone(kind)
		d.kinds[kind] = kind
	}
	return kind
}

// fitsNumber says whether a JSON number fits a number of the table. A plain one, without an exponent, of few characters always does.
func fitsNumber(text string, plain bool) bool {
	if plain && len(text) <= limits.NumberDigits {
		return true
	}
	_, err := CanonicalNumber(text)
	return err == nil
}

// decodeError is formatted only when somebody reads it: a recording may be full of them.
type decodeError struct {
	err    error
	path   string
	offset int
}

func (e *decodeError) Error() string {
	switch {
	case e.err == ErrNotJSON:
		return fmt.Sprintf("%v: byte %d", e.err, e.offset)
	case e.offset == 0:
		return fmt.Sprintf("%v: no %q", e.err, e.path)
	}
	return fmt.Sprintf("%v: %q at byte %d", e.err, e.path, e.offset)
}

func (e *decodeError) Unwrap() error { return e.err }
