package harness_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
	"weir/measure/verdict"
	"weir/result"
)

// serveOn serves an embedded AWS on a listener until the test ends.
func serveOn(t *testing.T, listener net.Listener, server *localaws.Server) {
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// dropped runs flights through a stream whose records can be read 700 ms after they were stored, and which withholds the answer to one call in twenty that stored its
// records. What the scenario says of that latency is another matter.
func dropped(t *testing.T, said string) (r result.Result, lost int64) {
	synctest.Test(t, func(t *testing.T) {
		late := func() time.Duration { return 700 * time.Millisecond }
		var withheld atomic.Int64
		network := pipenet.Listen()
		serveOn(t, network, localaws.New(localaws.Config{SettleDelay: -1, Latency: localaws.Latency{Propagation: late}, Fault: func(c localaws.Call) localaws.Action {
			if c.Operation == "PutRecords" && c.Number%20 == 10 {
				withheld.Add(1)
				return localaws.DropAfter
			}
			return localaws.Serve
		}}))
		s := flights(recordings + "/firehose/2013/01/02")
		s.Load.Replay.Speed = "2000x"
		if err := s.Set("latency=" + said); err != nil {
			t.Fatal(err)
		}
		o, err := execute(t, s, "http://127.0.0.1", func(c *harness.Config) {
			c.VirtualTime = true
			c.Target = awsclient.Config{Endpoint: "http://127.0.0.1", Region: "us-east-1", Dial: network.Dial}
		})
		if err != nil {
			t.Fatal(err)
		}
		r, lost = o.Result, withheld.Load()
	})
	return r, lost
}

// The answer of a read at the tip does not show what was stored a moment before. Who knows how long that is, and waits for it, sends nothing twice.
func TestRecordsThatAppearLateAreNotSentTwice(t *testing.T) {
	r, withheld := dropped(t, "{propagation: 700ms}")
	t.Logf("%d answers withheld: %+v", withheld, r.Records)
	checkBooks(t, &r.Records)
	if withheld == 0 || r.Records.Unknown == 0 {
		t.Fatal("no answer was withheld")
	}
	if r.Records.Unknown != r.Records.Found || r.Records.Retried != 0 {
		t.Errorf("%d unknown, %d found, %d sent again", r.Records.Unknown, r.Records.Found, r.Records.Retried)
	}
	if r.Records.Lost+r.Records.Duplicated+r.Records.Phantom+r.Records.Reordered != 0 || r.ExitCode != verdict.ExitPass {
		t.Errorf("exit code %d, %v: %+v", r.ExitCode, r.Reasons, r.Records)
	}
}

// It shows that the test above can fail: a scenario that does not know how late the records are has them sent twice.
func TestRecordsThatAppearLaterThanExpectedAreSentTwiceAndCounted(t *testing.T) {
	r, withheld := dropped(t, "{propagation: 0s}")
	t.Logf("%d answers withheld: %+v", withheld, r.Records)
	checkBooks(t, &r.Records)
	if r.Records.Duplicated == 0 {
		t.Errorf("%+v", r.Records)
	}
}
