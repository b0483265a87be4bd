package replay

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"weir/limits"
	"weir/record"
)

// parser makes records of lines.
type parser struct {
	fields  record.Fields
	decoder *record.Decoder
	decoded record.Decoded
	skips   *skipLog
	found   uint64 // paths that one of the first requiredWithin lines has, as bits of decoder.Paths
	counts  counts
}

// counts are what a parser saw.
type counts struct {
	lines         int64 // that are not empty
	records       int64
	bytes         int64 // of their data
	unreadable    int64 // records that the aggregator cannot use
	first, newest int64 // event times, ms
	behind        int64 // records older than one before them in the recording
	worst         time.Duration
}

func newParser(fields record.Fields, skips *skipLog) (*parser, error) {
	used := fields
	if used.PartitionKey == nil {
		used.PartitionKey = fields.Key
	}
	decoder, err := record.NewDecoder(used)
	if err != nil {
		return nil, err
	}
	return &parser{fields: fields, decoder: decoder, skips: skips}, nil
}

// parse gives each record of a block to out, which must copy it. Its bytes are the block's.
func (p *parser) parse(b *block, out func(*record.Record)) {
	if b.skip != nil {
		p.counts.lines++
		p.skips.add(*b.skip, b.sample)
		return
	}
	number, rest := b.before, b.data
	var line []byte
	for len(rest) > 0 {
		if before, after, ok := bytes.Cut(rest, []byte{'\n'}); ok {
			line, rest = before, after
		} else {
			line, rest = rest, nil
		}
		number++
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) == 0 {
			continue
		}
		torn := b.torn && rest == nil
		p.line(line[:len(line):len(line)], Skip{File: b.file, Line: number}, torn, out)
	}
}

// line makes a record of one line, or a skip.
func (p *parser) line(line []byte, at Skip, torn bool, out func(*record.Record)) {
	r := record.Record{Data: line}
	reason, err := p.decode(&r)
	if torn && reason == NotJSON {
		return // it is part of the break, which has a skip of its own; a JSON object cut short is none
	}
	p.counts.lines++
	if reason != "" {
		at.Reason = reason
		if err != nil {
			at.Detail = strings.TrimPrefix(strings.TrimPrefix(err.Error(), string(reason)), ": ")
		}
		p.skips.add(at, line)
		return
	}
	p.count(&r)
	out(&r)
}

// decode fills in what the record's data says.
func (p *parser) decode(r *record.Record) (Reason, error) {
	if len(r.Data) > maxLine {
		return LongLine, nil
	}
	err := p.decoder.Decode(r.Data, &p.decoded)
	if p.counts.lines < requiredWithin {
		p.found |= p.decoded.Found
	}
	switch {
	case err == nil, errors.Is(err, record.ErrBadValue):
	case errors.Is(err, record.ErrNoEventTime):
		return NoEventTime, err
	default:
		return NotJSON, err
	}
	r.Event, r.PartitionKey = p.decoded.Event, p.decoded.PartitionKey
	if r.PartitionKey == "" && p.fields.PartitionKey != nil {
		r.PartitionKey = plainKey(r.Event.Key)
	}
	if reason := refusedKey(r.PartitionKey); reason != "" {
		return reason, nil
	}
	if r.Size() > limits.RecordBytes {
		return LargeRecord, fmt.Errorf("%d bytes", r.Size())
	}
	return "", nil
}

// plainKey joins the parts of a row's key as a partition key joins its own: as they are, without the missing ones.
func plainKey(rowKey string) string {
	parts := slices.DeleteFunc(record.SplitKey(rowKey), func(part string) bool { return part == "" })
	return strings.Join(parts, "|")
}

// refusedKey says why a partition key must not reach the wire: Kinesis refuses it, or it would count as a flush.
func refusedKey(key string) Reason {
	switch {
	case key == "":
		return NoPartitionKey
	case len(key) > limits.PartitionKeyCharacters && utf8.RuneCountInString(key) > limits.PartitionKeyCharacters:
		return LongKey
	case !utf8.ValidString(key):
		return InvalidKey
	case record.IsFlush(key):
		return ReservedKey
	}
	return ""
}

func (p *parser) count(r *record.Record) {
	c := &p.counts
	at := r.Event.Time
	if c.records == 0 {
		c.first, c.newest = at, at
	}
	c.records++
	c.bytes += int64(len(r.Data))
	if r.Event.Unreadable {
		c.unreadable++
	}
	c.first = min(c.first, at)
	if at >= c.newest {
		c.newest = at
		return
	}
	c.behind++
	c.worst = max(c.worst, millis(uint64(c.newest)-uint64(at)))
}

// millis is a Duration of ms, at most the longest there is.
func millis(ms uint64) time.Duration { return Pace{}.at(ms) }
