package survey

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

func TestShardsSplitTheHashKeysAsKinesisDoes(t *testing.T) {
	// The starts that CreateStream gives three shards.
	want := []string{"0", "113427455640312821154458202477256070485", "226854911280625642308916404954512140970"}
	for i, start := range record.EvenSplit(3) {
		if start.String() != want[i] {
			t.Errorf("shard %d starts at %s, want %s", i, start, want[i])
		}
	}
	p := newPeaks(7)
	for _, key := range []string{"a", "b", "JFK|1", "LGA|2", "EWR|3"} {
		h, n := record.HashOf(key), p.shardOf(&record.Record{PartitionKey: key})
		if p.starts[n].Compare(h) > 0 || (n+1 < len(p.starts) && p.starts[n+1].Compare(h) <= 0) {
			t.Errorf("%s is not in shard %d", key, n)
		}
	}
}

func TestAnExplicitHashKeyDecidesTheShard(t *testing.T) {
	p := newPeaks(4)
	for i, start := range record.EvenSplit(4) {
		if got := p.shardOf(&record.Record{PartitionKey: "a", ExplicitHashKey: start.String()}); got != i {
			t.Errorf("shard %d, want %d", got, i)
		}
	}
}

func TestALoadIsCountedWhateverItsMemoryBecomes(t *testing.T) {
	c := NewCollector(1)
	key := []byte("k0")
	for second := range 3 {
		for range 900 + 100*second { // 900, 1,000, 1,100
			c.Add([]record.Record{{PartitionKey: string(key), Data: make([]byte, 8), Due: time.Duration(second) * time.Second, Event: record.Event{Kind: "a", Unreadable: second == 1}}})
		}
	}
	want := Load{
		Records: 3000, Bytes: 24000, Unreadable: 1000, Kinds: []KindCount{{"a", 3000}}, Keys: []KeyCount{{Key: "k0", Records: 3000}}, Planned: 2 * time.Second,
		Peak:     Peak{Records: 1100, Bytes: 11000, RecordsAt: 2 * time.Second, BytesAt: 2 * time.Second},
		Shards:   []ShardPeak{{Peak: Peak{Records: 1100, Bytes: 11000, RecordsAt: 2 * time.Second, BytesAt: 2 * time.Second}, Total: 3000, OverRecords: 1}},
		Breaches: []Breach{{Limit: "records a second and shard", Allowed: 1000, Worst: 1100, At: 2 * time.Second, Shards: 1, Seconds: 1}},
	}
	if diff := cmp.Diff(want, c.Load()); diff != "" {
		t.Error(diff)
	}
}

func TestFiguresReadWell(t *testing.T) {
	for want, got := range map[string]string{
		"0": Thousands(0), "999": Thousands(999), "1,000": Thousands(1000), "12,345,678": Thousands(12345678),
		"1 record": Plural(1, "record"), "0 records": Plural(0, "record"), "2,000 records": Plural(2000, "record"),
		"1023 B": Size(1023), "1.0 KiB": Size(1024), "1.5 MiB": Size(3 << 19), "2.0 GiB": Size(2 << 30),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestHeavyKeysAreNeverCountedTooLow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const counters = 5
		exact, h := make(map[string]int64), newHeavy(counters)
		keys := rapid.SliceOfN(rapid.StringMatching(`[a-z]`), 1, 200).Draw(t, "keys")
		for _, key := range keys {
			exact[key]++
			h.add(key)
		}
		found := make(map[string]bool)
		for _, c := range h.top(counters) {
			found[c.Key] = true
			if c.Records < exact[c.Key] || c.Records-c.Over > exact[c.Key] || c.Over > int64(len(keys))/counters {
				t.Fatalf("%+v, exactly %d of %d", c, exact[c.Key], len(keys))
			}
		}
		for key, n := range exact {
			if n > int64(len(keys))/counters && !found[key] {
				t.Fatalf("%s has %d of %d and was not found", key, n, len(keys))
			}
		}
	})
}
