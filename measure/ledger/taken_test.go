package ledger

import (
	"testing"
	"unsafe"
)

// There may be tens of thousands of records between a reader and what processes them, and a restart needs those of the whole run.
func TestLittleIsKeptOfARecordThatWasRead(t *testing.T) {
	if size := unsafe.Sizeof(takenRecord{}); size > 16 {
		t.Errorf("%d bytes of a record that is not processed", size)
	}
	if size := unsafe.Sizeof(takenRecord{}) + unsafe.Sizeof(uint64(0)); size > 24 {
		t.Errorf("%d bytes of a record that may be read again", size)
	}
}
