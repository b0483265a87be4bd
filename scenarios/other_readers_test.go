package scenarios

import (
	"strings"
	"testing"
)

func TestOtherReadersAreRefusedWithTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		"0":  "",
		"20": "",
		"-1": "pipeline.input.other_readers: -1 is not between 0 and 20",
		"21": "pipeline.input.other_readers: 21 is not between 0 and 20",
	} {
		s := replayed()
		if err := s.Set("pipeline.input.other_readers=" + text); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); (want == "") != (err == nil) || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	s := replayed()
	s.Pipeline.Input.OtherReaders = 1
	s.Target = &Target{Account: "123456789012", Region: "us-east-1", Allow: []string{"weir-*"}}
	want := "pipeline.input.other_readers: is for the embedded AWS, and target names an account (leave it out, and let the other consumers read the test stream themselves)"
	if err := s.Validate(); err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestPlanSaysWhatOtherReadersLeave(t *testing.T) {
	for _, c := range []struct {
		set  []string
		want string // none of it: nothing is said
	}{
		{nil, ""},
		{[]string{"pipeline.input.other_readers=1"}, "1 other reader of the input: they take 1 of each shard's 5 reads a second, and of its 2 MiB a second what is written once"},
		{[]string{"pipeline.input.other_readers=2"}, "the aggregator polls 4 times a second, and 3 reads are left for it: the rest are throttled"},
		{[]string{"pipeline.input.other_readers=4"}, "the aggregator polls 4 times a second, and 1 read is left for it: the rest are throttled"},
		{[]string{"pipeline.input.other_readers=7"}, "the aggregator polls 4 times a second, and no read is left for it: it is throttled all the time"},
		{[]string{"pipeline.input.other_readers=7", "pipeline.aggregator.reader=fan-out"}, "the aggregator reads by enhanced fan-out, which they do not touch"},
		{[]string{"pipeline.input.other_readers=7", "limits=off"}, ""},
	} {
		s := replayed()
		for _, set := range c.set {
			if err := s.Set(set); err != nil {
				t.Fatal(err)
			}
		}
		plan, err := s.Plan()
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if _, err := plan.WriteTo(&text); err != nil {
			t.Fatal(err)
		}
		if c.want == "" && strings.Contains(text.String(), "other reader") || !strings.Contains(text.String(), c.want) {
			t.Errorf("%v: no %q in\n%s", c.set, c.want, &text)
		}
	}
}
