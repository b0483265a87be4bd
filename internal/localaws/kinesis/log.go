package kinesis

import "sort"

// entry is a stored record. Its index in its shard, which the log knows, and its arrival make its sequence number.
type entry struct {
	arrival int64 // ms since the Unix epoch, never falling in a shard
	key     string
	data    []byte
}

func (e *entry) size() int64 { return int64(len(e.key) + len(e.data)) }

// segmentEntries is how many records a segment holds: the log grows without copying, and is trimmed by the segment.
const segmentEntries = 1024

// log holds the records of a shard in the order of their indexes, which count from 0 and have no gaps.
type log struct {
	first, next uint64 // the first that is kept, and the one after the last
	segments    [][]entry
}

func (l *log) append(e entry) uint64 {
	if n := len(l.segments); n == 0 || len(l.segments[n-1]) == segmentEntries {
		l.segments = append(l.segments, make([]entry, 0, segmentEntries))
	}
	last := &l.segments[len(l.segments)-1]
	*last = append(*last, e)
	l.next++
	return l.next - 1
}

// at is the record of an index that is kept.
func (l *log) at(index uint64) *entry {
	i := index - l.first
	return &l.segments[i/segmentEntries][i%segmentEntries]
}

// since is the index of the first record that arrived at or after a time; next, if there is none.
func (l *log) since(arrival int64) uint64 {
	n := sort.Search(int(l.next-l.first), func(i int) bool { return l.at(l.first+uint64(i)).arrival >= arrival })
	return l.first + uint64(n)
}

// trim drops whole segments whose records all stand before index and arrived before a time, and says how much that frees.
func (l *log) trim(index uint64, before int64) (freed int64) {
	for len(l.segments) > 0 {
		segment := l.segments[0]
		end := l.first + uint64(len(segment))
		if len(segment) < segmentEntries || end > index || segment[len(segment)-1].arrival >= before {
			return freed
		}
		for i := range segment {
			freed += segment[i].size() + recordOverhead
		}
		l.segments = l.segments[1:]
		l.first = end
	}
	return freed
}
