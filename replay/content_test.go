package replay

import (
	"slices"
	"strings"
	"testing"

	"weir/replay/parquet"
)

// TestAHeaderMayBeginAsAnotherKindOfFileDoes in CSV that is plain, compressed, or not in UTF-8.
func TestAHeaderMayBeginAsAnotherKindOfFileDoes(t *testing.T) {
	for _, name := range []string{"PARENT_ID", "PAR1", "PARE", "ORCID", "ORC", "PARÉ", "PAR1" + strings.Repeat("x", 200)} {
		text := name + ",t,key\n5,1,a\n6,2,b\n"
		want := []string{`{"` + name + `":5,"t":1,"key":"a"}`, `{"` + name + `":6,"t":2,"key":"b"}`}
		for form, file := range map[string]string{"plain": text, "gzip": zipped(t, text), "of tabs": strings.ReplaceAll(text, ",", "\t"), "Hive's": strings.ReplaceAll(text, ",", "\x01")} {
			records, skipped := parseAll(t, inMemory(file), AutoFormat)
			if !slices.Equal(records, want) || skipped.Count != 0 {
				t.Errorf("%s, %s: %q, %+v", name, form, records, skipped)
			}
		}
	}
}

// TestKindsThatBeginWithLettersAreTold by what no text has behind them.
func TestKindsThatBeginWithLettersAreTold(t *testing.T) {
	for file, want := range map[string]string{
		"ORC\x0a\x03\x00\x00\x00": "it is ORC: ", parquet.EncryptedMagic + "\x2a\x00\x00\x00": "it is encrypted Parquet: ", "Obj\x01\x04\x14avro.codec": "it is Avro: ",
	} {
		_, skipped := parseAll(t, inMemory(file), AutoFormat)
		if skipped.ByReason[UnknownEncoding] != 1 || !strings.HasPrefix(skipped.Samples[0].Detail, want) {
			t.Errorf("%q: %+v", file, skipped)
		}
	}
}
