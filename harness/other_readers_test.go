package harness_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
	"weir/result"
	"weir/scenarios"
)

// beside runs flights in virtual time beside so many other readers of its stream.
func beside(t *testing.T, others int) (r result.Result) {
	synctest.Test(t, func(t *testing.T) {
		network := pipenet.Listen()
		serveOn(t, network, localaws.New(localaws.Config{SettleDelay: -1, Limits: true}))
		s := flights(recordings + "/firehose/2013/01/02")
		s.Limits = scenarios.LimitsAWS
		s.Load.Replay.Speed = "2000x"
		s.Pipeline.Input.Shards, s.Pipeline.Input.OtherReaders = 1, others
		s.Pipeline.Aggregator.Poll = scenarios.Default().Pipeline.Aggregator.Poll
		o, err := execute(t, s, "http://127.0.0.1", func(c *harness.Config) {
			c.VirtualTime = true
			c.Target.Dial = network.Dial
		})
		if err != nil {
			t.Fatal(err)
		}
		r = o.Result
	})
	return r
}

// The aggregator polls four times a second. Beside one other reader it has its four of five reads; beside four others it has one, and later.
func TestOtherReadersThrottleTheAggregatorsReads(t *testing.T) {
	alone, crowded := beside(t, 1), beside(t, 4)
	t.Logf("reads throttled beside one other reader: %d; beside four: %d", alone.Backlog["input"].ReadsThrottled, crowded.Backlog["input"].ReadsThrottled)
	t.Logf("p99 from due to read beside one: %.0f ms; beside four: %.0f ms", alone.Latency["read"].P99, crowded.Latency["read"].P99)
	if alone.Backlog["input"].ReadsThrottled != 0 || crowded.Backlog["input"].ReadsThrottled == 0 {
		t.Error("beside four others reads are throttled, and beside one none")
	}
	if crowded.Latency["read"].P99 < 1.5*alone.Latency["read"].P99 {
		t.Error("what is read once a second is read no later than what is read four times a second")
	}
	for _, r := range []result.Result{alone, crowded} {
		checkBooks(t, &r.Records)
		if r.Records.Lost+r.Records.Duplicated+r.Records.Unread != 0 {
			t.Errorf("%+v", r.Records)
		}
	}
}

func TestOtherReadersAreRefusedBeyondThisMachine(t *testing.T) {
	s := flights(recordings + "/firehose/2013/01/02")
	s.Pipeline.Input.OtherReaders = 1
	_, err := execute(t, s, "http://127.0.0.1:1", func(c *harness.Config) { c.Guard = &awsclient.Target{Account: "123456789012"} })
	if !errors.Is(err, harness.ErrUsage) || !strings.Contains(err.Error(), "pipeline.input.other_readers: only the embedded AWS has other readers") {
		t.Error(err)
	}
}
