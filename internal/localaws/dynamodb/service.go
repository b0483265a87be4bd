// Package dynamodb is the embedded DynamoDB: the operations that weir and the clients of a local pipeline use, with AWS's
// validation, expressions, paging and error texts, in memory. Each operation has a file of its own, which opens with what
// it serves and how it deviates.
//
// It does not serve transactions, streams, time to live or PartiQL: a request with one of them is refused, never half served.
// Tables and global indexes throttle reads and writes by their capacity, and each partition key by what one can have.
package dynamodb

import (
	"sync"
	"time"
)

// Config is what an embedded DynamoDB is made of.
type Config struct {
	// Region and Account stand in the tables' ARNs.
	Region, Account string
	// Limits says whether tables throttle writes beyond their capacity.
	Limits bool
	// TableDelay is how long a table is CREATING, and DELETING: zero for not at all.
	TableDelay time.Duration
}

// Service is an embedded DynamoDB. It has no goroutines and is safe for concurrent use.
type Service struct {
	config Config

	mu     sync.RWMutex
	tables map[string]*table
}

// New makes a DynamoDB without tables.
func New(config Config) *Service {
	return &Service{config: config, tables: map[string]*table{}}
}
