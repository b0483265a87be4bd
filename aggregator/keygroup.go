package aggregator

import (
	"fmt"
	"math/bits"
	"unicode/utf8"

	"weir/record"
)

// Keys go to window subtasks by key groups, as in Flink (KeyGroupRangeAssignment): a key is in one of as many groups as the maximum
// parallelism says, for good, and a subtask has a range of groups. So state that was kept by key groups can be given out to another number of
// subtasks, none of which need look at the keys.
const (
	// leastKeyGroups and mostKeyGroups bound the maximum parallelism that Flink takes where none is configured; the latter is the most there can be.
	leastKeyGroups = 1 << 7
	mostKeyGroups  = 1 << 15
)

// DefaultMaxParallelism is the maximum parallelism that Flink gives a job of which none is configured: half as much again as its parallelism, up to
// a power of two, from 128 to 32,768.
func DefaultMaxParallelism(parallelism int) int {
	wanted := max(1, parallelism+parallelism/2)
	return min(max(leastKeyGroups, 1<<bits.Len(uint(wanted-1))), mostKeyGroups)
}

// keyGroups are the key groups of a run, and to which of its window subtasks each falls.
type keyGroups struct{ groups, subtasks int }

func newKeyGroups(groups, subtasks int) (keyGroups, error) {
	if groups == 0 {
		groups = DefaultMaxParallelism(subtasks)
	}
	if groups < subtasks || groups > mostKeyGroups {
		return keyGroups{}, fmt.Errorf("a maximum parallelism of %d: it is from the parallelism, %d, to %d", groups, subtasks, mostKeyGroups)
	}
	return keyGroups{groups, subtasks}, nil
}

// subtask is the window subtask of an event's key.
func (k keyGroups) subtask(e *record.Event) int {
	if k.subtasks == 1 {
		return 0
	}
	return k.owner(k.of(e.Kind, e.Key))
}

// owner is the window subtask that a key group falls to.
func (k keyGroups) owner(group int) int { return group * k.subtasks / k.groups }

// first is the first key group of a subtask, whose range ends where that of the next one begins.
func (k keyGroups) first(subtask int) int { return (subtask*k.groups + k.subtasks - 1) / k.subtasks }

// of is the key group of a (kind, key): that in which a Flink job has it whose stream is keyed by the string kind|key.
func (k keyGroups) of(kind, key string) int {
	return int(murmur(javaHash(key, 31*javaHash(kind, 0)+'|')) % uint32(k.groups))
}

// javaHash goes on with a hash of Java's String.hashCode, which is over UTF-16 code units.
func javaHash(text string, hash uint32) uint32 {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return javaHashWide(text[i:], hash)
		}
		hash = 31*hash + uint32(text[i])
	}
	return hash
}

func javaHashWide(text string, hash uint32) uint32 {
	const surrogates, high, low = 0x10000, 0xD800, 0xDC00
	for _, r := range text {
		unit := uint32(r)
		if unit >= surrogates {
			unit -= surrogates
			hash = 31*hash + high + unit>>10
			unit = low + unit&0x3FF
		}
		hash = 31*hash + unit
	}
	return hash
}

// murmur is Flink's MathUtils.murmurHash: MurmurHash3 of one block of four bytes, and its absolute value.
func murmur(code uint32) uint32 {
	code *= 0xCC9E2D51
	code = bits.RotateLeft32(code, 15) * 0x1B873593
	code = bits.RotateLeft32(code, 13)*5 + 0xE6546B64
	code ^= 4 // the length
	code = (code ^ code>>16) * 0x85EBCA6B
	code = (code ^ code>>13) * 0xC2B2AE35
	code ^= code >> 16
	if signed := int32(code); signed < 0 {
		return uint32(-signed) &^ (1 << 31) // of the least number, whose negative is itself, 0
	}
	return code
}
