package kinesis

import "sort"

// entry is a stored record. Its index in its shard, which the log knows, and its arrival make its sequence number.
type entry struct {
	arrival int64 // ms since the Unix epoch, never falling in a shard
	key     string
	data    []byte
}

// size is what a record counts for in limits.
func (e *entry) size() int64 { return int64(len(e.key) + len(e.data)) }

// memoryOf is what a record takes of the memory: its data, its key, and what the log keeps beside them.
func memoryOf(key string, data []byte) int64 {
	const overhead = 48
	return int64(len(key)+len(data)) + overhead
}

// segmentEntries is how many records a segment holds, so that the log grows without copying.
const segmentEntries = 1024

// log holds the records of a shard in the order of their indexes. These count from 1 and have no gaps; 0 is the beginning of the
// shard, before any record.
type log struct {
	segments    [][]entry
	base        uint64 // the index of the first segment's first entry
	first, next uint64 // the first record that is kept, and the one after the last
	bytes       int64  // memory of what is kept
	newest      int64  // the arrival of the last record, be it kept or not
}

func newLog() log { return log{base: 1, first: 1, next: 1} }

// append adds a record; one that arrives before the last, by a clock that stepped back, arrives with it.
func (l *log) append(arrival int64, key string, data []byte) (index uint64, at int64) {
	l.newest = max(l.newest, arrival)
	if n := len(l.segments); n == 0 || len(l.segments[n-1]) == segmentEntries {
		l.segments = append(l.segments, make([]entry, 0, segmentEntries))
	}
	last := &l.segments[len(l.segments)-1]
	*last = append(*last, entry{arrival: l.newest, key: key, data: data})
	l.bytes += memoryOf(key, data)
	l.next++
	return l.next - 1, l.newest
}

// at is the record of an index that is kept.
func (l *log) at(index uint64) *entry {
	i := index - l.base
	return &l.segments[i/segmentEntries][i%segmentEntries]
}

// since is the index of the first record that arrived at or after a time; next, if there is none.
func (l *log) since(arrival int64) uint64 {
	n := sort.Search(int(l.next-l.first), func(i int) bool { return l.at(l.first+uint64(i)).arrival >= arrival })
	return l.first + uint64(n)
}

// trim drops the records that stand before index and arrived before a time, and says how much memory that frees.
func (l *log) trim(index uint64, before int64) (freed int64) {
	for l.first < min(index, l.next) && l.at(l.first).arrival < before {
		e := l.at(l.first)
		freed += memoryOf(e.key, e.data)
		*e = entry{}
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
