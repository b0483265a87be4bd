package capture

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"weir/record"
)

// Pseudonyms put aliases in the place of what chosen fields hold, and of partition keys: the same value has the same alias, wherever it stands, and only
// who has the key can tell which one. Nothing else of a record changes.
type Pseudonyms struct {
	decoder *record.Decoder
	decoded record.Decoded
	found   uint64 // the decoder's paths that some record had
	mac     hash.Hash
}

// minKey is the least that a key has, in bytes: HMAC's own length makes a shorter one the weakest part.
const minKey = 16

// NewPseudonyms makes pseudonyms of fields, by their paths, under a key.
func NewPseudonyms(key []byte, fields []string) (*Pseudonyms, error) {
	if len(key) < minKey {
		return nil, fmt.Errorf("the key of pseudonyms has %d bytes, and needs %d", len(key), minKey)
	}
	decoder, err := record.NewDecoder(record.Fields{Key: fields})
	if err != nil {
		return nil, err
	}
	if outer, inner, ok := nested(decoder.Paths()); ok {
		return nil, fmt.Errorf("%q is in %q: name one of them", inner, outer)
	}
	return &Pseudonyms{decoder: decoder, mac: hmac.New(sha256.New, key)}, nil
}

// nested finds two paths, one of which goes through the other.
func nested(paths []string) (outer, inner string, ok bool) {
	for _, outer := range paths {
		for _, inner := range paths {
			if strings.HasPrefix(inner, outer+".") {
				return outer, inner, true
			}
		}
	}
	return "", "", false
}

// Absent are the paths that no record had.
func (p *Pseudonyms) Absent() (paths []string) {
	for i, path := range p.decoder.Paths() {
		if p.found>>i&1 == 0 {
			paths = append(paths, path)
		}
	}
	return paths
}

// sum is the keyed hash of a value.
func (p *Pseudonyms) sum(value string) []byte {
	p.mac.Reset()
	p.mac.Write([]byte(value))
	return p.mac.Sum(nil)
}

var alphabet = base32.HexEncoding.WithPadding(base32.NoPadding)

// alias is that of a text.
func (p *Pseudonyms) alias(value string) string { return alphabet.EncodeToString(p.sum(value)[:10]) }

// hide puts aliases into a record. It is false where the data is no JSON object, so that nobody can tell what it holds, where a member comes twice on
// the way to a field, for readers differ in which of the two they take, and where an array is on the way, for no path leads into one.
func (p *Pseudonyms) hide(c *record.Captured, shard *record.Shard) bool {
	if !json.Valid(c.Data) || len(c.Data) == 0 || c.Data[0] != '{' {
		return false
	}
	_ = p.decoder.Decode(c.Data, &p.decoded) // it has no event time, which is all that there can be wrong with it
	if p.decoder.Repeated() || p.decoder.Barred() {
		return false
	}
	p.found |= p.decoded.Found
	type place struct{ start, end int }
	var places []place
	for i := range p.decoder.Paths() {
		if start, end, ok := p.decoder.Place(i); ok {
			places = append(places, place{start, end})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return a.start - b.start })
	var hidden []byte
	at := 0
	for _, f := range places {
		hidden = append(append(hidden, c.Data[at:f.start]...), p.value(c.Data[f.start:f.end])...)
		at = f.end
	}
	c.Data = append(hidden, c.Data[at:]...)
	// Where the alias falls has nothing to do with where the key did: a hash key of the same shard, which the alias chooses, keeps the record there.
	c.ExplicitHashKey = p.hashKey(c.PartitionKey, shard)
	c.PartitionKey = p.alias(c.PartitionKey)
	return true
}

// value is what stands in the place of a JSON value: a number for a number, and a text for everything else.
func (p *Pseudonyms) value(json []byte) []byte {
	text := string(json)
	if unquoted, err := unquote(json); err == nil {
		text = unquoted
	} else if json[0] == '-' || json[0] >= '0' && json[0] <= '9' {
		const digits = 1e15 // which every reader of JSON holds exactly
		return strconv.AppendUint(nil, binary.BigEndian.Uint64(p.sum(text))%digits, 10)
	}
	return strconv.AppendQuote(nil, p.alias(text))
}

func unquote(text []byte) (value string, err error) {
	err = json.Unmarshal(text, &value)
	return value, err
}

// hashKey is one in a shard's range.
func (p *Pseudonyms) hashKey(key string, shard *record.Shard) string {
	start, end := shard.Start.Big(), shard.End.Big()
	width := end.Sub(end, start)
	width.Add(width, big.NewInt(1))
	at := new(big.Int).SetBytes(p.sum(key)[:16])
	return start.Add(start, at.Mod(at, width)).String()
}
