package kinesis

import (
	"crypto/md5"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/localaws/wire"
)

// stream is one stream.
type stream struct {
	name, arn string
	id        uint64 // tells it from an earlier stream of its name
	created   time.Time
	active    time.Time // CREATING before
	lineage   atomic.Pointer[lineage]
	retention atomic.Int64 // hours
	maxRecord atomic.Int64 // bytes of data and partition key
	tags      tags
	consumers consumers
	capacity  capacity

	mu      sync.Mutex // held while the stream is changed
	settled time.Time  // UPDATING before, once it was ACTIVE
	mode    string
	scaled  []time.Time // UpdateShardCount in the last day
	metrics []string    // of its shards, that are monitored
}

func (s *Service) newStream(name, mode string, shards, maxRecord, otherReaders int) *stream {
	now := time.Now()
	st := &stream{
		name: name, id: s.lastID.Add(1), created: now, active: now.Add(s.config.CreateDelay), mode: mode, metrics: []string{},
		arn:      fmt.Sprintf("arn:aws:kinesis:%s:%s:stream/%s", s.config.Region, s.config.Account, name),
		capacity: capacity{limited: s.config.Limits, epoch: s.start, otherReaders: otherReaders},
	}
	st.retention.Store(defaultRetentionHours)
	st.maxRecord.Store(int64(maxRecord))
	st.lineage.Store(newLineage(shards, now, &st.capacity))
	return st
}

const (
	creating = "CREATING"
	updating = "UPDATING"
	active   = "ACTIVE"
)

// status is what the stream is at a time. It is locked.
func (st *stream) status(now time.Time) string {
	switch {
	case now.Before(st.active):
		return creating
	case now.Before(st.settled):
		return updating
	}
	return active
}

// horizon is the time, in ms, that a record must have arrived at to be in the stream still.
//
// K20: A record is kept for 24 hours, or for as long as the stream was told to, and a closed shard goes when its last record has (Developer Guide, "Change the data retention period")
func (st *stream) horizon(now time.Time) int64 {
	return now.Add(-time.Duration(st.retention.Load()) * time.Hour).UnixMilli()
}

// hash is the hash key of a partition key, or the explicit one where there is one.
//
// K1: A record goes to the open shard whose range holds the MD5 of its partition key, as a big-endian number, or its explicit hash key (Developer Guide, "Key concepts")
func hash(partitionKey string, explicit *string) (hash [16]byte, err error) {
	if explicit == nil {
		return md5.Sum([]byte(partitionKey)), nil
	}
	return explicitHash(*explicit)
}

func explicitHash(text string) (hash [16]byte, err error) {
	n, err := parseHashKey(text)
	if err != nil {
		return hash, err
	}
	n.FillBytes(hash[:])
	return hash, nil
}

// hashKeyPattern is that of an explicit hash key (API reference, PutRecord). It bounds the digits, and not the range.
var hashKeyPattern = regexp.MustCompile(`^(0|[1-9]\d{0,38})$`)

func parseHashKey(text string) (*big.Int, error) {
	if n, ok := new(big.Int).SetString(text, 10); ok && n.Sign() >= 0 && n.BitLen() <= 128 {
		return n, nil
	}
	return nil, wire.NewError("InvalidArgumentException", "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %s", text)
}

// streamRef names a stream in a request.
type streamRef struct {
	StreamName *string
	StreamARN  *string
}

// Resource is the name of the stream, by which faults are counted; empty if the request names none.
func (r streamRef) Resource() string {
	if r.StreamName == nil && r.StreamARN != nil {
		_, name, _ := strings.Cut(*r.StreamARN, ":stream/")
		return name
	}
	if r.StreamName == nil {
		return ""
	}
	return *r.StreamName
}

// Names and ARNs of streams (API reference, StreamDescription).
var (
	streamNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	streamARNPattern  = regexp.MustCompile(`^arn:aws.*:kinesis:.*:\d{12}:stream/\S+$`)
)

// find is the stream that a request names, whatever its status.
func (s *Service) find(ref streamRef) (*stream, error) {
	var name string
	switch {
	case ref.StreamName != nil:
		name = *ref.StreamName
	case ref.StreamARN != nil && !streamARNPattern.MatchString(*ref.StreamARN):
		return nil, invalid("streamARN", *ref.StreamARN, `Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+`)
	case ref.StreamARN != nil:
		_, name, _ = strings.Cut(*ref.StreamARN, ":stream/")
	default:
		return nil, wire.NewError("InvalidArgumentException", "Either StreamName or StreamARN must be specified.")
	}
	if !streamNamePattern.MatchString(name) {
		return nil, invalid("streamName", name, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.streams[name]
	if st == nil || (ref.StreamARN != nil && *ref.StreamARN != st.arn) {
		return nil, s.notFound(name)
	}
	return st, nil
}

// findActive is the stream that a request names, if it takes and gives records by now.
func (s *Service) findActive(ref streamRef) (*stream, error) {
	st, err := s.find(ref)
	if err != nil {
		return nil, err
	}
	if time.Now().Before(st.active) {
		return nil, s.notFound(st.name)
	}
	return st, nil
}

func (s *Service) notFound(name string) *wire.Error {
	return wire.NewError("ResourceNotFoundException", "Stream %s under account %s not found.", name, s.config.Account)
}

// findShard is a shard of the stream by its id.
func (s *Service) findShard(st *stream, id string) (*shard, error) {
	if sh := st.lineage.Load().find(id, st.horizon(time.Now())); sh != nil {
		return sh, nil
	}
	return nil, wire.NewError("ResourceNotFoundException", "Shard %s in stream %s under account %s does not exist", id, st.name, s.config.Account)
}
