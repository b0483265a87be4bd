package stream

import (
	"iter"
	"strconv"
	"unsafe"

	"weir/record"
	"weir/stream/kpl"
)

// packedBytes bounds a call of packed records. It could hold five times as much: but each byte is gone over six times on its way (identity, aggregate, MD5,
// Base64, signature, socket), and what is larger than a core's cache comes from memory each time.
const packedBytes = 1 << 20

// popPacked takes the records at the front, as many as fit into so many Kinesis records and bytes, packed as the KPL does: in aggregates of up to
// [kpl.MaxSize], and one that is alone, or too large for any, plain. What was tried before is packed anew, with its neighbours of today.
func (l *lane) popPacked(entries, bytes int) (p part, size int) {
	p.lane = l
	n := 0
	for len(p.packs) < min(entries, l.share) && n < l.len() {
		end, packed := l.pack(n)
		if size+packed > bytes && (n > 0 || bytes < packedBytes) {
			break
		}
		n, size = end, size+packed
		p.packs = append(p.packs, n)
	}
	p.sends = l.first(n)
	return p, size
}

// pack finds where the aggregate ends that begins with the lane's ith record, and at most how large it is.
func (l *lane) pack(i int) (end, size int) {
	size = kpl.Empty + len(kpl.PartitionKey)
	for end = i; end < l.len(); end++ {
		more := kpl.Bound(packable(&l.queue.At(end).Record))
		if size+more > kpl.MaxSize && end > i {
			break
		}
		size += more
	}
	return end, size
}

func packable(r *record.Record) *kpl.Record {
	return &kpl.Record{PartitionKey: r.PartitionKey, ExplicitHashKey: r.ExplicitHashKey, Data: r.Data}
}

// number gives the records of an aggregate that was stored their places in it.
func number(sends []record.Send) {
	if len(sends) < 2 || sends[0].Outcome != record.Acked {
		return
	}
	for i, sequence := range places(sends[0].Sequence, len(sends)) {
		sends[i].Sequence = sequence
	}
}

// places are the sequence numbers of an aggregate's records, in one piece of memory.
func places(number string, records int) iter.Seq2[int, string] {
	const most = 8 // a slash and the digits
	text := make([]byte, 0, records*(len(number)+most))
	ends := make([]int, records)
	for i := range records {
		text = append(append(text, number...), '/')
		text = strconv.AppendInt(text, int64(i), 10)
		ends[i] = len(text)
	}
	return func(yield func(int, string) bool) {
		all, begin := unsafe.String(unsafe.SliceData(text), len(text)), 0 // nobody writes to it any more
		for i, end := range ends {
			if !yield(i, all[begin:end]) {
				return
			}
			begin = end
		}
	}
}

// open replaces the aggregates of a page by the records in them. What is no whole aggregate stays: it is somebody's record.
func open(opener *kpl.Opener, records []record.Stored) []record.Stored {
	first := 0
	for first < len(records) && !kpl.IsAggregate(records[first].Data) {
		first++
	}
	if first == len(records) {
		return records
	}
	opened := append(make([]record.Stored, 0, 16*len(records)), records[:first]...)
	for i := range records[first:] {
		r := &records[first+i]
		packed, ok := opener.Open(r.Data)
		if !ok {
			opened = append(opened, *r)
			continue
		}
		for j, sequence := range places(r.Sequence, len(packed)) {
			p := &packed[j]
			opened = append(opened, record.Stored{
				Sequence: sequence, PartitionKey: p.PartitionKey, ExplicitHashKey: p.ExplicitHashKey, Data: p.Data, Due: record.NoDue, Arrived: r.Arrived,
			})
		}
	}
	return opened
}
