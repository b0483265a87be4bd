package kpl

import (
	"crypto/md5"
	"encoding/binary"
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
	tables, records         []byte
	partitionKeys, hashKeys table
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

// Add adds a record.
func (p *Packer) Add(r *Record) {
	key, known := p.partitionKeys.find(r.PartitionKey)
	if !known {
		p.tables = appendBytes(p.tables, partitionKeys, r.PartitionKey)
	}
	size := 1 + sizeOfVarint(key) + 1 + sizeOfVarint(len(r.Data)) + len(r.Data)
	hash := -1
	if r.ExplicitHashKey != "" {
		if hash, known = p.hashKeys.find(r.ExplicitHashKey); !known {
			p.tables = appendBytes(p.tables, explicitHashKeys, r.ExplicitHashKey)
		}
		size += 1 + sizeOfVarint(hash)
	}
	p.records = binary.AppendUvarint(append(p.records, records), uint64(size))
	p.records = binary.AppendUvarint(append(p.records, partitionKeyIndex), uint64(key))
	if hash >= 0 {
		p.records = binary.AppendUvarint(append(p.records, explicitHashKeyIndex), uint64(hash))
	}
	p.records = appendBytes(p.records, data, r.Data)
}

// Append appends the aggregate of what was added, and begins another.
func (p *Packer) Append(to []byte) []byte {
	to = append(to, magic[:]...)
	begin := len(to)
	to = append(append(to, p.tables...), p.records...)
	sum := md5.Sum(to[begin:])
	p.tables, p.records = p.tables[:0], p.records[:0]
	p.partitionKeys.reset()
	p.hashKeys.reset()
	return append(to, sum[:]...)
}

// Size is how large the aggregate is by now.
func (p *Packer) Size() int { return envelope + len(p.tables) + len(p.records) }
