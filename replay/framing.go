package replay

import (
	"bytes"

	"weir/stream/kpl"
)

// decide finds out the file's format, if enough of it was read; ended says that there is no more.
func (l *lines) decide(ended bool) bool {
	text := l.unfinished()
	if !ended && len(text) <= maxLine && len(text) < max(l.enough, len(byteOrderMark)) {
		return false
	}
	if bytes.HasPrefix(text, []byte(byteOrderMark)) && l.offset() == 0 {
		l.start += len(byteOrderMark)
		text = l.unfinished()
	}
	format, ok := l.format, true
	if format == "" || format == AutoFormat {
		if format, ok = sniff(text, ended || len(text) > maxLine); ok && format == NDJSON && l.likeRows == "" {
			l.likeRows = rowsHint(l.name, text)
		}
	}
	switch {
	case !ok:
		if len(text) > sniffBytes {
			l.enough = len(text) * 3 / 2
		}
		return false
	case format == CSV:
		return l.readHeader(ended)
	case format == Concatenated:
		l.frame = concatenated{}
	case format == Array:
		l.frame = elements{}
	}
	l.decided, l.enough = true, 0
	if len(text) > 0 {
		l.note(format, l.content.compressedBy())
	}
	return true
}

// readHeader takes the first row of a CSV file, once it is whole. A file whose header is of no use is given up.
func (l *lines) readHeader(ended bool) bool {
	text := l.unfinished()
	start := skipBlank(text, 0)
	if text = text[start:]; len(text) == 0 {
		l.decided = ended
		return ended
	}
	spoken, length, isSpoken := spokenDelimiter(text)
	if isSpoken {
		start += length
		text = text[length:]
	}
	delimiter, _ := delimiterOf(firstRow(text))
	if isSpoken {
		delimiter = spoken
	}
	end, next, state := scanRow(text, &dialect{delimiter: delimiter, padded: true})
	if state == unfinished && !ended && len(text) <= maxLine {
		if len(text) > sniffBytes {
			l.enough = len(text) * 3 / 2
		}
		return false
	}
	l.decided, l.enough = true, 0
	var err error
	if l.header, err = newHeader(bytes.TrimRight(text[:end], "\r"), delimiter); err != nil {
		l.refuse(BadHeader, 1, err)
		l.leave()
		return true
	}
	l.note(CSV, l.content.compressedBy())
	l.frame = rows{l.header.dialect}
	l.before += int64(bytes.Count(l.unfinished()[:start+next], []byte{'\n'}))
	l.start += start + next
	return true
}

// concatenate turns to [Concatenated] in the middle of a file whose lines have come to an end, if objects follow one another there.
func (l *lines) concatenate() bool {
	if l.format == NDJSON {
		return false
	}
	if spans, _ := (concatenated{}).cut(l.unfinished(), false, nil); len(spans) < 2 {
		return false
	}
	l.frame = concatenated{}
	l.cutRecords(false, false)
	return true
}

// atAggregate turns to [Concatenated] at the line that has a KPL aggregate in the bytes read from old on, for an aggregate has line ends that end nothing. No text in UTF-8
// has those bytes.
func (l *lines) atAggregate(old int) bool {
	from := max(l.start, old-len(kpl.Magic)+1)
	at := bytes.Index(l.arena[from:], []byte(kpl.Magic))
	if at < 0 || l.format == NDJSON {
		return false
	}
	if end := bytes.LastIndexByte(l.arena[l.start:from+at], '\n'); end >= 0 {
		l.give(l.start+end+1, false)
	}
	l.frame = concatenated{}
	l.cutRecords(false, false)
	return true
}

// cutRecords gives out the whole records that the frame finds; with ended, all that is left, the last of which may be torn. A record
// that is too long to be held is treated as what is left, too: the parser says why each part of it is of no use.
func (l *lines) cutRecords(ended, torn bool) {
	text := l.unfinished()
	if long := len(text) > maxLine; !ended && !long && len(text) < l.enough {
		return
	}
	spans, used := l.frame.cut(text, false, nil)
	if ended || used == 0 && len(text) > maxLine {
		spans, used = l.frame.cut(text, true, nil)
	}
	if len(spans) > 0 {
		l.queue = append(l.queue, block{
			file: l.name, before: l.before, offset: l.offset(), data: text[:used:used], spans: spans, header: l.header, torn: torn,
		})
	}
	l.before += int64(bytes.Count(text[:used], []byte{'\n'}))
	l.start += used
	if l.enough = 0; len(l.unfinished()) > sniffBytes {
		l.enough = len(l.unfinished()) * 3 / 2
	}
}
