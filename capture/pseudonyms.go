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

	"weir/record"
)

// Pseudonyms put aliases in the place of what chosen fields hold, and of partition keys: the same value has the same alias, wherever it stands, and only
// who has the key can tell which one. Nothing else of a record changes.
type Pseudonyms struct {
	decoder *record.Decoder
	decoded record.Decoded
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
	return &Pseudonyms{decoder: decoder, mac: hmac.New(sha256.New, key)}, nil
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

// hide puts aliases into a record. It is false where the data is no JSON, so that nobody can tell what it holds.
func (p *Pseudonyms) hide(c *record.Captured, shard *record.Shard) bool {
	if !json.Valid(c.Data) || len(c.Data) == 0 || c.Data[0] != '{' {
		return false
	}
	_ = p.decoder.Decode(c.Data, &p.decoded) // it has no event time, which is all that there can be wrong with it
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
