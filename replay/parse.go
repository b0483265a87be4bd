package replay

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"weir/limits"
	"weir/record"
)

// parser makes records of lines.
type parser struct {
	fields  record.Fields
	decoder *record.Decoder
	decoded record.Decoded
	largest int // bytes of a record
	chosen  selection
	cloner  *cloner  // nil where nothing is multiplied
	lap     lapClock // of event times
	moments lapClock // and of what is replayed by, which differs in a capture
	skips   *skipLog
	block   *block // what is parsed, and where in its data
	at      int
	within  []span // the objects of one line
	brought string // the partition key that a captured record brings along, while it is given out
	found   uint64 // paths that one of the first requiredWithin lines has, as bits of decoder.Paths
	counts  counts
	// firehose says what becomes of Firehose's error objects.
	firehose FirehoseErrors
	latest   int64       // what is later may be in the future, ms
	census   *census     // nil where nobody asks which fields there are
	times    *timeSample // nil where nobody asks how event times are written
	unusable error       // why the aggregator cannot use the first of those that it cannot
	example  []byte      // the first record that is JSON, be it of use or not
	arena    []byte      // what records are made in that do not stand in the file as they are sent
}

func newParser(o *Options, skips *skipLog) (*parser, error) {
	used := o.Fields
	if used.PartitionKey == nil {
		used.PartitionKey = used.Key
	}
	decoder, err := record.NewDecoder(used)
	if err != nil {
		return nil, err
	}
	cloner, err := newCloner(o)
	if err != nil {
		return nil, err
	}
	return &parser{
		fields: o.Fields, decoder: decoder, skips: skips, largest: cmp.Or(o.RecordBytes, limits.RecordBytes),
		firehose: o.FirehoseErrors, chosen: newSelection(o), cloner: cloner, lap: lapClock{grain: decoder.TimeGrain()},
	}, nil
}

// parse gives each record of a block to out, which must copy it. Its bytes are the block's, or the parser's own, which are not
// written to again.
func (p *parser) parse(b *block, out func(*record.Record)) {
	switch {
	case b.skip != nil:
		if !b.unread {
			p.counts.lines++
		}
		p.skips.add(*b.skip, b.sample)
	case b.spans != nil:
		p.spans(b, out)
	default:
		p.lines(b, out)
	}
}

// lines makes records of a block's lines.
func (p *parser) lines(b *block, out func(*record.Record)) {
	rest := b.data
	var line []byte
	for len(rest) > 0 {
		p.block, p.at = b, len(b.data)-len(rest)
		if before, after, ok := bytes.Cut(rest, []byte{'\n'}); ok {
			line, rest = before, after
		} else {
			line, rest = rest, nil
		}
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) == 0 {
			continue
		}
		torn := b.torn && rest == nil
		reason, err := p.record(line[:len(line):len(line)], torn, out)
		if reason == NotJSON && bytes.HasPrefix(line, []byte(byteOrderMark)) { // that of a file which was put behind another one
			line = line[len(byteOrderMark):]
			reason, err = p.record(line[:len(line):len(line)], torn, out)
		}
		if reason != "" && (b.strict || reason != NotJSON && reason != LargeRecord || len(line) == 0 || !p.split(line, torn, out)) {
			p.skip(reason, err, line)
		}
	}
}

// split makes records of the objects in a line that is not one, as where some producers end what they put with a line end and others do
// not. It is false, and has done nothing, where that line has no two objects.
func (p *parser) split(line []byte, torn bool, out func(*record.Record)) bool {
	if line[0] != '{' {
		return false
	}
	if end, state := scanObject(line); state != finished || skipBlank(line, end) == len(line) {
		return false
	}
	start := p.at
	p.within, _ = concatenated{}.cut(line, true, p.within[:0])
	for i, s := range p.within {
		p.at = start + s.start
		text := line[s.start:s.end:s.end]
		if reason, err := p.record(text, torn && i == len(p.within)-1, out); reason != "" {
			p.skip(reason, err, text)
		}
	}
	return true
}

// spans makes records of what a framer found.
func (p *parser) spans(b *block, out func(*record.Record)) {
	for i, s := range b.spans {
		p.block, p.at = b, s.start
		text := b.data[s.start:s.end:s.end]
		reason, err := Reason(""), error(nil)
		data, torn := text, b.torn && i == len(b.spans)-1
		if b.header != nil && torn && bytes.IndexByte(b.data[s.end:], '\n') < 0 {
			continue // it may lack some of its last field, and the break has a skip of its own
		}
		if b.header != nil {
			if data, err = p.object(b.header, text); err != nil {
				reason = BadRow
			}
			if bytes.Equal(text, b.header.row) {
				reason, err = HeaderAgain, nil
			}
		}
		if reason == "" {
			reason, err = p.record(data, torn, out)
		}
		if reason == NotJSON && err != nil && len(text) > sampleBytes { // its sample does not show all that it costs
			err = fmt.Errorf("%w; it has %d bytes", err, len(text))
		}
		if reason != "" {
			p.skip(reason, err, text)
		}
	}
}

// position is where what is parsed stands.
func (p *parser) position() Skip {
	before := p.block.data[:p.at]
	return Skip{File: p.block.file, Line: p.block.before + int64(bytes.Count(before, []byte{'\n'})) + 1, Offset: p.block.offset + int64(p.at)}
}

// object is a CSV row as a JSON object, in memory that is not written to again.
func (p *parser) object(h *header, row []byte) ([]byte, error) {
	// A byte of a row takes at most six, as \u0000, and an empty field four, as null.
	if need := h.bytes + 6*len(row) + 6*len(h.names) + 2; cap(p.arena)-len(p.arena) < need {
		p.arena = make([]byte, 0, max(arenaBytes, need))
	}
	start := len(p.arena)
	object, err := h.appendObject(p.arena, row)
	if err != nil {
		return nil, err
	}
	p.arena = object
	return object[start:len(object):len(object)], nil
}

// record makes a record of its data, or says why there is none. Data that a file breaks off in, and that is no object, is passed over:
// the break has a skip of its own, and a JSON object cut short is none.
func (p *parser) record(data []byte, torn bool, out func(*record.Record)) (Reason, error) {
	if record.IsCaptured(data) {
		return p.captured(data, torn, out)
	}
	return p.open(data, envelope{}, torn, out)
}

// give gives out a record that was decoded, and its clones, if it is one of those that are replayed.
func (p *parser) give(r *record.Record, out func(*record.Record)) {
	p.counts.lines++
	if p.census != nil {
		p.census.add(r.Data)
	}
	if !p.chosen.takes(r) {
		return
	}
	if r.Due == 0 { // but of a capture
		r.Due = time.Duration(r.Event.Time)
	}
	recorded := r.Due
	p.lap.take(r.Event.Time)
	p.moments.take(moment(r))
	p.count(r)
	out(r)
	if p.cloner == nil {
		return
	}
	for i := 1; i <= p.cloner.copies; i++ {
		if reason, err := p.clone(r.Data, i, recorded, out); reason != "" {
			p.skip(reason, err, r.Data)
		}
	}
}

// clone gives out clone i of a record.
func (p *parser) clone(data []byte, i int, recorded time.Duration, out func(*record.Record)) (Reason, error) {
	copied, ok := p.cloner.clone(data, i)
	if !ok {
		return NotCloned, nil
	}
	r := record.Record{Data: copied, Due: recorded}
	if p.brought != "" {
		r.PartitionKey = marked(p.brought, i)
	}
	if reason, err := p.decode(&r); reason != "" {
		return reason, err
	}
	p.count(&r)
	out(&r)
	return "", nil
}

// timeless says whether the record that was decoded last has no event time, or one that cannot be read.
func (p *parser) timeless(err error) (Reason, error) {
	text, _, ok := p.decoder.EventTimeText()
	if !ok || text == "" {
		return NoEventTime, err
	}
	why := ""
	switch is, zoned := record.ISOTime(text); {
	case is && zoned:
		why = ", and the years 2 to 8999 are taken"
	case is:
		why = ", which has no zone"
	}
	return BadEventTime, fmt.Errorf("%q is %.60q%s", p.fields.EventTime, text, why)
}

// turn begins the next lap of the recording.
func (p *parser) turn() error {
	c := &p.counts
	if c.records == 0 {
		return nil // nor will the next lap have any; the requirement says so
	}
	if err := p.moments.turn(c.earliest, c.latest); err != nil {
		return err
	}
	return p.lap.turn(c.first, c.newest)
}

func (p *parser) skip(reason Reason, err error, sample []byte) {
	p.counts.lines++
	if !p.skips.count(reason) {
		return
	}
	at := p.position()
	at.Reason = reason
	if err != nil {
		at.Detail = strings.TrimPrefix(strings.TrimPrefix(err.Error(), string(reason)), ": ")
	}
	p.skips.keep(at, sample)
}

// decode fills in what the record's data says.
func (p *parser) decode(r *record.Record) (Reason, error) {
	if len(r.Data) > maxRecord {
		return LargeRecord, fmt.Errorf("%d bytes of %d", len(r.Data), p.largest)
	}
	err := p.decoder.Decode(r.Data, &p.decoded)
	if p.counts.lines < requiredWithin {
		p.found |= p.decoded.Found
	}
	if p.times != nil && !errors.Is(err, record.ErrNotJSON) {
		p.times.add(p.decoder, r.Data)
	}
	if p.example == nil && !errors.Is(err, record.ErrNotJSON) {
		p.example = bytes.Clone(r.Data)
	}
	switch {
	case err == nil:
	case errors.Is(err, record.ErrNotUTF8):
		return InvalidText, err
	case errors.Is(err, record.ErrBadValue):
		if p.counts.unreadable == 0 {
			p.unusable = err
		}
	case errors.Is(err, record.ErrNoEventTime):
		return p.timeless(err)
	default:
		return NotJSON, err
	}
	r.Event = p.decoded.Event
	if r.PartitionKey == "" {
		r.PartitionKey = p.decoded.PartitionKey
	}
	if r.PartitionKey == "" && p.fields.PartitionKey != nil {
		r.PartitionKey = plainKey(r.Event.Key)
	}
	if reason := refusedKey(r.PartitionKey); reason != "" {
		return reason, nil
	}
	if r.Size() > p.largest {
		return LargeRecord, fmt.Errorf("%d bytes of %d", r.Size(), p.largest)
	}
	return "", nil
}
