// Package kpl is the format in which the Kinesis Producer Library packs many records in one Kinesis record, a KPL aggregate: a magic number, a protobuf
// message of two tables of keys and the records, and the message's MD5 (awslabs/amazon-kinesis-producer, aggregation-format.md).
//
// Whoever reads an aggregate takes what is not whole for a plain record, as the Kinesis Client Library does (its AggregatorUtil): a record of somebody
// else may begin as one.
package kpl

import (
	"crypto/md5"
	"encoding/binary"
)

// Record is a record in an aggregate.
type Record struct {
	PartitionKey string
	// ExplicitHashKey is empty where the producer gave none.
	ExplicitHashKey string
	// Data shares the aggregate's memory.
	Data []byte
}

const (
	// PartitionKey is that of each aggregate: its shard goes by its explicit hash key, which is the hash key of its first record.
	PartitionKey = "a"
	// MaxSize is how large an aggregate becomes if nobody says otherwise, in bytes (the library's AggregationMaxSize).
	MaxSize = 51_200
)

var magic = [4]byte{0xF3, 0x89, 0x9A, 0xC2}

// envelope is what is around the message.
const envelope = len(magic) + md5.Size

// The message's fields, as protobuf's tags: their numbers, and that lengths or varints follow.
const (
	partitionKeys    = 1<<3 | lengths
	explicitHashKeys = 2<<3 | lengths
	records          = 3<<3 | lengths

	partitionKeyIndex    = 1<<3 | varints
	explicitHashKeyIndex = 2<<3 | varints
	data                 = 3<<3 | lengths

	varints = 0
	lengths = 2
)

// sizeOfVarint is how many bytes a number takes.
func sizeOfVarint(n int) int {
	size := 1
	for n >= 1<<7 {
		n >>= 7
		size++
	}
	return size
}

func appendBytes[T string | []byte](to []byte, tag byte, value T) []byte {
	to = binary.AppendUvarint(append(to, tag), uint64(len(value)))
	return append(to, value...)
}
