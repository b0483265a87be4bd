package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzFormats reads arbitrary text as each format. Nothing may be lost in silence: text that is not blank is a record or a skip, a
// record's data is an object, and of JSON a part of the file, or of what is in an envelope there; and how the reads fall changes nothing.
func FuzzFormats(f *testing.F) {
	for _, seed := range []string{
		`{"t":1,"key":"a"}{"t":2,"key":"b"}`, "{\n\"t\":1}{", `{"t":"\"{`, "t,key\n1,\"a\n\"\n2,b", "t;key\n\"\"\"\";x", byteOrderMark + "{}", `{"a":[}{"t":1,"key":"b"}`,
		"[{\"t\":1,\"key\":\"a\"},\n {\"t\":2\n]", "[[{}],1,{\"a\":[{\"t\":1}]}x", string(packed(`{"t":1,"key":"a"}`)) + `{"t":1}`, "sep=|\nt|key\n1|a", " t , key \n 1 , \"a\" ",
		`{"Records":[{"kinesis":{"partitionKey":"k","data":"` + base64Of([]byte(`{"t":1,"key":"a"}`)) + `"}}]}`, subscription(`{"t":1,"key":"a"}`),
		"\"{\"partitionKey\":\"0\",\"data\":\"eyJ0Ijo0LCJ0000iOiJ0In0=\"}", `[{"t":1,"key":"a"},null,[],"x",[1],{"t":2,"key":"b"}]`, `{"SequenceNumber":"1","PartitionKey":"k","Data":"` + base64Of(gzipped(`{"t":1,"key":"a"}`)) + `"}`,
	} {
		for choice := range byte(5) {
			f.Add([]byte(seed), choice)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, choice byte) {
		if !isPlain(text) {
			return
		}
		format := []Format{AutoFormat, NDJSON, Concatenated, CSV, Array}[choice%5]
		records, skipped := parseAll(t, inMemory(string(text)), format)
		var within [][]byte
		for _, data := range records {
			if !json.Valid([]byte(data)) {
				t.Errorf("%q is not JSON", data)
			}
			if bytes.Contains(text, []byte(data)) || mayBeRows(text, format) {
				continue
			}
			if within == nil {
				within = envelopesIn(text, 5)
			}
			if !slices.ContainsFunc(within, func(inside []byte) bool { return bytes.Contains(inside, []byte(data)) }) {
				t.Errorf("%q is not in the file", data)
			}
		}
		if len(records) == 0 && skipped.Count == 0 && mustHold(text, format) {
			t.Errorf("nothing came of %q as %s", text, format)
		}
		slow := &memory{files: map[string]io.Reader{}}
		slow.add("file0", iotest.OneByteReader(bytes.NewReader(text)))
		again, skippedAgain := parseAll(t, slow, format)
		if !slices.Equal(records, again) || skipped.Count != skippedAgain.Count {
			t.Errorf("%q and %d skips, byte by byte %q and %d", records, skipped.Count, again, skippedAgain.Count)
		}
	})
}

// isPlain says that a file is taken for text.
func isPlain(file []byte) bool {
	var c content
	return c.reset(bytes.NewReader(file)) == nil && len(c.Names()) == 0 && !c.parquet
}

// mayBeRows says that records may be made of rows, and are no part of the file then.
func mayBeRows(text []byte, format Format) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(text, []byte(byteOrderMark)), " \t\r\n")
	return format == CSV || format == AutoFormat && len(start) > 0 && start[0] != '{' && start[0] != '['
}

// mustHold says that a text holds something that is a record or a skip: more than blanks, or in arrays brackets and commas, and in CSV more than a header.
func mustHold(text []byte, format Format) bool {
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	switch format {
	case NDJSON, Concatenated:
		return len(bytes.Trim(text, " \t\r\n")) > 0
	case Array:
		return len(bytes.Trim(text, " \t\r\n[],")) > 0
	}
	lines := 0 // that are no header, nor what says its delimiter
	for line := range bytes.Lines(text) {
		if len(bytes.Trim(line, " \t\r\n[],")) > 0 {
			lines++
		}
	}
	return lines > 2 && bytes.IndexByte(text, '"') < 0
}

// stringLiteral is a string as JSON writes it, at the start of a text.
var stringLiteral = regexp.MustCompile(`^"(?:[^"\\]|\\.)*"`)

// envelopesIn is what is in the strings of a text, in Base64 or not, in gzip or not, and in each other.
func envelopesIn(text []byte, depth int) (all [][]byte) {
	if depth == 0 {
		return nil
	}
	take := func(inside []byte) {
		all = append(append(all, inside), envelopesIn(inside, depth-1)...)
	}
	if at := bytes.Index(text, []byte("\x1f\x8b")); at >= 0 {
		if r, err := gzip.NewReader(bytes.NewReader(text[at:])); err == nil {
			inside, _ := io.ReadAll(io.LimitReader(r, 1<<20))
			take(inside)
		}
	}
	for at := range text { // a quote too many makes others of all strings behind it
		var inside string
		if text[at] != '"' || json.Unmarshal(stringLiteral.Find(text[at:]), &inside) != nil || len(inside) < 8 {
			continue
		}
		if data, err := base64.StdEncoding.DecodeString(inside); err == nil {
			take(data)
		}
		if strings.Contains(inside, "{") {
			take([]byte(inside))
		}
	}
	return all
}
