package simulator

import (
	"weir/sizing/trace"
	"weir/stream/kpl"
)

// packedOverhead is what a record adds to a KPL aggregate beside its data and key, about: the tags and lengths of three protobuf fields. packedBound is what it
// may add at most, by which the writer packs. packedEmpty is an aggregate without records, with its key.
const (
	packedOverhead = 11
	packedEmpty    = kpl.Empty + len(kpl.PartitionKey)
)

var packedBound = kpl.Bound(&kpl.Record{})

// Packed is about how many bytes so many records take in KPL aggregates that are full. A key counts each time, though an aggregate has it once.
func Packed(records, bytes float64) float64 {
	sum := bytes + packedOverhead*records
	return sum * (1 + float64(packedEmpty)/kpl.MaxSize)
}

// stored is what a shard has stored: records with their bytes, and the Kinesis records that they are in, with theirs.
type stored struct{ records, bytes, entries, size int64 }

func (s *stored) entry(items []item, size int) {
	s.entries++
	s.size += int64(size)
	s.records += int64(len(items))
	for i := range items {
		s.bytes += int64(items[i].size)
	}
}

func (s *stored) add(o *stored) {
	s.records, s.bytes, s.entries, s.size = s.records+o.records, s.bytes+o.bytes, s.entries+o.entries, s.size+o.size
}

// packing is what becomes of a record where records are packed: so many Kinesis records, and so many bytes more. Where they are not, it is one and none.
type packing struct{ entries, overhead float64 }

// packingOf is that of a shard, as it came out; of one that has stored nothing, it is that of the stream, and without any it is reckoned.
func (d *demand) packingOf(shard int) packing {
	in := d.world.input
	if !in.packed {
		return packing{1, 0}
	}
	s := in.shards[shard].stored
	if s.records == 0 {
		for _, other := range in.shards {
			s.add(&other.stored)
		}
	}
	if s.records == 0 {
		return reckoned(d.world.trace)
	}
	return packing{float64(s.entries) / float64(s.records), float64(s.size-s.bytes) / float64(s.records)}
}

// reckoned is the packing of a load in full aggregates.
func reckoned(t *trace.Trace) packing {
	records, bytes := max(1, float64(t.Survey.Records)), float64(t.Survey.Bytes)
	size := Packed(records, bytes)
	return packing{size / kpl.MaxSize / records, (size - bytes) / records}
}

// perEntry is how many records a Kinesis record of the stream has.
func (s *stream) perEntry() float64 {
	var all stored
	for _, of := range s.shards {
		all.add(&of.stored)
	}
	if all.entries == 0 {
		return 1
	}
	return float64(all.records) / float64(all.entries)
}

// kinesis is what is asked of each shard in Kinesis records, and in bytes of them.
func (d *demand) kinesis() (entries, sizes []asked) {
	for i := range d.records {
		p, records := d.packingOf(i), &d.records[i]
		var entry, size asked
		entry.plus(records, p.entries)
		size.plus(&d.bytes[i], 1)
		size.plus(records, p.overhead)
		entries, sizes = append(entries, entry), append(sizes, size)
	}
	return entries, sizes
}

// plus adds so many times what another is asked.
func (a *asked) plus(o *asked, times float64) {
	for second, amount := range o.seconds {
		a.burst(second, amount*times)
	}
	for hold, amount := range o.holds {
		a.during(hold, amount*times)
	}
	a.all += o.all * times
}
