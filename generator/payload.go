package generator

import (
	"slices"
	"strings"

	"weir/record"
)

// draft is what was drawn for one record.
type draft struct {
	i      int64
	kind   *kind
	layout *layout // nil for a template
	key    int64   // its number
	hash   string  // explicit hash key
	ms     int64   // event time
	value  int64   // in 1/10^decimals
	size   int     // of the data, 0 if open
	broken breakage
}

// writer turns drafts into records. It is one goroutine's.
type writer struct {
	fields *fields
	run    string
	id     string // as JSON, up to the record's number
	arena  arena
	times  eventTimes
	// key and value are where the last payload has the first key and the value, without quotes.
	key, value mark
}

func newWriter(g *Generator) writer {
	return writer{fields: g.fields, run: g.run, id: strings.TrimSuffix(quote(g.run+"-"), `"`)}
}

// mark is a stretch of a payload.
type mark struct{ start, end int }

// write fills in all but the due time, each field by itself: a record is often memory that held another one.
func (w *writer) write(d *draft, r *record.Record) {
	l := d.layout
	data := w.payload(w.arena.room(max(d.size, l.most)+l.mostJoined), d)
	used := data
	r.Data = data[:len(data):len(data)]
	r.ExplicitHashKey = d.hash
	r.Event.Kind = ""
	if w.fields.paths.Kind != "" {
		r.Event.Kind = d.kind.name
	}
	r.Event.Time = d.ms
	r.Event.Value = w.valueText(data, d)
	r.Event.Unreadable = false
	r.Event.Key, used = w.rowKey(used, d)
	r.PartitionKey, used = w.partitionKey(used, d, r.Event.Key)
	w.arena.keep(used)
}

// bound takes note of how much of the arena a record of a layout takes at most: its payload, unless it is padded to more, and the two
// keys, where they have to be joined.
func (w *writer) bound(k *kind, l *layout) {
	l.most = l.fixed + len(l.segments)*max(len(w.id)+numberBytes, k.keys.longest+len(`[]`), eventTimeLength+len(`""`))
	part := 1 + max(len(l.value), numberBytes, len(k.name), k.keys.longest, eventTimeLength)
	// Escaped, a part of the row's key doubles at most, and the partition key may have to be made of the key's parts.
	l.mostJoined = part * (3*len(w.fields.key) + len(w.fields.partition))
}

// payload appends a draft's payload to an empty slice, which has room for it.
func (w *writer) payload(to []byte, d *draft) []byte {
	l := d.layout
	w.key, w.value = mark{}, mark{}
	for i := range l.segments {
		s := &l.segments[i]
		to = append(to, s.text...)
		switch s.slot {
		case idSlot:
			to = append(appendDecimal(append(to, w.id...), d.i, 0), '"')
		case keySlot:
			to = w.appendKey(to, d)
		case timeSlot:
			to = w.appendTime(to, d)
		case valueSlot:
			to = w.appendValue(to, d)
		}
	}
	if gap := d.size - len(to) - len(l.tail); gap > 0 {
		to = appendPad(to, l.pad, gap)
	}
	return append(to, l.tail...)
}

func (w *writer) appendKey(to []byte, d *draft) []byte {
	list := d.broken == wrongType && d.kind.value == nil
	if list {
		to = append(to, '[')
	}
	if k := &d.kind.keys; k.list != nil {
		to = append(to, k.quoted[d.key]...)
	} else {
		to = append(to, '"')
		start := len(to)
		to = k.appendTo(to, d.key)
		w.key = mark{start, len(to)}
		to = append(to, '"')
	}
	if list {
		to = append(to, ']')
	}
	return to
}

func (w *writer) appendTime(to []byte, d *draft) []byte {
	switch d.broken {
	case noTime:
		return append(to, "null"...)
	case zeroTime:
		return append(to, `"`+zeroDate+`"`...)
	}
	return append(w.times.appendTo(append(to, '"'), d.ms), '"')
}

func (w *writer) appendValue(to []byte, d *draft) []byte {
	if d.broken == wrongType {
		return append(appendDecimal(append(to, '['), d.value, d.kind.decimals), ']')
	}
	start := len(to)
	to = appendDecimal(to, d.value, d.kind.decimals)
	w.value = mark{start, len(to)}
	return to
}

// valueText is the value as it stands in the payload.
func (w *writer) valueText(data []byte, d *draft) string {
	if d.kind.value == nil {
		return d.layout.value
	}
	return view(data[w.value.start:w.value.end])
}

// rowKey is [record.JoinKey] of the key's parts. Where it does not stand in the payload, it is appended to what was used.
func (w *writer) rowKey(used []byte, d *draft) (key string, nowUsed []byte) {
	k := &d.kind.keys
	if len(w.fields.key) == 1 && w.fields.key[0] == keySlot && !k.escaped {
		return w.keyText(used, d), used
	}
	start := len(used)
	for i, part := range w.fields.key {
		if i > 0 {
			used = append(used, '|')
		}
		used = escapeFrom(w.appendPart(used, d, part), len(used))
	}
	return view(used[start:]), used
}

// partitionKey joins its parts as [record.Decoder] does: as they are, without the missing ones. If all are, the key's parts serve.
func (w *writer) partitionKey(used []byte, d *draft, rowKey string) (key string, nowUsed []byte) {
	parts := w.fields.partition
	switch {
	case len(parts) == 1 && parts[0] == keySlot:
		return w.keyText(used, d), used
	case w.fields.alike && !d.kind.escaped:
		return rowKey, used
	}
	for _, parts := range [][]slot{parts, w.fields.key} {
		start := len(used)
		for _, part := range parts {
			before := len(used)
			if before > start {
				used = append(used, '|')
			}
			after := len(used)
			if used = w.appendPart(used, d, part); len(used) == after {
				used = used[:before]
			}
		}
		if len(used) > start {
			return view(used[start:]), used
		}
	}
	return "", used
}

// keyText is the key's text, of a list or out of the payload.
func (w *writer) keyText(payload []byte, d *draft) string {
	if k := &d.kind.keys; k.list != nil {
		return k.list[d.key]
	}
	return view(payload[w.key.start:w.key.end])
}

func (w *writer) appendPart(to []byte, d *draft, part slot) []byte {
	switch part {
	case kindSlot:
		return append(to, d.kind.name...)
	case keySlot:
		return d.kind.keys.appendTo(to, d.key)
	case timeSlot:
		return w.times.appendTo(to, d.ms)
	case valueSlot:
		if d.kind.value == nil {
			return append(to, d.layout.value...)
		}
		return appendDecimal(to, d.value, d.kind.decimals)
	}
	return to
}

// escapeFrom puts a backslash before each "|" and "\" from a place on.
func escapeFrom(text []byte, from int) []byte {
	for i := from; i < len(text); i++ {
		if text[i] == '|' || text[i] == '\\' {
			text = slices.Insert(text, i, '\\')
			i++
		}
	}
	return text
}

// filler is what payloads are padded with.
const filler = "The wall across the stream is low: it measures the flow, and shows what piles up behind it. "

// appendPad makes a payload longer by so many bytes: by a member of text, or by spaces where there is no room for one.
func appendPad(to []byte, member string, n int) []byte {
	if n <= len(member) {
		for range n {
			to = append(to, ' ')
		}
		return to
	}
	to = append(to, member...)
	for n -= len(member) + 1; n > 0; n -= len(filler) {
		to = append(to, filler[:min(n, len(filler))]...)
	}
	return append(to, '"')
}
