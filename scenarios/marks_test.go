package scenarios

import (
	"testing"
	"testing/fstest"
)

// TestAByteOrderMarkIsNoPartOfAFile puts one in front of each sort of file that a scenario can name.
func TestAByteOrderMarkIsNoPartOfAFile(t *testing.T) {
	files := fstest.MapFS{
		"keys.txt":      {Data: []byte("\xef\xbb\xbfalpha\r\nbeta\n")},
		"curve.csv":     {Data: []byte("\xef\xbb\xbfseconds,records_per_second\n0,10\n5,20\n")},
		"orders/a.json": {Data: []byte("\xef\xbb\xbf{\"kind\":\"o\",\"key\":\"k\",\"event_time\":\"2013-01-01T00:00:00Z\"}")},
	}
	var found problems
	r := fileReader{files, &found}
	if keys := r.keys("keys.txt", ""); len(keys) != 2 || keys[0] != "alpha" || keys[1] != "beta" {
		t.Errorf("%q", keys)
	}
	if points := r.curve("curve.csv", 1, ""); len(points) != 2 {
		t.Error(points, found.err())
	}
	if samples := r.samples("orders", ""); len(samples) != 1 || samples[0].Data[0] != '{' {
		t.Errorf("%q", samples)
	}
	text := "\xef\xbb\xbfversion: 1\nload:\n  kinds: {o: {keys: {uniform: {count: 3}}}}\n  rate: [{shape: hold, at: 10/s, for: 5s}]\n"
	if _, err := read("s.yaml", withoutMark([]byte(text)), files, nil); err != nil {
		t.Error(err)
	}
}
