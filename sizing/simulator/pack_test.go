package simulator

import (
	"testing"

	"weir/limits"
	"weir/stream/kpl"
)

// TestAggregatesEndWhereTheWriterEndsThem holds that an aggregate is bounded by what its records may add to it at most, as the writer does not know yet what they will.
func TestAggregatesEndWhereTheWriterEndsThem(t *testing.T) {
	const key, data = 20, 180
	most := kpl.Bound(&kpl.Record{PartitionKey: string(make([]byte, key)), Data: make([]byte, data)})
	fit := (kpl.MaxSize - kpl.Empty - len(kpl.PartitionKey)) / most
	s := newShard(0, 0)
	for range 3 * fit {
		s.lane.Push(item{size: key + data})
		s.bytes += key + data
	}
	end, bound, size := s.pack(0)
	if end != fit || bound > kpl.MaxSize || size >= bound {
		t.Errorf("%d records in %d bytes, of %d at most; the writer puts %d into one", end, size, bound, fit)
	}
	if records, bytes := s.offers(true); records != 1+s.bytes/kpl.MaxSize || bytes != s.bytes {
		t.Errorf("it offers %d records and %d bytes", records, bytes)
	}
	if records, _ := s.offers(false); records != limits.PutRecordsRecords {
		t.Errorf("it offers %d records", records)
	}
}

// A shard's reads are limited in Kinesis records, of which an aggregate is one, and everything that is in bytes has the aggregates' own.
func TestPackedRecordsAreAskedForAsAggregates(t *testing.T) {
	use := simulated(t, Idle, "load.rate=[{shape: hold, at: 5k/s, for: 5s}]", "load.kinds.a={keys: {uniform: {count: 2000}}, size: 100B}",
		"pipeline.input.shards=1", "pipeline.input.packing=kpl", "pipeline.aggregator.source_shard_get_records_max_record_count=100").Use
	// An aggregate holds what comes in 100 ms, or 50 KiB: 10 to 12 a second, of 500 that can be read.
	if p := find(use, InputReads); p.Feed > 0.05 || p.Feed < 0.01 {
		t.Errorf("the reads are used %.3f", p.Feed)
	}
	larger := Packed(1, 105) / 105
	written := find(use, InputBytes).Feed
	if want := 5000 * 105 * larger / limits.ShardWriteBytesPerSecond; !near(written/want, 1, 0.02) {
		t.Errorf("the bytes written are used %.3f, want %.3f", written, want)
	}
	if read := find(use, InputReadBytes).Feed; !near(read, written/2, 1e-9) {
		t.Errorf("the bytes read are used %.3f, those written %.3f", read, written)
	}
	one := simulated(t, Idle, "load.rate=[{shape: hold, at: 5k/s, for: 5s}]", "load.kinds.a={keys: {uniform: {count: 1}}, size: 100B}",
		"pipeline.input.shards=1", "pipeline.input.packing=kpl").Use
	if key := find(one, KeyBytes).Feed; !near(key, find(one, InputBytes).Feed, 1e-9) {
		t.Errorf("the only key is used %.4f, and its shard %.4f", key, find(one, InputBytes).Feed)
	}
}
