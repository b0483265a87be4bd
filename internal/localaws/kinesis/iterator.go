package kinesis

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"weir/internal/localaws/wire"
	"weir/limits"
)

// K8: An iterator lives for five minutes, and then a call with it is an ExpiredIteratorException (API reference, GetShardIterator)
const iteratorLifetime = limits.IteratorLifetimeSeconds * time.Second

// iterator is a place in a shard on its way through a client's hands, as a token:
//
//	stream's id | shard's number | chain | index | issued, ms since the epoch | signature | stream's name
//	    8       |       8        |   8   |   8   |             8              |    16     |               bytes, in URL-safe base64
//
// The chain is the same in all iterators that follow from one GetShardIterator. The name is for who logs the call, or lets it fail.
type iterator struct {
	stream, shard, chain, index uint64
	issued                      int64
	name                        string
}

const (
	iteratorBytes  = 40
	signatureBytes = 16
)

func newIterator(st *stream, sh *shard, index uint64, now time.Time) iterator {
	return iterator{stream: st.id, shard: uint64(sh.number), chain: rand.Uint64(), index: index, issued: now.UnixMilli(), name: st.name}
}

// at is the iterator that follows.
func (it iterator) at(index uint64, now time.Time) iterator {
	it.index, it.issued = index, now.UnixMilli()
	return it
}

func (s *Service) token(it iterator) string {
	b := make([]byte, 0, iteratorBytes+signatureBytes+len(it.name))
	for _, n := range []uint64{it.stream, it.shard, it.chain, it.index, uint64(it.issued)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	b = append(b, s.sign(b, it.name)...)
	return base64.URLEncoding.EncodeToString(append(b, it.name...))
}

func (s *Service) sign(b []byte, name string) []byte {
	mac := hmac.New(sha256.New, s.secret[:])
	mac.Write(b)
	mac.Write([]byte(name))
	return mac.Sum(nil)[:signatureBytes]
}

// streamOfIterator is the name of the stream in a token, which nobody has checked.
func streamOfIterator(token string) string {
	b, err := base64.URLEncoding.DecodeString(token)
	if err != nil || len(b) < iteratorBytes+signatureBytes {
		return ""
	}
	return string(b[iteratorBytes+signatureBytes:])
}

// parseIterator reads a token that this service has issued within the last five minutes.
func (s *Service) parseIterator(token string) (iterator, error) {
	const named = iteratorBytes + signatureBytes
	b, err := base64.URLEncoding.DecodeString(token)
	if err != nil || len(b) < named || !hmac.Equal(b[iteratorBytes:named], s.sign(b[:iteratorBytes], string(b[named:]))) {
		return iterator{}, wire.NewError("InvalidArgumentException", "Invalid ShardIterator.")
	}
	field := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	it := iterator{stream: field(0), shard: field(1), chain: field(2), index: field(3), issued: int64(field(4)), name: string(b[named:])}
	if issued := time.UnixMilli(it.issued); time.Since(issued) > iteratorLifetime {
		return iterator{}, wire.NewError("ExpiredIteratorException",
			"Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the tolerated delay of %d milliseconds.",
			issued.UTC().Format(time.UnixDate), time.Now().UTC().Format(time.UnixDate), iteratorLifetime.Milliseconds())
	}
	return it, nil
}
