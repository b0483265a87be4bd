package kpl

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func pack(records []Record) []byte {
	var p Packer
	for i := range records {
		p.Add(&records[i])
	}
	packed := p.Append(nil)
	Seal(packed)
	return packed
}

func same(a, b []Record) bool {
	return slices.EqualFunc(a, b, func(a, b Record) bool {
		return a.PartitionKey == b.PartitionKey && a.ExplicitHashKey == b.ExplicitHashKey && bytes.Equal(a.Data, b.Data)
	})
}

func drawn(t *rapid.T) []Record {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Record {
		return Record{
			PartitionKey:    rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "ключ"}), rapid.StringN(1, 40, 256)).Draw(t, "key"),
			ExplicitHashKey: rapid.SampledFrom([]string{"", "", "0", "340282366920938463463374607431768211455"}).Draw(t, "hash"),
			Data:            rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "data"),
		}
	}), 1, 200).Draw(t, "records")
}

func TestWhatIsPackedIsOpened(t *testing.T) {
	var p Packer // one for all, which begins anew each time
	var o Opener
	rapid.Check(t, func(t *rapid.T) {
		want := drawn(t)
		bound := Empty
		for i := range want {
			p.Add(&want[i])
			bound += Bound(&want[i])
		}
		size := p.Size()
		packed := p.Append([]byte("before"))[len("before"):]
		Seal(packed)
		if len(packed) != size || size > bound {
			t.Errorf("%d bytes, told were %d and %d at most", len(packed), size, bound)
		}
		got, ok := o.Open(packed)
		if !ok || !same(got, want) {
			t.Errorf("%v: %v, want %v", ok, got, want)
		}
	})
}

// The bytes are those of aggregation-format.md: each key once, and the message's MD5.
func TestAnAggregateIsTheseBytes(t *testing.T) {
	got := pack([]Record{{"k", "", []byte("ab")}, {"k", "7", []byte{}}, {"l", "7", []byte("c")}})
	message := "0a016b" + "120137" + "0a016c" + "1a06" + "0800" + "1a026162" + "1a06" + "0800" + "1000" + "1a00" + "1a07" + "0801" + "1000" + "1a0163"
	raw, err := hex.DecodeString(message)
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(raw)
	if want := slices.Concat([]byte{0xF3, 0x89, 0x9A, 0xC2}, raw, sum[:]); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}

func sealed(message string) []byte {
	raw, err := hex.DecodeString(message)
	if err != nil {
		panic(err)
	}
	sum := md5.Sum(raw)
	return slices.Concat(magic[:], raw, sum[:])
}

func TestWhatIsNoWholeAggregateIsAPlainRecord(t *testing.T) {
	good := pack([]Record{{"k", "", []byte("ab")}, {"l", "", []byte("c")}})
	for name, text := range map[string][]byte{
		"nothing":                        {},
		"the magic number alone":         good[:4],
		"no message":                     sealed(""),
		"another magic number":           append([]byte{0}, good[1:]...),
		"a wrong MD5":                    append(slices.Clone(good[:len(good)-1]), good[len(good)-1]^1),
		"a byte too few":                 good[:len(good)-1],
		"a byte too many":                append(slices.Clone(good), 0),
		"a key that is not there":        sealed("0a016b" + "1a060801" + "1a026162"),
		"a hash key that is not there":   sealed("0a016b" + "1a080800" + "1000" + "1a026162"),
		"no key":                         sealed("0a016b" + "1a041a026162"),
		"no data":                        sealed("0a016b" + "1a020800"),
		"a length beyond the end":        sealed("0a7f6b"),
		"a number that has no end":       sealed("0a016b" + "1a0308ffff"),
		"a group, which is no field":     sealed("0b"),
		"field 0":                        sealed("0200"),
		"an index beyond every table":    sealed("0a016b" + "1a0e08ffffffffffffffffff01" + "1a0161"),
		"a length that is far too large": sealed("0affffffffffffffffff01"),
	} {
		if got, ok := new(Opener).Open(text); ok || len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestFieldsThatNobodyKnowsArePassedOver(t *testing.T) {
	// A tag of a record, a fixed 64, a fixed 32 and a varint; and the table stands behind the record.
	got, ok := new(Opener).Open(sealed("1a0c" + "0800" + "1a0161" + "2205" + "0a03616263" + "21" + "0102030405060708" + "2d01020304" + "3005" + "0a016b"))
	if !ok || !same(got, []Record{{"k", "", []byte("a")}}) {
		t.Errorf("%v: %v", ok, got)
	}
}

func FuzzOpenNeverPanicsAndTellsTheTruth(f *testing.F) {
	f.Add([]byte{0x0a, 0x01, 'k', 0x1a, 0x06, 0x08, 0x00, 0x1a, 0x02, 'a', 'b'})
	f.Fuzz(func(t *testing.T, message []byte) {
		sum := md5.Sum(message)
		got, ok := new(Opener).Open(slices.Concat(magic[:], message, sum[:]))
		if !ok {
			return
		}
		again, ok := new(Opener).Open(pack(got))
		if len(got) > 0 && (!ok || !same(got, again)) {
			t.Errorf("%v, and packed again %v", got, again)
		}
	})
}
