package kinesis

import (
	"crypto/md5"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	"weir/internal/localaws/wire"
)

// stream is one stream. Only its shards change once it is made.
type stream struct {
	name, arn string
	id        uint64 // tells it from an earlier stream of its name
	created   time.Time
	active    time.Time // CREATING before
	mode      string
	shards    []*shard // in the order of their hash ranges, which is that of their ids
	tags      tags
}

func (s *Service) newStream(name, mode string, shards int) *stream {
	now := time.Now()
	st := &stream{
		name: name, id: s.lastID.Add(1), created: now, active: now.Add(s.config.CreateDelay), mode: mode,
		arn: fmt.Sprintf("arn:aws:kinesis:%s:%s:stream/%s", s.config.Region, s.config.Account, name),
	}
	space := new(big.Int).Lsh(big.NewInt(1), 128)
	bound := func(i int) *big.Int {
		b := new(big.Int).Mul(space, big.NewInt(int64(i)))
		return b.Div(b, big.NewInt(int64(shards)))
	}
	for i := range shards {
		st.shards = append(st.shards, newShard(i, bound(i), bound(i+1).Sub(bound(i+1), big.NewInt(1)), now, s.config.Limits))
	}
	return st
}

func (st *stream) status() string {
	if time.Now().Before(st.active) {
		return "CREATING"
	}
	return "ACTIVE"
}

// route is the shard of a partition key, or of an explicit hash key where there is one.
func (st *stream) route(partitionKey string, explicit *string) (*shard, error) {
	var hash [16]byte
	if explicit != nil {
		n, err := parseHashKey(*explicit)
		if err != nil {
			return nil, err
		}
		n.FillBytes(hash[:])
	} else {
		hash = md5.Sum([]byte(partitionKey))
	}
	low, high := 0, len(st.shards)-1
	for low < high {
		middle := (low + high) / 2
		if string(hash[:]) <= string(st.shards[middle].endBytes[:]) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return st.shards[low], nil
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

var streamNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)

// find is the stream that a request names, whatever its status.
func (s *Service) find(ref streamRef) (*stream, error) {
	var name string
	switch {
	case ref.StreamName != nil:
		name = *ref.StreamName
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
	if st.status() != "ACTIVE" {
		return nil, s.notFound(st.name)
	}
	return st, nil
}

func (s *Service) notFound(name string) *wire.Error {
	return wire.NewError("ResourceNotFoundException", "Stream %s under account %s not found.", name, s.config.Account)
}

// findShard is a shard of the stream by its id.
func (s *Service) findShard(st *stream, id string) (*shard, error) {
	for _, sh := range st.shards {
		if sh.id == id {
			return sh, nil
		}
	}
	return nil, wire.NewError("ResourceNotFoundException", "Shard %s in stream %s under account %s does not exist", id, st.name, s.config.Account)
}
