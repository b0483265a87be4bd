package generator

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/limits"
	"weir/record"
)

// maxZipfKeys bounds the tables of all zipf keys together: 8 bytes a key.
const maxZipfKeys = 10_000_000

// keys are those of one kind.
type keys struct {
	draw  keyDraw
	count int64
	// width is how many digits a numbered key has: those of the count.
	width int
	// list, and the same as JSON, hold the keys of a list instead.
	list, quoted []string
	// escaped says that a key of the list holds a "|" or a "\", which the row's key writes in another way.
	escaped bool
	longest int // bytes of the longest key as JSON, with its quotes
	// hash is the explicit hash key of that share of the records.
	hash  string
	share float64
}

// keyDraw draws the number of a key, in [0, count), for record i.
type keyDraw interface {
	draw(r *random, i int64) int64
}

type (
	uniformDraw struct{ count int64 }
	zipfDraw    struct{ ranks aliasTable }
	hotDraw     struct {
		hot, cold int64
		share     float64
	}
	sequentialDraw struct{ count int64 }
)

func (d uniformDraw) draw(r *random, _ int64) int64 { return r.below(d.count) }

func (d zipfDraw) draw(r *random, _ int64) int64 { return d.ranks.draw(r) }

func (d hotDraw) draw(r *random, _ int64) int64 {
	if r.chance(d.share) {
		return r.below(d.hot)
	}
	return d.hot + r.below(d.cold)
}

// Sequential keys go by the record's number in the load and not in its kind, for that would depend on all records before it. So a
// kind beside others leaves out the keys of their records, and meets them in another round.
func (d sequentialDraw) draw(_ *random, i int64) int64 { return i % d.count }

// newKeys checks and compiles the keys of a kind. It takes what zipf tables may still have of their bound.
func newKeys(c *Keys, shards int, left *int, at place) keys {
	var k keys
	forms := 0
	set := func(form string, count int, draw func() keyDraw) {
		if forms++; count <= 0 {
			at.add(form+".count", "%d is no number of keys", count)
			return
		}
		k.count, k.width = int64(count), len(strconv.Itoa(count))
		k.longest = len(`"k"`) + k.width
		k.draw = draw()
	}
	if u := c.Uniform; u != nil {
		set("uniform", u.Count, func() keyDraw { return uniformDraw{int64(u.Count)} })
	}
	if z := c.Zipf; z != nil {
		set("zipf", z.Count, func() keyDraw { return newZipf(z, left, at) })
	}
	if h := c.Hot; h != nil {
		set("hot", h.Count, func() keyDraw { return newHot(h, at) })
	}
	if h := c.HotShard; h != nil {
		set("hot_shard", h.Count, func() keyDraw { return uniformDraw{int64(h.Count)} })
		k.hash, k.share = hashIn(h, shards, at), h.Share
	}
	if s := c.Sequential; s != nil {
		set("sequential", s.Count, func() keyDraw { return sequentialDraw{int64(s.Count)} })
	}
	if c.List != nil {
		set("list", max(len(c.List), 1), func() keyDraw { return uniformDraw{int64(len(c.List))} })
		k.setList(c.List, at)
	}
	if forms != 1 {
		at.problems.add(at.prefix, "it has %d forms, not one of uniform, zipf, hot, hot_shard, sequential, list", forms)
	}
	return k
}

func newZipf(z *ZipfKeys, left *int, at place) keyDraw {
	if !at.problems.within(at.path("zipf.exponent"), z.Exponent, 0, 1000) {
		return nil
	}
	if *left -= z.Count; *left < 0 {
		at.add("zipf.count", "all zipf keys together are more than %d", maxZipfKeys)
		return nil
	}
	weights := make([]float64, z.Count)
	for rank := range weights {
		weights[rank] = math.Pow(float64(rank+1), -z.Exponent)
	}
	return zipfDraw{newAliasTable(weights)}
}

func newHot(h *HotKeys, at place) keyDraw {
	at.problems.within(at.path("hot.share"), h.Share, 0, 1)
	if h.Hot <= 0 || h.Hot >= h.Count {
		at.add("hot.hot", "%d hot keys are not between 1 and %d of %d keys", h.Hot, h.Count-1, h.Count)
	}
	return hotDraw{hot: int64(h.Hot), cold: int64(h.Count) - int64(h.Hot), share: h.Share}
}

// maxShards is beyond what an account can have by far.
const maxShards = 1_000_000

// hashIn is the first hash key of a shard.
func hashIn(h *HotShard, shards int, at place) string {
	at.problems.within(at.path("hot_shard.share"), h.Share, 0, 1)
	if shards <= 0 || shards > maxShards {
		at.problems.add("shards", "%d is no number of shards, and hot_shard needs it", shards)
		return ""
	}
	if h.Shard < 0 || h.Shard >= shards {
		at.add("hot_shard.shard", "%d is not between 0 and %d, the shards of the input", h.Shard, shards-1)
		return ""
	}
	return record.EvenSplit(shards)[h.Shard].String()
}

func (k *keys) setList(list []string, at place) {
	if len(list) == 0 {
		at.add("list", "it is empty")
	}
	k.list, k.quoted = list, make([]string, len(list))
	for i, key := range list {
		if why := refusedKey(key); why != nil {
			at.problems.add(fmt.Sprintf("%s[%d]", at.path("list"), i), "key %.60q: %w", key, why)
		}
		k.quoted[i] = quote(key)
		k.longest = max(k.longest, len(k.quoted[i]))
		k.escaped = k.escaped || strings.ContainsAny(key, `|\`)
	}
}

// appendTo appends a key's text.
func (k *keys) appendTo(to []byte, number int64) []byte {
	if k.list != nil {
		return append(to, k.list[number]...)
	}
	return appendPadded(append(to, 'k'), uint64(number+1), k.width)
}

// refusedKey says why a partition key must not reach the wire: Kinesis refuses it, or it would count as a flush.
func refusedKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("a partition key is not empty")
	case len(key) > limits.PartitionKeyCharacters && utf8.RuneCountInString(key) > limits.PartitionKeyCharacters:
		return fmt.Errorf("a partition key has at most %d characters", limits.PartitionKeyCharacters)
	case !utf8.ValidString(key):
		return fmt.Errorf("a partition key is UTF-8")
	case record.IsFlush(key):
		return fmt.Errorf("partition keys that begin as %q does are weir's own", record.FlushKey(""))
	}
	return nil
}
