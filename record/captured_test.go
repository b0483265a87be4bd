package record

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestACapturedRecordSurvivesItsLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Captured{
			Shard: "shardId-000000000003", Sequence: rapid.StringMatching(`[1-9][0-9]{0,55}(/[0-9]{1,4})?`).Draw(t, "sequence"),
			Arrived:      rapid.Int64Range(0, 4_102_444_800_000).Draw(t, "arrived"),
			PartitionKey: rapid.StringN(1, 40, 256).Draw(t, "key"), ExplicitHashKey: rapid.SampledFrom([]string{"", "0", "7"}).Draw(t, "hash"),
			Data: rapid.OneOf(rapid.SampledFrom([][]byte{[]byte(`{"a": 1, "ü":"<&>"}`), []byte("{\n}"), []byte("[1]"), []byte(`{"a":1} `), nil}), rapid.SliceOfN(rapid.Byte(), 0, 40)).Draw(t, "data"),
		}
		line := c.Append(nil)
		if bytes.IndexByte(line, '\n') >= 0 || !IsCaptured(line) {
			t.Fatalf("no line of a capture: %s", line)
		}
		got, err := ParseCaptured(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if !bytes.Equal(got.Data, c.Data) {
			t.Errorf("data %q became %q", c.Data, got.Data)
		}
		if got.Data, c.Data = nil, nil; got.Shard != c.Shard || got.Sequence != c.Sequence || got.Arrived != c.Arrived || got.PartitionKey != c.PartitionKey || got.ExplicitHashKey != c.ExplicitHashKey {
			t.Errorf("%+v became %+v", c, got)
		}
	})
}

func TestALineThatIsNoCapturedRecordSaysWhy(t *testing.T) {
	const start = `{"captured":{"shard":"s","sequence":"1","arrived":"2013-01-01T05:00:00.000Z","partition_key":"k"}`
	for line, want := range map[string]string{
		start + `}`:                                                    "data and data_base64",
		start + `,"data":{},"data_base64":""}`:                         "data and data_base64",
		start + `,"data_base64":"?"}`:                                  "data_base64",
		start + `,"data":{`:                                            "unexpected end",
		strings.Replace(start, `"s"`, `""`, 1) + `,"data":{}}`:         "shard, sequence or partition_key",
		strings.Replace(start, `"1"`, `"x"`, 1) + `,"data":{}}`:        "shard, sequence or partition_key",
		strings.Replace(start, "2013", "last year", 1) + `,"data":{}}`: "arrived",
		strings.Replace(start, `"k"`, `"k","explicit_hash_key":"-1"`, 1) + `,"data":{}}`: "hash key",
	} {
		if _, err := ParseCaptured([]byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func FuzzParseCaptured(f *testing.F) {
	c := Captured{Shard: "s", Sequence: "1/2", Arrived: 1, PartitionKey: "k", ExplicitHashKey: "7", Data: []byte(`{"a":1}`)}
	f.Add(c.Append(nil))
	c.Data = []byte("x")
	f.Add(c.Append(nil))
	f.Fuzz(func(t *testing.T, line []byte) {
		c, err := ParseCaptured(line)
		if err != nil || c.Arrived < 0 || c.Arrived > 253402300799000 {
			return
		}
		again, err := ParseCaptured(c.Append(nil))
		if err != nil || !bytes.Equal(again.Data, c.Data) || again.Arrived != c.Arrived {
			t.Errorf("%+v became %+v: %v", c, again, err)
		}
	})
}
