package generator

import (
	"bytes"
	"slices"
)

// breakage is a way in which real data is broken, so that the aggregator cannot read it: record.Decoder has an error for each.
type breakage uint8

const (
	unbroken     breakage = iota
	cutShort              // a torn write: the object does not end
	singleQuotes          // a dict as Python prints it, which is not JSON
	noTime                // the event time is null
	zeroTime              // the event time is MySQL's zero date
	wrongType             // the value is a list; without one, the key
	breakages             // how many ways there are
)

// zeroDate has the length of an event time.
const zeroDate = "0000-00-00T00:00:00.000Z"

// drawBreakage is a way in which a record of that kind can be broken, each as likely. A template can be broken afterwards only.
func (g *Generator) drawBreakage(k *kind, r *random) breakage {
	if k.template != nil {
		return cutShort + breakage(r.below(2))
	}
	b := cutShort + breakage(r.below(int64(breakages-cutShort)))
	if b == wrongType && k.value == nil && !slices.Contains(g.fields.key, keySlot) {
		return zeroTime // the key is made of other fields, and has no place of its own
	}
	return b
}

// spoil breaks a payload that was written whole, where that is how it is to be broken. What is left of it is still the memory of data.
func (b breakage) spoil(data []byte, r *random) []byte {
	switch b {
	case cutShort:
		// The last brace is what makes the object whole, whatever follows it.
		return data[:1+r.below(int64(bytes.LastIndexByte(data, '}')))]
	case singleQuotes:
		for i, c := range data {
			if c == '"' {
				data[i] = '\''
			}
		}
	}
	return data
}
