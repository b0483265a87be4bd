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
// what may be millions of records, and the goroutines beside it do not wait meanwhile.
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
	keyLen      uint16 // a key has at most 256 characters of at most 4 bytes
}

// largeBit is beyond the length of any data.
const largeBit = 1 << 31

func (p *packed) arrival() int64 { return int64(p.arrivalHigh)<<32 | int64(p.arrivalLow) }

func (s *segment) append(arrival int64, key string, data []byte) {
	p := packed{
		arrivalLow: uint32(arrival), arrivalHigh: uint16(arrival >> 32), start: uint32(len(s.bytes)), keyLen: uint16(len(key)), data: uint32(len(data)),
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

// at is a record; it shares the segment's memory, which is never written to again.
func (s *segment) at(i uint64) entry {
	p := &s.places[i]
	dataStart := p.start + uint32(p.keyLen)
	key := s.bytes[p.start:dataStart]
	e := entry{arrival: p.arrival(), key: unsafe.String(unsafe.SliceData(key), len(key))}
	if p.data&largeBit != 0 {
		e.data = s.large[p.data&^largeBit]
	} else {
		end := dataStart + p.data
		e.data = s.bytes[dataStart:end:end]
	}
	return e
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

// at is the record of an index that is kept.
func (l *log) at(index uint64) entry {
	i := index - l.base
	return l.segments[i/segmentEntries].at(i % segmentEntries)
}

// since is the index of the first record that arrived at or after a time; next, if there is none.
func (l *log) since(arrival int64) uint64 {
	n := sort.Search(int(l.next-l.first), func(i int) bool { return l.at(l.first+uint64(i)).arrival >= arrival })
	return l.first + uint64(n)
}

// trim drops the records that stand before index and arrived before a time, until that frees so much memory, and says how much it does.
func (l *log) trim(index uint64, before, goal int64) (freed int64) {
	for freed < goal && l.first < min(index, l.next) && l.at(l.first).arrival < before {
		e := l.at(l.first)
		freed += memoryOf(e.key, e.data)
		i := l.first - l.base
		l.segments[i/segmentEntries].release(i % segmentEntries)
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
