package stream

import (
	"testing"

	"weir/record"
)

func TestASpareIsTakenForWhatNeedsItAndKeepsNoRecord(t *testing.T) {
	var s spares
	used := fresh(3)
	used[2].Data = []byte("x")
	s.put(used)
	if none := s.take(0); none != nil || len(s.free) != 1 {
		t.Errorf("%d sends, and %d spares are left", len(none), len(s.free))
	}
	if again := s.take(2); len(again) != 2 || &again[0] != &used[0] || again[:3][2].Data != nil || len(s.free) != 0 {
		t.Errorf("%+v, and %d spares are left", again, len(s.free))
	}
	s.put(make([]record.Send, 1))
	if large := s.take(5); len(large) != 5 {
		t.Errorf("%d sends", len(large))
	}
}
