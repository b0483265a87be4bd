package price

import (
	"errors"
	"strings"
	"testing"
)

func TestEveryShippedPriceIsNamedForBothRegions(t *testing.T) {
	for _, region := range []string{"us-east-1", "ap-northeast-1"} {
		list, err := Shipped(region)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			p, ok := list.Lookup(item)
			if !ok {
				t.Errorf("%s has nothing of %s, not even that it is unknown", region, item)
			}
			if p.Unit == "" {
				t.Errorf("%s, %s: it has no unit", region, item)
			}
		}
	}
}

func TestAnUnknownPriceIsNoZero(t *testing.T) {
	tokyo, err := Shipped("ap-northeast-1")
	if err != nil {
		t.Fatal(err)
	}
	if usd := tokyo.Of(ProcessingHour); usd != nil {
		t.Errorf("a KPU in Tokyo costs %v, and nobody has read that", *usd)
	}
	if usd := tokyo.Of(ShardHour); usd == nil || *usd != 0.0195 {
		t.Errorf("a shard in Tokyo: %v", usd)
	}
}

func TestMistakesInAPriceFileAreNamed(t *testing.T) {
	good := `{"item": "kinesis.shard_hour", "unit": "h", "region": "r", "usd": 1, "dated": "2026", "source": "s"}`
	for name, c := range map[string]struct{ text, says string }{
		"no JSON":          {`nonsense`, "prices: "},
		"another field":    {`{"price": []}`, "unknown field"},
		"an unknown item":  {`{"prices": [{"item": "x", "region": "r", "dated": "d", "source": "s"}]}`, `prices[0]: "x" is no item: there are kinesis.shard_hour`},
		"no region":        {`{"prices": [{"item": "lambda.request", "dated": "d", "source": "s"}]}`, "prices[0]: lambda.request has no region"},
		"below zero":       {`{"prices": [{"item": "lambda.request", "region": "r", "usd": -1, "dated": "d", "source": "s"}]}`, "prices[0]: lambda.request costs -1"},
		"no source":        {`{"prices": [{"item": "lambda.request", "region": "r", "usd": 1, "dated": "d"}]}`, "no date or no source"},
		"twice":            {`{"prices": [` + good + `,` + good + `]}`, "prices[1]: r has a price of kinesis.shard_hour already"},
		"another region's": {`{"prices": [` + strings.Replace(good, `"r"`, `"q"`, 1) + `]}`, "there are no prices of r: there are some of q"},
	} {
		if _, err := Read(strings.NewReader(c.text), "r"); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if _, err := Shipped("eu-west-1"); !errors.Is(err, ErrNoRegion) {
		t.Error(err)
	}
}
