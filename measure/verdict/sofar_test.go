package verdict

import (
	"strings"
	"testing"

	"weir/result"
)

func TestSoFarSaysWhatCanOnlyGetWorse(t *testing.T) {
	for _, test := range []struct {
		name   string
		expect string
		change func(*result.Result)
		want   string
		why    string
	}{
		{"nothing yet", "written.p99 <= 2s", func(*result.Result) {}, Pass, ""},
		{"lost", "", func(r *result.Result) { r.Records.Lost = 2 }, Fail, "lost: 2 records"},
		{"an expectation that is broken", "throttled == 0", func(r *result.Result) { r.Records.Throttled = 7 }, Fail, "throttled == 0 (observed 7 records)"},
		{"what is too little may become enough", "throttled > 0", func(*result.Result) {}, Pass, ""},
		{"what is known at the end", "rows.missing == 0", func(*result.Result) {}, Pass, ""},
		{"a late harness", "", func(r *result.Result) { r.Latency = map[string]result.Latency{"handed": {Count: 9, P99: 12.5}} }, Void, "handed p99 12.5 ms"},
		{"a closed loop is never late", "", func(r *result.Result) {
			r.ClosedLoop, r.Latency = true, map[string]result.Latency{"handed": {Count: 9, P99: 12.5}}
		}, Pass, ""},
	} {
		var expectations []*Expectation
		if test.expect != "" {
			e, err := Parse(test.expect)
			if err != nil {
				t.Fatal(err)
			}
			expectations = append(expectations, e)
		}
		var r result.Result
		test.change(&r)
		if got, why := SoFar(expectations, &r); got != test.want || !strings.Contains(why, test.why) || (test.why == "") != (why == "") {
			t.Errorf("%s: %s, %q", test.name, got, why)
		}
	}
}
