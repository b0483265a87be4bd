package worlds

import "testing"

// The truth of a world is found by trying, and most of them have one.
func TestMostSizedWorldsHaveASureTruth(t *testing.T) {
	sure := 0
	for seed := range uint64(8) {
		if seed%4 == 2 {
			continue // a thousand rows a second
		}
		w, err := NewSized(seed)
		if err != nil {
			t.Fatal(err)
		}
		_, ok, err := w.Least(0.03)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			sure++
		}
	}
	if sure < 4 {
		t.Errorf("%d of 6 are sure", sure)
	}
}
