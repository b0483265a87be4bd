package scenarios

import (
	"strings"
	"testing"
)

func TestOnlyAFaultOfCallsSaysWhichCalls(t *testing.T) {
	of := func(fault string) (*Scenario, error) {
		return read("x.yaml", []byte(`version: 1
load: {kinds: {order: {keys: {uniform: {count: 1}}}}, rate: [{shape: hold, at: 1/s, for: 9s}]}
pipeline: {aggregator: {checkpoints: {every: 1s}}}
faults: [`+fault+`]
`), nil, nil)
	}
	for fault, want := range map[string]string{
		"{at: 1s, on: input, drop: 1%}":                              "writes",
		"{at: 1s, on: input, calls: reads, throttle: 1%}":            "reads",
		"{at: 1s, on: input, stop: 1}":                               "",
		"{at: 1s, on: input, reshard: 2}":                            "",
		"{at: 1s, for: 1s, restart: aggregator}":                     "",
		"{at: 1s, for: 1s, restart: aggregator, calls: writes}":      "faults[0].calls: is for throttle",
		"{at: 1s, for: 1s, on: input, stop: 1, calls: reads}":        "faults[0].calls: is for throttle",
		"{at: 1s, for: 1s, on: input, fail: 1%, calls: everything }": `"everything" is none of`,
	} {
		s, err := of(fault)
		switch {
		case err != nil && (want == "" || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v", fault, err)
		case err == nil && string(s.Faults[0].Calls) != want:
			t.Errorf("%s: of the calls %q, want %q", fault, s.Faults[0].Calls, want)
		}
	}
}
