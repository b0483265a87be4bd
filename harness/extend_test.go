package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"weir/measure"
	"weir/record"
	"weir/result"
	"weir/scenarios"
)

// held is a scenario with a hold of five minutes that may become twenty.
func held(t *testing.T) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Shipped("smoke", func(s *scenarios.Scenario) error {
		s.Pipeline.Aggregator.Window = scenarios.Duration(time.Second)
		return s.Set("load.rate=[{shape: ramp, from: 0/s, to: 20/s, for: 10s}, {shape: hold, at: 20/s, for: 5m, extend_to: 20m}, {shape: hold, name: after, at: 10/s, for: 10s}]")
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Resolve()
	return s
}

// The schedule, the meter and its trend agree on how long a hold becomes, whose backlog swings slowly, and less and less.
func TestProveAHoldIsExtendedInTheScheduleAndInTheFigures(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it: a quarter of an hour of virtual seconds")
	}
	synctest.Test(t, func(t *testing.T) {
		s := held(t)
		load, err := newGenerated(s, "run")
		if err != nil {
			t.Fatal(err)
		}
		folder, err := result.Create(filepath.Join(t.TempDir(), "run"))
		if err != nil {
			t.Fatal(err)
		}
		clock := record.NewClock(time.Now())
		meter := measure.New(measure.Config{Clock: clock, Phases: load.phases(), Periods: s.Periods(), Extend: load.extend})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- measure.NewSeries(measure.SeriesConfig{Clock: clock, Meter: meter, Folder: folder}).Run(ctx)
		}()
		offered := pretend(t, load, meter, clock)
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		var r result.Result
		meter.Fill(&r, clock.Now())
		hold, after := r.Phases[1], r.Phases[2]
		seconds := math.Round(hold.Seconds)
		if seconds != 600 && seconds != 900 || hold.Records.Offered != int64(20*seconds) || hold.Backlog["input"].Trend != "pass" {
			t.Errorf("%+v", hold)
		}
		if math.Abs(after.Starts[0]-10-seconds) > 1e-9 || after.Records.Offered != 100 || offered != 200+int64(20*seconds) {
			t.Errorf("%+v, and %d in all", after, offered)
		}
	})
}

// pretend feeds a load to a stream of one shard that is read with a delay that swings, and says how many records there were.
func pretend(t *testing.T, load load, meter *measure.Meter, clock record.Clock) (offered int64) {
	start := clock.Now()
	meter.Begin(start)
	source := load.begin(time.Now())
	var unread []record.Stored
	var processed int64
	for {
		var batch record.Batch
		err := source.Fill(&batch, clock.Now()-start)
		var sends []record.Send
		for i := range batch.Records {
			r := batch.Records[i]
			r.Due += start
			batch.Records[i].Due = r.Due
			offered++
			sequence := fmt.Sprintf("%020d", offered)
			sends = append(sends, record.Send{Record: r, Position: offered, Attempts: 1, Outcome: record.Acked, Sequence: sequence})
			unread = append(unread, record.Stored{Sequence: sequence, PartitionKey: r.PartitionKey, Data: r.Data})
		}
		meter.Handed(batch.Records, clock.Now())
		meter.Input().Sending("s", sends)
		meter.Input().Answered("s", sends, clock.Now())
		into := (clock.Now() - start).Seconds()
		keep := min(len(unread), 100+int(50*math.Exp(-into/300)*math.Sin(into/50)))
		page := record.Page{Shard: "s", Records: unread[:len(unread)-keep], At: clock.Now(), Behind: time.Second}
		meter.JoinInput(&page)
		for range page.Records {
			meter.Processed("s", []int64{processed}, clock.Now())
			processed++
		}
		unread = unread[len(unread)-keep:]
		if errors.Is(err, io.EOF) {
			meter.End(clock.Now())
			return offered
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
	}
}
