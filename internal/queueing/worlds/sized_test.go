package worlds

import "testing"

// The truth of a world is found by trying, and most of them have one.
func TestMostSizedWorldsHaveASureTruth(t *testing.T) {
	sure := 0
	for seed := range uint64(24) {
		w, err := NewSized(seed)
		if err != nil {
			t.Fatal(err)
		}
		n, ok, err := w.Least()
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			sure++
		}
		t.Log(w.Scenario.Name, n, ok)
	}
	if sure < 12 {
		t.Errorf("%d of 24 are sure", sure)
	}
}
