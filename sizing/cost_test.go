package sizing

import (
	"strings"
	"testing"

	"weir/result"
	"weir/scenarios"
	"weir/sizing/price"
)

// TestAPriceThatIsNotKnownIsNotZero holds that a configuration with an unknown price has no sum that others could be held against.
func TestAPriceThatIsNotKnownIsNotZero(t *testing.T) {
	smoke, err := scenarios.Shipped("smoke")
	if err != nil {
		t.Fatal(err)
	}
	c := Configuration{Shards: 4, Parallelism: 2, Load: 1}
	for _, at := range []struct {
		region string
		known  bool
	}{{"us-east-1", true}, {"ap-northeast-1", false}} {
		prices, err := price.Shipped(at.region)
		if err != nil {
			t.Fatal(err)
		}
		s := &search{config: &Config{Prices: prices}, model: &model{scenario: smoke}}
		if sum := s.hourlyCost(c, &hourly{}); (sum != nil) != at.known {
			t.Errorf("%s: a sum is known: %v, want %v", at.region, sum != nil, at.known)
		}
	}
	points := make([]result.SizingPoint, 3) // of which the last has the least
	for i := range points {
		points[i].SizingConfig, points[i].Holds = Configuration{Shards: 6 - i, Parallelism: 8 - i}, true
	}
	if list := best(points); list[0] != 2 || list[1] != 1 {
		t.Errorf("the best are %v, want 2 and 1", list)
	}
}

// TestRangesAreBounded holds that a range too long to be swept is refused before it is gone through.
func TestRangesAreBounded(t *testing.T) {
	if _, err := ParseRange("1..999999999999"); err == nil || !strings.Contains(err.Error(), "more than 2,000") {
		t.Errorf("error %v", err)
	}
	if r, err := ParseRange("1..2000"); err != nil || r.To != 2000 {
		t.Errorf("%v, error %v", r, err)
	}
	r := Ranges{Shards: Range{1, 2000}, Parallelism: Range{1, 2}}
	if _, err := r.configurations(Configuration{Shards: 1, Parallelism: 1, Load: 1}); err == nil {
		t.Error("4,000 configurations were not refused")
	}
}
