// Package kinesis is the embedded AWS's Kinesis Data Streams: streams in memory that throttle as AWS's do. Each operation stands in a
// file of its own, which opens with what it serves and how it deviates.
//
// A call comes in at the service, finds its stream (stream.go) and there its shard (lineage.go, shard.go), which checks its limits (throttle.go) and
// keeps its records in a log (log.go). A place in a shard leaves the package as a sequence number (sequence.go) or an
// iterator (iterator.go).
package kinesis

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/localaws/wire"
)

// Config is what the service is made with.
type Config struct {
	Region, Account string
	// Limits says whether the limits of shards hold: writes, reads and iterators a second. The limits of a request and of a record
	// hold always.
	Limits bool
	// CreateDelay is how long a stream is CREATING, or UPDATING.
	CreateDelay time.Duration
	// MemoryBytes bounds what is kept of records; 0 stands for no bound. At the bound, what is older than Retention and was
	// passed by every reader of its shard goes; where nothing can go, a put fails with the code WeirMemoryExhausted.
	MemoryBytes int64
	Retention   time.Duration
	// Propagation draws for how long a record cannot be read by GetRecords after it was stored, and FanOut by SubscribeToShard; nil is not at all.
	Propagation, FanOut func() time.Duration
}

// drawn is a time that passes; nil draws none.
func drawn(draw func() time.Duration) time.Duration {
	if draw == nil {
		return 0
	}
	return draw()
}

// Service is the Kinesis of one account and region.
type Service struct {
	config Config
	start  time.Time
	secret [32]byte     // signs iterators
	memory atomic.Int64 // that records take
	// nextTrim is when it pays to look again for records to drop: a time on the clock of the token buckets.
	nextTrim atomic.Int64
	lastID   atomic.Uint64 // of a stream

	mu      sync.RWMutex
	streams map[string]*stream
}

// New makes a service without streams.
func New(config Config) *Service {
	s := &Service{config: config, start: time.Now(), streams: make(map[string]*stream)}
	_, _ = rand.Read(s.secret[:]) // it never fails
	return s
}

// Wire is the service on the wire: AWS's JSON 1.1 protocol, and its CBOR 1.1.
func (s *Service) Wire(options wire.Options) *wire.Service {
	return wire.NewService("kinesis", "Kinesis_20131202", []wire.Codec{wire.JSON("1.1", mismatch), wire.CBOR("1.1", mismatch)}, options,
		wire.Op("AddTagsToStream", s.addTagsToStream),
		wire.Op("CreateStream", s.createStream),
		wire.Op("DeleteStream", s.deleteStream),
		wire.Op("DecreaseStreamRetentionPeriod", s.decreaseStreamRetentionPeriod),
		wire.Op("DescribeLimits", s.describeLimits),
		wire.Op("DeregisterStreamConsumer", s.deregisterStreamConsumer),
		wire.Op("DescribeStream", s.describeStream),
		wire.Op("DescribeStreamConsumer", s.describeStreamConsumer),
		wire.Op("DescribeStreamSummary", s.describeStreamSummary),
		wire.Op("DisableEnhancedMonitoring", s.disableEnhancedMonitoring),
		wire.Op("EnableEnhancedMonitoring", s.enableEnhancedMonitoring),
		wire.Op("GetRecords", s.getRecords),
		wire.Op("GetShardIterator", s.getShardIterator),
		wire.Op("IncreaseStreamRetentionPeriod", s.increaseStreamRetentionPeriod),
		wire.Op("ListShards", s.listShards),
		wire.Op("ListStreamConsumers", s.listStreamConsumers),
		wire.Op("ListStreams", s.listStreams),
		wire.Op("ListTagsForStream", s.listTagsForStream),
		wire.Op("MergeShards", s.mergeShards),
		wire.Op("PutRecord", s.putRecord),
		wire.Transient(wire.Op("PutRecords", s.putRecords)),
		wire.Op("RegisterStreamConsumer", s.registerStreamConsumer),
		wire.Op("RemoveTagsFromStream", s.removeTagsFromStream),
		wire.Op("SplitShard", s.splitShard),
		wire.Streaming("SubscribeToShard", s.subscribeToShard),
		wire.Op("UpdateMaxRecordSize", s.updateMaxRecordSize),
		wire.Op("UpdateShardCount", s.updateShardCount),
		wire.Op("UpdateStreamMode", s.updateStreamMode),
	)
}

func (s *Service) now() instant {
	now := time.Now()
	return instant{mono: now.Sub(s.start), wall: now}
}

// blob is a record's data; nil stands for a member that is missing.
type blob = []byte

const (
	kib = 1 << 10
	// A stream keeps its records for a day unless it is told otherwise, and for a year at most (API reference, IncreaseStreamRetentionPeriod).
	defaultRetentionHours = 24
	mostRetentionHours    = 8760
)
