package harness_test

import (
	"testing"

	"weir/internal/localaws"
	"weir/scenarios"
)

// A run whose aggregator is a consumer of its own reads each record once, packed or not, and leaves neither consumer nor stream.
func TestARunIsReadByEnhancedFanOut(t *testing.T) {
	s := disordered(5)
	s.Pipeline.Aggregator.Reader = scenarios.FanOut
	s.Pipeline.Input.Packing = scenarios.KPLPacking
	o, err := execute(t, s, startAWS(t, localaws.Config{Limits: true}), nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRestarts(t, o, 0)
}
