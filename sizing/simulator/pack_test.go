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
