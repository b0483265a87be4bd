package record

import (
	"slices"
	"testing"
)

func TestPlaceIsTheValueAsItStands(t *testing.T) {
	d := mustDecoder(t, testFields())
	data := `{"kind":"\"k\"","value":1.50,"key":null,"at":{"time":0,"time":"2013-01-01T06:00:00Z","place":[1, {}]}}`
	var decoded Decoded
	_ = d.Decode([]byte(data), &decoded) // its key is of no use
	for path, want := range map[string]string{"kind": `"\"k\""`, "value": "1.50", "key": "", "at.time": `"2013-01-01T06:00:00Z"`, "at.place": "[1, {}]", `dotted\.name`: ""} {
		start, end, ok := d.Place(slices.Index(d.Paths(), path))
		if data[start:end] != want || ok != (want != "") {
			t.Errorf("%s: %q, %v; want %q", path, data[start:end], ok, want)
		}
	}
}
