package kinesis

import (
	"bytes"
	"slices"
	"sort"
	"unsafe"
)

// entry is a stored record as it is read. Its index in its shard, which the log knows, and its arrival make its sequence number.
type entry struct {
	arrival int64 // ms since the Unix epoch, never falling in a shard
	key     string
	data    []byte
}

// size is what a record counts for in limits.
func (e *entry) size() int64 { return int64(len(e.key) + len(e.data)) }

// memoryOf is what a record takes of the memory: its data, its key, and what the log keeps beside them.
func memoryOf(key string, data []byte) int64 {
	const overhead = 16
	return int64(len(key)+len(data)) + overhead
}

const (
	// segmentEntries is how many records a segment holds, so that the log grows without copying.
	segmentEntries = 2048
	// largeRecord is the size from which a record keeps its own memory.
	largeRecord = 16 << 10
)

// segment holds records side by side in one block of bytes. It has no pointer for each, so that the garbage collector need not look at
// what may be millions of records, and the goroutines beside it do not wait meanwhile. Nothing that stands in it is written to again, but that
// large data are let go of.
type segment struct {
	places []packed
	bytes  []byte
	large  [][]byte // the data of large records
}

// packed is where a record stands in its segment: the key, and behind it the data, unless that is large. It takes 16 bytes: small records are many.
type packed struct {
	arrivalLow  uint32
	start       uint32
	data        uint32 // how long it is; or largeBit, and its place in large
	arrivalHigh uint16
	key         uint16 // how long it is, which is at most 256 characters of at most 4 bytes; with escapedBit where JSON escapes something in it
}

const (
	largeBit   = 1 << 31 // beyond the length of any data
	escapedBit = 1 << 15 // beyond that of any key
)

func (p *packed) arrival() int64 { return int64(p.arrivalHigh)<<32 | int64(p.arrivalLow) }
func (p *packed) escaped() bool  { return p.key&escapedBit != 0 }
func (p *packed) keyLen() uint32 { return uint32(p.key &^ escapedBit) }

func (s *segment) append(arrival int64, key string, data []byte) {
	p := packed{
		arrivalLow: uint32(arrival), arrivalHigh: uint16(arrival >> 32), start: uint32(len(s.bytes)), key: uint16(len(key)), data: uint32(len(data)),
	}
	if !unescaped(key) {
		p.key |= escapedBit
	}
	s.bytes = append(s.bytes, key...)
	if len(data) >= largeRecord {
		p.data = largeBit | uint32(len(s.large))
		s.large = append(s.large, data)
	} else {
		s.bytes = append(s.bytes, data...)
	}
	s.places = append(s.places, p)
}

// makeRoom is for as much as the segment before took, which saves most of the growing.
func (s *segment) makeRoom(before *segment) {
	s.places = make([]packed, 0, segmentEntries)
	s.bytes = make([]byte, 0, len(before.bytes)+len(before.bytes)/128)
}

// seal gives back the room that a full segment will not need.
func (s *segment) seal() {
	if cap(s.bytes)-len(s.bytes) > len(s.bytes)/32 {
		s.bytes = slices.Clip(bytes.Clone(s.bytes))
	}
	s.places = slices.Clip(s.places)
}

// part is the records from one to before another. They stay as they are, whatever becomes of the segment.
func (s *segment) part(from, end uint64) segment {
	return segment{places: s.places[from:end:end], bytes: s.bytes, large: slices.Clone(s.large)}
}

// within is how many of the records from one to before another have at most so many bytes, data and keys, and how many these have.
func (s *segment) within(from, end uint64, most int64) (n uint64, bytes int64) {
	places := s.places[from:end]
	for i := range places {
		size := int64(places[i].keyLen()) + int64(len(s.data(&places[i])))
		if bytes+size > most {
			return uint64(i), bytes
		}
		bytes += size
	}
	return uint64(len(places)), bytes
}

// at is a record; it shares the segment's memory.
func (s *segment) at(i uint64) entry {
	p := &s.places[i]
	key := s.key(p)
	return entry{p.arrival(), unsafe.String(unsafe.SliceData(key), len(key)), s.data(p)}
}

func (s *segment) key(p *packed) []byte { return s.bytes[p.start : p.start+p.keyLen()] }

func (s *segment) data(p *packed) []byte {
	if p.data&largeBit != 0 {
		return s.large[p.data&^largeBit]
	}
	start := p.start + p.keyLen()
	return s.bytes[start : start+p.data : start+p.data]
}

// release gives the memory of a large record back. The others' goes with their segment.
func (s *segment) release(i uint64) {
	if p := &s.places[i]; p.data&largeBit != 0 {
		s.large[p.data&^largeBit] = nil
	}
}

// log holds the records of a shard in the order of their indexes. These have no gaps, and count on from that of the shard's beginning, which stands
// before any record: 0, or what its parents had reached. What it says of its memory is exact for large records, and by up to one segment off for others.
type log struct {
	segments    []*segment
	base        uint64 // the index of the first segment's first entry
	first, next uint64 // the first record that is kept, and the one after the last
	bytes       int64  // memory of what is kept
	newest      int64  // the arrival of the last record, be it kept or not
}

func newLog(born birth) log {
	first := born.index + 1
	return log{base: first, first: first, next: first, newest: born.at}
}

// append adds a record; one that arrives before the last, by a clock that stepped back, arrives with it.
func (l *log) append(arrival int64, key string, data []byte) (index uint64, at int64) {
	l.newest = max(l.newest, arrival)
	n := len(l.segments)
	if n == 0 || len(l.segments[n-1].places) == segmentEntries {
		l.segments = append(l.segments, &segment{})
		if n > 0 {
			l.segments[n].makeRoom(l.segments[n-1])
			l.segments[n-1].seal()
		}
	}
	l.segments[len(l.segments)-1].append(l.newest, key, data)
	l.bytes += memoryOf(key, data)
	l.next++
	return l.next - 1, l.newest
}

// find is where the record of an index that is kept stands.
func (l *log) find(index uint64) (s *segment, i uint64) {
	i = index - l.base
	return l.segments[i/segmentEntries], i % segmentEntries
}

// at is the record of an index that is kept.
func (l *log) at(index uint64) entry {
	s, i := l.find(index)
	return s.at(i)
}

// read is the records from an index to before another, as far as they have at most so many bytes; there is always one, however large.
func (l *log) read(from, end uint64, most int64) records {
	r := records{first: from}
	for from < end {
		s, i := l.find(from)
		n, bytes := s.within(i, min(segmentEntries, i+end-from), most-r.bytes)
		if n == 0 && r.count == 0 {
			e := s.at(i)
			n, bytes = 1, e.size()
		}
		if n == 0 {
			break
		}
		r.parts = append(r.parts, s.part(i, i+n))
		r.count += int(n)
		r.bytes += bytes
		from += n
	}
	return r
}

// since is the index of the first record that arrived at or after a time; next, if there is none.
func (l *log) since(arrival int64) uint64 {
	n := sort.Search(int(l.next-l.first), func(i int) bool { return l.at(l.first+uint64(i)).arrival >= arrival })
	return l.first + uint64(n)
}

// trim drops the records that stand before index and arrived before a time, until that frees so much memory, and says how much it does.
func (l *log) trim(index uint64, before, goal int64) (freed int64) {
	for freed < goal && l.first < min(index, l.next) && l.at(l.first).arrival < before {
		s, i := l.find(l.first)
		e := s.at(i)
		freed += memoryOf(e.key, e.data)
		s.release(i)
		l.first++
	}
	for len(l.segments) > 0 && l.first-l.base >= segmentEntries {
		l.segments[0] = nil
		l.segments = l.segments[1:]
		l.base += segmentEntries
	}
	l.bytes -= freed
	return freed
}
