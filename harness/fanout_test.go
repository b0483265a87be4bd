package harness_test

import (
	"strings"
	"testing"

	"weir/aggregator"
	"weir/internal/localaws"
	"weir/measure/verdict"
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

// What Flink's new connector would not see is missing from its rows, and counted and named.
func TestRecordsInAggregatesThatStayClosedAreCountedAndMissing(t *testing.T) {
	for _, reader := range []scenarios.ReaderKind{scenarios.Polling, scenarios.FanOut} {
		s := firehose()
		s.Pipeline.Input.Packing = scenarios.KPLPacking
		s.Pipeline.Aggregator.KPL, s.Pipeline.Aggregator.Reader = scenarios.ClosedAggregates, reader
		o, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
		r := &o.Result
		if err != nil || r.ExitCode != verdict.ExitWrong || r.Rows.Missing == 0 || r.Rows.Unexpected != 0 {
			t.Fatalf("%v, %v, rows %+v", err, r.Reasons, r.Rows)
		}
		checkBooks(t, &r.Records)
		c := &r.Records
		if c.Lost != 0 || c.Unreadable < c.Read/2 || c.Counted+c.Late+c.Unreadable != c.Read {
			t.Errorf("%+v", *c)
		}
		if len(r.UnreadableSamples) == 0 || r.UnreadableSamples[0].Reason != aggregator.ErrClosed.Error() || !strings.Contains(r.UnreadableSamples[0].Sequence, "/") {
			t.Errorf("%+v", r.UnreadableSamples)
		}
		if !strings.Contains(strings.Join(r.Warnings, "\n"), "pipeline.aggregator.kpl") {
			t.Errorf("warnings %q", r.Warnings)
		}
	}
}
