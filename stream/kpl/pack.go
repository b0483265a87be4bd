package kpl

import (
	"crypto/md5"
	"encoding/binary"
	"slices"

	"weir/internal/md5lanes"
)

// Bound is the most bytes that a record adds to an aggregate: those of its own, and of its keys, which the aggregate may have already.
func Bound(r *Record) int {
	const most = 5 // bytes of a varint below 2^35
	own := 3*(1+most) + len(r.Data)
	return 1 + most + own + 1 + most + len(r.PartitionKey) + 1 + most + len(r.ExplicitHashKey)
}

// Empty is how large an aggregate without records is.
const Empty = envelope

// Packer makes aggregates, one after another. It is not safe for concurrent use.
type Packer struct {
	tables                  []byte
	partitionKeys, hashKeys table
	records                 []packed
	bytes                   int // of the records, as fields
}

// packed is a record that was added: its data, the places of its keys, -1 for none, and its size as a message.
type packed struct {
	data               []byte
	key, hashKey, size int
}

// table is the keys of one kind, and where each is.
type table struct {
	index map[string]int
	last  string // the key before, as keys often come in runs
	at    int
}

func (t *table) find(key string) (i int, known bool) {
	if key == t.last && len(t.index) > 0 {
		return t.at, true
	}
	i, known = t.index[key]
	if !known {
		if t.index == nil {
			t.index = make(map[string]int)
		}
		i = len(t.index)
		t.index[key] = i
	}
	t.last, t.at = key, i
	return i, known
}

func (t *table) reset() {
	clear(t.index)
	t.last = ""
}

// Add adds a record, whose data is not copied before Append.
func (p *Packer) Add(r *Record) {
	key, known := p.partitionKeys.find(r.PartitionKey)
	if !known {
		p.tables = appendBytes(p.tables, partitionKeys, r.PartitionKey)
	}
	size := 1 + sizeOfVarint(key) + 1 + sizeOfVarint(len(r.Data)) + len(r.Data)
	hashKey := -1
	if r.ExplicitHashKey != "" {
		if hashKey, known = p.hashKeys.find(r.ExplicitHashKey); !known {
			p.tables = appendBytes(p.tables, explicitHashKeys, r.ExplicitHashKey)
		}
		size += 1 + sizeOfVarint(hashKey)
	}
	p.records = append(p.records, packed{r.Data, key, hashKey, size})
	p.bytes += 1 + sizeOfVarint(size) + size
}

// Append appends the aggregate of what was added, and begins another. It lacks its MD5, for which there is room: see [Seal].
func (p *Packer) Append(to []byte) []byte {
	to = append(slices.Grow(to, p.Size()), magic[:]...)
	to = append(to, p.tables...)
	for i := range p.records {
		to = p.records[i].appendTo(to)
	}
	clear(p.records) // or it would keep their data
	p.tables, p.records, p.bytes = p.tables[:0], p.records[:0], 0
	p.partitionKeys.reset()
	p.hashKeys.reset()
	return to[:len(to)+md5.Size]
}

func (r *packed) appendTo(to []byte) []byte {
	to = binary.AppendUvarint(append(to, records), uint64(r.size))
	to = binary.AppendUvarint(append(to, partitionKeyIndex), uint64(r.key))
	if r.hashKey >= 0 {
		to = binary.AppendUvarint(append(to, explicitHashKeyIndex), uint64(r.hashKey))
	}
	return appendBytes(to, data, r.data)
}

// Seal gives aggregates their MD5s. Of several together each takes a fraction of the time.
func Seal(aggregates ...[]byte) {
	messages, sums := make([][]byte, len(aggregates)), make([][md5.Size]byte, len(aggregates))
	for i, a := range aggregates {
		messages[i] = message(a)
	}
	md5lanes.Sum(sums, messages)
	for i, a := range aggregates {
		copy(a[len(a)-md5.Size:], sums[i][:])
	}
}

// Size is how large the aggregate is by now.
func (p *Packer) Size() int { return envelope + len(p.tables) + p.bytes }
