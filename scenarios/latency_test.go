package scenarios

import (
	"testing"
	"time"
)

func TestVisibilityIsTheMostThatARecordIsLate(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"{put: 1s, get: 2s, table: 3s}":       0,
		"aws":                                 100 * time.Millisecond,
		"{propagation: 700ms}":                700 * time.Millisecond,
		"{propagation: 700ms, fan_out: 1s}":   time.Second,
		"{propagation: {uniform: 0s..800ms}}": 800 * time.Millisecond,
		"{propagation: {histogram: [{to: 1s, weight: 1}, {to: 9s, weight: 0}]}}": time.Second,
		"{propagation: {exponential: {mean: 100ms}}}":                            1382 * time.Millisecond, // 100 ms × ln 10⁶
		"{propagation: {normal: {mean: 200ms, sd: 10ms}}}":                       248 * time.Millisecond,  // 4.753 standard deviations
		"{propagation: {lognormal: {median: 100ms, p99: 1s}}}":                   11048 * time.Millisecond,
	} {
		s := Default()
		if err := s.Set("latency=" + text); err != nil {
			t.Fatal(err)
		}
		s.Resolve()
		if got := s.Visibility(); got.Round(time.Millisecond) != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestVisibilityOfAnAccountIsAWSs(t *testing.T) {
	s := Default()
	if s.Visibility() != 0 {
		t.Errorf("without latency: %v", s.Visibility())
	}
	s.Target = &Target{Account: "123456789012", Region: "us-east-1", Allow: []string{"weir-*"}}
	if s.Visibility() != VisibilityAWS {
		t.Errorf("%v", s.Visibility())
	}
}
