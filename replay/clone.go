package replay

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"weir/record"
)

// cloner multiplies a load by its keys: clone i of a record is the same record of another key, so that there are more keys, each at
// its own rate, and not the same ones faster.
//
// A clone's key is the original's with a tilde and i behind one part of it: the first that is text, else the first there is, which becomes
// text by it: of DynamoDB's attributes, {"N":"5"} becomes {"S":"5~1"}. Where that part is none of the partition key's, the same is done to the partition key, and so it is to the one that a
// captured record brings along, without its hash key: clones are to spread over the shards. The parts are changed in the
// record's JSON, where the aggregator reads them. A kind, an event time and a value are never changed.
type cloner struct {
	rewriter
	copies            int   // beside the original
	key, partitionKey []int // of the decoder's paths, without the ones that are not to be changed
	shared            bool  // the partition key is made of the key
}

func newCloner(o *Options) (*cloner, error) {
	if o.Multiply < 0 {
		return nil, fmt.Errorf("%w: records cannot be multiplied by %d", ErrImpossible, o.Multiply)
	}
	if o.Multiply <= 1 {
		return nil, nil
	}
	w, err := newRewriter(o.Fields)
	if err != nil {
		return nil, err
	}
	c := &cloner{rewriter: w, copies: o.Multiply - 1, shared: o.Fields.PartitionKey == nil}
	c.key, c.partitionKey = c.changeable(&o.Fields, o.Fields.Key), c.changeable(&o.Fields, o.Fields.PartitionKey)
	if len(c.key) == 0 {
		return nil, fmt.Errorf("%w: keys cannot be multiplied, for every part of the key is the kind, the event time or the value", ErrImpossible)
	}
	return c, nil
}

// changeable are those of some paths whose value may be another in a clone.
func (c *cloner) changeable(f *record.Fields, paths []string) (indexes []int) {
	for _, path := range paths {
		if !slices.Contains([]string{f.Kind, f.EventTime, f.Value}, path) {
			indexes = append(indexes, c.index(path))
		}
	}
	return indexes
}

// clone is the data of clone i; it is not ok where the record has no part of a key that can be changed.
func (c *cloner) clone(data []byte, i int) (clone []byte, ok bool) {
	c.read(data)
	part, ok := c.part(data, c.key)
	if !ok {
		return nil, false
	}
	c.mark(data, part, i)
	if !c.shared && !slices.Contains(c.partitionKey, part) {
		if part, ok := c.part(data, c.partitionKey); ok {
			c.mark(data, part, i)
		}
	}
	return c.write(data), true
}

// part chooses which of some values is changed: the first text, else the first number, true or false.
func (c *cloner) part(data []byte, indexes []int) (part int, ok bool) {
	for _, i := range indexes {
		start, _, there := c.decoder.Place(i)
		switch {
		case !there || data[start] == '{' || data[start] == '[':
		case data[start] == '"' && !c.decoder.Numeric(i):
			return i, true
		case !ok:
			part, ok = i, true
		}
	}
	return part, ok
}

// marked is the key of clone i.
func marked(key string, i int) string { return key + "~" + strconv.Itoa(i) }

// mark puts the mark of clone i behind a value.
func (c *cloner) mark(data []byte, part, i int) {
	start, end, _ := c.decoder.Place(part)
	mark := strconv.AppendInt([]byte{'~'}, int64(i), 10)
	if c.decoder.Numeric(part) {
		name := bytes.LastIndex(data[:start], []byte(`"N"`))
		c.edits = append(c.edits, edit{name, name + len(`"N"`), []byte(`"S"`)})
	}
	if data[start] == '"' {
		c.edits = append(c.edits, edit{end - 1, end - 1, mark})
		return
	}
	text := append([]byte{'"'}, data[start:end]...)
	c.edits = append(c.edits, edit{start, end, append(append(text, mark...), '"')})
}
