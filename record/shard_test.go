package record

import (
	"cmp"
	"crypto/md5"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

const (
	highest     = "340282366920938463463374607431768211455" // 2^128 - 1
	halfway     = "170141183460469231731687303715884105728" // 2^127
	lowWordFull = "18446744073709551615"                    // 2^64 - 1
)

func mustHashKey(t *testing.T, text string) HashKey {
	t.Helper()
	h, err := ParseHashKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHashKeySurvivesItsText(t *testing.T) {
	for text, want := range map[string]HashKey{
		"0":                    {},
		"1":                    {0, 1},
		lowWordFull:            {0, 1<<64 - 1},
		"18446744073709551616": {1, 0},
		halfway:                {1 << 63, 0},
		highest:                {1<<64 - 1, 1<<64 - 1},
	} {
		if got := mustHashKey(t, text); got != want || got.String() != text {
			t.Errorf("%s is %#v, %s", text, got, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		h := anyHashKey(t, "h")
		if got, err := ParseHashKey(h.String()); err != nil || got != h {
			t.Fatalf("%#v became %#v, %v", h, got, err)
		}
	})
}

func anyHashKey(t *rapid.T, label string) HashKey {
	word := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1<<64 - 1}))
	return HashKey{word.Draw(t, label+" high"), word.Draw(t, label+" low")}
}

func TestParseHashKeyRefusesWhatIsNoHashKey(t *testing.T) {
	for _, text := range []string{"", "-1", "+1", "00", "01", "0x1", "1e3", "1_0", " 1", "1 ", "1.0", "340282366920938463463374607431768211456"} {
		if h, err := ParseHashKey(text); err == nil {
			t.Errorf("%q is %s", text, h)
		}
	}
}

func TestHashOfIsTheMD5AsABigEndianNumber(t *testing.T) {
	// MD5 of "a" is 0cc175b9c0f1b6a831c399e269772661 (RFC 1321, appendix A.5).
	if got := HashOf("a"); got != (HashKey{0x0cc175b9c0f1b6a8, 0x31c399e269772661}) {
		t.Errorf("%#v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.String().Draw(t, "key")
		sum := md5.Sum([]byte(key))
		if HashOf(key).Big().Cmp(new(big.Int).SetBytes(sum[:])) != 0 {
			t.Fatalf("%q falls to %s", key, HashOf(key))
		}
	})
}

func TestHashKeysCompareAsTheirNumbersDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyHashKey(t, "a"), anyHashKey(t, "b")
		if a.Compare(b) != a.Big().Cmp(b.Big()) || a.Compare(a) != 0 {
			t.Fatalf("%s and %s compare as %d", a, b, a.Compare(b))
		}
	})
}

func TestAShardHoldsBothEndsOfItsRange(t *testing.T) {
	shard := Shard{Start: mustHashKey(t, "18446744073709551616"), End: mustHashKey(t, halfway)}
	for text, want := range map[string]bool{
		"0": false, lowWordFull: false, "18446744073709551616": true, "18446744073709551617": true,
		"170141183460469231731687303715884105727": true, halfway: true,
		"170141183460469231731687303715884105729": false, highest: false,
	} {
		if shard.Holds(mustHashKey(t, text)) != want {
			t.Errorf("holds %s: %v", text, !want)
		}
	}
}

func TestSequenceNumbersCompareAsTheirNumbersDo(t *testing.T) {
	if CompareSequence("9", "10") >= 0 || CompareSequence("10", "10") != 0 || CompareSequence("21", "12") <= 0 {
		t.Error("9 < 10 = 10 and 21 > 12 do not hold")
	}
	ordered := []string{"9", "9/0", "9/9", "9/10", "10", "10/0", "10/1234567", "11", "49017954855919340000000000000009230000000000060000000000/3", "49017954855919340000000000000009230000000000060000000000/21"}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := cmp.Compare(CompareSequence(a, b), 0); got != cmp.Compare(i, j) {
				t.Errorf("%s and %s compare as %d", a, b, got)
			}
		}
	}
	sequence := rapid.StringMatching(`0|[1-9][0-9]{0,3}|[1-9][0-9]{50,60}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := sequence.Draw(t, "a"), sequence.Draw(t, "b")
		x, _ := new(big.Int).SetString(a, 10)
		y, _ := new(big.Int).SetString(b, 10)
		if cmp.Compare(CompareSequence(a, b), 0) != x.Cmp(y) {
			t.Fatalf("%s and %s compare as %d", a, b, CompareSequence(a, b))
		}
	})
}

func TestShardsTileIfEachHashKeyIsInOneOfThem(t *testing.T) {
	most := HashKey{^uint64(0), ^uint64(0)}
	at := func(hi uint64) HashKey { return HashKey{Hi: hi} }
	before := func(hi uint64) HashKey { return HashKey{hi - 1, ^uint64(0)} }
	for _, c := range []struct {
		name   string
		shards []Shard
		want   bool
	}{
		{"none", nil, false},
		{"one", []Shard{{End: most}}, true},
		{"two", []Shard{{End: before(7)}, {Start: at(7), End: most}}, true},
		{"a gap", []Shard{{End: before(7)}, {Start: at(8), End: most}}, false},
		{"an overlap", []Shard{{End: at(7)}, {Start: at(7), End: most}}, false},
		{"no beginning", []Shard{{Start: at(1), End: most}}, false},
		{"no end", []Shard{{End: before(7)}}, false},
		{"one too many", []Shard{{End: most}, {End: most}}, false},
	} {
		if got := Tile(c.shards); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestShardsOverlapIfTheyShareAHashKey(t *testing.T) {
	shard := func(start, end uint64) *Shard { return &Shard{Start: HashKey{Lo: start}, End: HashKey{Lo: end}} }
	for _, c := range []struct {
		a, b *Shard
		want bool
	}{{shard(0, 4), shard(5, 9), false}, {shard(0, 5), shard(5, 9), true}, {shard(3, 4), shard(0, 9), true}, {shard(6, 9), shard(0, 5), false}} {
		if c.a.Overlaps(c.b) != c.want || c.b.Overlaps(c.a) != c.want {
			t.Errorf("%v and %v: want %v", *c.a, *c.b, c.want)
		}
	}
}
