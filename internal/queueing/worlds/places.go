package worlds

import (
	"crypto/md5"
	"math/big"
	"math/bits"
	"unicode/utf16"
)

// shardOf is the number of the shard, of so many of equal ranges, that a partition key falls into: "h = MD5(utf8(partitionKey)) as a big-endian unsigned
// 128-bit number, the shard with start <= h <= end".
func shardOf(key string, shards int) int {
	hash := md5.Sum([]byte(key))
	h := new(big.Int).SetBytes(hash[:])
	h.Mul(h, big.NewInt(int64(shards)))
	return int(h.Rsh(h, 128).Int64())
}

// subtaskOf is the number of the window subtask that a key falls to: "key group = murmur(hashCode) mod the maximum parallelism, of the string kind|key", and
// "subtask = group × parallelism / maximum parallelism". The hash code is Java's, and murmur is that of Flink's MathUtils.
func subtaskOf(kind, key string, parallelism int) int {
	const maxParallelism = 128
	var code uint32
	for _, unit := range utf16.Encode([]rune(kind + "|" + key)) {
		code = 31*code + uint32(unit)
	}
	code = bits.RotateLeft32(code*0xcc9e2d51, 15) * 0x1b873593
	code = bits.RotateLeft32(code, 13)*5 + 0xe6546b64
	code ^= 4
	code = (code ^ code>>16) * 0x85ebca6b
	code = (code ^ code>>13) * 0xc2b2ae35
	code ^= code >> 16
	if int32(code) < 0 {
		code = -code & (1<<31 - 1)
	}
	return int(code%maxParallelism) * parallelism / maxParallelism
}
