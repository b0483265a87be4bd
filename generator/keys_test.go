package generator

import (
	"fmt"
	"math"
	"testing"

	"weir/record"
)

// countKeys draws the keys of many records.
func countKeys(t *testing.T, c Keys, records int64) (counts []float64, k keys) {
	t.Helper()
	p, left := &problems{}, maxZipfKeys
	k = newKeys(&c, 4, &left, p.at("keys"))
	if err := p.err(); err != nil {
		t.Fatal(err)
	}
	counts = make([]float64, k.count)
	r := newRandom(5)
	for i := range records {
		r.record(i)
		r.lane(keyLane)
		counts[k.draw.draw(r, i)]++
	}
	return counts, k
}

// The sum over the keys of (count − want)²/want has a chi-square distribution of n − 1 degrees of freedom: mean n − 1, variance 2(n − 1).
func TestKeysFollowTheirWeights(t *testing.T) {
	zipf := func(s float64) func(rank int) float64 {
		return func(rank int) float64 { return math.Pow(float64(rank), -s) }
	}
	for name, test := range map[string]struct {
		keys   Keys
		weight func(rank int) float64
	}{
		"uniform":              {Keys{Uniform: &UniformKeys{500}}, func(int) float64 { return 1 }},
		"zipf of exponent 0":   {Keys{Zipf: &ZipfKeys{200, 0}}, func(int) float64 { return 1 }},
		"zipf of exponent 0.5": {Keys{Zipf: &ZipfKeys{500, 0.5}}, zipf(0.5)},
		"zipf of exponent 1":   {Keys{Zipf: &ZipfKeys{500, 1}}, zipf(1)},
		"zipf of exponent 1.1": {Keys{Zipf: &ZipfKeys{500, 1.1}}, zipf(1.1)},
		"hot": {Keys{Hot: &HotKeys{Count: 300, Hot: 3, Share: 0.6}}, func(rank int) float64 {
			if rank <= 3 {
				return 0.6 / 3
			}
			return 0.4 / 297
		}},
		"hot shard": {Keys{HotShard: &HotShard{Count: 100, Shard: 1, Share: 0.5}}, func(int) float64 { return 1 }},
		"list":      {Keys{List: []string{"a", "b", "c"}}, func(int) float64 { return 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			const records = 200_000
			counts, _ := countKeys(t, test.keys, records)
			sum, chi := 0.0, 0.0
			for i := range counts {
				sum += test.weight(i + 1)
			}
			for i, got := range counts {
				want := test.weight(i+1) / sum * records
				chi += (got - want) * (got - want) / want
			}
			free := float64(len(counts) - 1)
			if math.Abs(chi-free) > 5*math.Sqrt(2*free) {
				t.Errorf("chi-square %.1f at %v degrees of freedom", chi, free)
			}
		})
	}
}

func TestSequentialKeysGoRound(t *testing.T) {
	c := typical()
	c.Kinds = c.Kinds[:1]
	c.Kinds[0].Keys = Keys{Sequential: &SequentialKeys{12}}
	c.Phases = []Phase{{Shape: Hold, For: second, At: 30}}
	for i, r := range all(t, mustNew(t, c).Stream(epoch)) {
		if want := fmt.Sprintf("k%02d", i%12+1); r.Event.Key != want || r.PartitionKey != want {
			t.Errorf("record %d has %q by %q, want %q", i, r.Event.Key, r.PartitionKey, want)
		}
	}
}

// A hot shard takes its share, and what falls to it by the other records' keys; the keys stay the rows'.
func TestAHotShardGetsItsShare(t *testing.T) {
	const shards, hot, share, records = 4, 2, 0.5, 20_000
	c := typical()
	c.Shards = shards
	c.Phases = []Phase{{Shape: Hold, For: second, At: records}}
	for i := range c.Kinds {
		c.Kinds[i].Keys = Keys{HotShard: &HotShard{Count: 1000, Shard: hot, Share: share}}
	}
	starts := record.EvenSplit(shards)
	explicit, keys := 0, map[string]bool{}
	for _, r := range all(t, mustNew(t, c).Stream(epoch)) {
		keys[r.Event.Key] = true
		if r.ExplicitHashKey == "" {
			continue
		}
		explicit++
		at, err := record.ParseHashKey(r.ExplicitHashKey)
		if err != nil {
			t.Fatal(err)
		}
		if at.Compare(starts[hot]) < 0 || at.Compare(starts[hot+1]) >= 0 {
			t.Fatalf("%v is not in shard %d", at, hot)
		}
	}
	if math.Abs(float64(explicit)-share*records) > 4*math.Sqrt(share*(1-share)*records) || len(keys) != 1000 {
		t.Errorf("%d of %d records have a hash key, and there are %d keys", explicit, records, len(keys))
	}
}

func TestANumberedKeyHasTheWidthOfTheCount(t *testing.T) {
	for count, want := range map[int]string{1: "k1", 9: "k9", 10: "k10", 2000: "k2000"} {
		_, k := countKeys(t, Keys{Uniform: &UniformKeys{count}}, 1)
		first, last := string(k.appendTo(nil, 0)), string(k.appendTo(nil, k.longestKey()))
		if last != want || len(first) != len(last) {
			t.Errorf("of %d: %q to %q", count, first, last)
		}
	}
}
