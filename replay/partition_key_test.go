package replay

import (
	"strings"
	"testing"

	"weir/record"
)

func TestPartitionKeysThatMustNotReachTheWire(t *testing.T) {
	for key, want := range map[string]Reason{
		"":                       NoPartitionKey,
		"a":                      "",
		strings.Repeat("é", 256): "",
		strings.Repeat("é", 257): LongKey,
		"\xff":                   InvalidKey,
		record.FlushKey("1"):     ReservedKey,
	} {
		if got := refusedKey(key); got != want {
			t.Errorf("%.20q: %q, want %q", key, got, want)
		}
	}
}
