package harness_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/harness"
	"weir/internal/localaws"
	"weir/record"
	"weir/scenarios"
)

// reshards gives the streams of a run other numbers of shards, again and again.
type reshards struct {
	server *localaws.Server
	random *rand.Rand
	every  time.Duration
	most   int // shards
	done   int // of the input
}

// Run implements [harness.Faults].
func (f *reshards) Run(ctx context.Context, on harness.Resources) error {
	for f.done < reshardings {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(f.every/2 + time.Duration(f.random.Int64N(int64(f.every)))):
		}
		if err := f.server.Reshard(on.Input, 1+f.random.IntN(f.most)); err != nil {
			return err
		}
		f.done++
		if on.Output == "" {
			continue
		}
		if err := f.server.Reshard(on.Output, 1+f.random.IntN(f.most)); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

// reshardings bounds how often a stream is resharded.
const reshardings = 12

// rough lets calls lose their answers, before or after they are carried out, and where partial is set, records of calls fail.
func rough(seed uint64, partial bool) localaws.Fault {
	return func(c localaws.Call) localaws.Action {
		if c.Operation != "PutRecords" {
			return localaws.Serve
		}
		switch n := rand.New(rand.NewPCG(seed, uint64(c.Number))).IntN(100); {
		case n < 4:
			return localaws.DropBefore
		case n < 8:
			return localaws.DropAfter
		case n < 20 && partial:
			return localaws.Action{Kind: localaws.Partial, Code: "ProvisionedThroughputExceededException", Share: 0.3, Seed: uint64(c.Number)}
		}
		return localaws.Serve
	}
}

// roughAndSlow is rough with [slowPuts].
func roughAndSlow(seed uint64, partial bool) localaws.Fault {
	fault := rough(seed, partial)
	return func(c localaws.Call) localaws.Action {
		if a := fault(c); a != localaws.Serve {
			return a
		}
		return slowPuts(c)
	}
}

// slowPuts has a run last for some reshards, on whatever machine.
func slowPuts(c localaws.Call) localaws.Action {
	if c.Operation != "PutRecords" {
		return localaws.Serve
	}
	return localaws.Action{Delay: 20 * time.Millisecond}
}

// Whatever becomes of the shards and of the calls meanwhile, each record is stored and read once, each row is right, and where no single record of a
// call fails, those of a key are in their order.
func TestARunGoesOnWhileItsStreamsAreResharded(t *testing.T) {
	resharded(t, week, reshardedRuns[1:3], 1, 2)
}

func TestProveManyRunsGoOnWhileTheirStreamsAreResharded(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("takes a minute: make prove runs it")
	}
	resharded(t, january().Load.Replay.Source, reshardedRuns, 1, 9)
}

// reshardedRun is a kind of run whose streams are resharded.
type reshardedRun struct {
	name                    string
	routed, partial, packed bool
}

var reshardedRuns = []reshardedRun{
	{name: "direct"},
	{name: "direct, with throttles", partial: true},
	{name: "routed", routed: true},
	{name: "packed, with throttles", partial: true, packed: true},
}

// resharded carries out runs of a recording with the seeds from one to before another.
func resharded(t *testing.T, source string, runs []reshardedRun, from, to uint64) {
	t.Helper()
	for _, c := range runs {
		for seed := from; seed < to; seed++ {
			t.Run(fmt.Sprintf("%s, seed %d", c.name, seed), func(t *testing.T) {
				s := flights(source)
				s.Pipeline.Input.Shards = 1 + int(seed%3)*3
				s.Pipeline.Input.Queue = 96 << 10 // some 500 records, so that calls are small
				s.Pipeline.Aggregator.Parallelism = 3
				s.Fields.PartitionKey = []string{"origin", "flight"}
				if c.packed {
					s.Pipeline.Input.Packing = scenarios.KPLPacking
				}
				if c.routed {
					s.Pipeline.Shape = scenarios.Routed
					s.Pipeline.Output = &scenarios.Output{Shards: 2, Mode: scenarios.Provisioned, Poll: scenarios.Duration(20 * time.Millisecond)}
					s.Pipeline.Routes = map[string]scenarios.Route{"all": scenarios.NewRoute()}
				}
				checkResharded(t, s, seed, c.partial)
			})
		}
	}
}

func checkResharded(t *testing.T, s *scenarios.Scenario, seed uint64, partial bool) {
	t.Helper()
	server := localaws.New(localaws.Config{SettleDelay: -1, Fault: roughAndSlow(seed, partial)})
	faults := &reshards{server: server, random: rand.New(rand.NewPCG(seed, 1)), every: 40 * time.Millisecond, most: 7}
	endpoint := serve(t, server)
	o, err := execute(t, s, endpoint, func(c *harness.Config) {
		c.Faults = faults
		c.BeforeProof = func(ctx context.Context, table string) error {
			if partial {
				return nil
			}
			return inOrder(ctx, c, strings.TrimSuffix(table, "rows")+"input")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &o.Result.Records
	checkBooks(t, r)
	if o.Result.Verdict != "pass" || r.Lost+r.Duplicated+r.Phantom+r.Unread+r.Unsent+r.Failed != 0 || r.Unknown != r.Found {
		t.Errorf("%s: %+v\n%v", o.Result.Verdict, r, o.Result.Reasons)
	}
	if rows := o.Result.Rows; rows == nil || rows.Matched != rows.Expected || rows.Wrong+rows.Missing+rows.Unexpected != 0 {
		t.Errorf("rows: %+v", rows)
	}
	if out := o.Result.Output; out != nil && out.Lost+out.Duplicated+out.Phantom+out.Unread != 0 {
		t.Errorf("output: %+v", out)
	}
	if faults.done < 3 {
		t.Errorf("only %d reshards", faults.done)
	}
	t.Logf("%d reshards, %d without an answer, %d throttled, %d reordered", faults.done, r.Unknown, r.Throttled, r.Reordered)
}

// inOrder reads a stream, and says which record of a key was stored before another that is older. A child's sequence numbers are larger than its parents'.
func inOrder(ctx context.Context, c *harness.Config, name string) error {
	byKey := make(map[string][]record.Stored)
	if err := eachStored(ctx, c.Target, name, func(_ string, r *record.Stored) { byKey[r.PartitionKey] = append(byKey[r.PartitionKey], *r) }); err != nil {
		return err
	}
	decoder, err := record.NewDecoder(c.Scenario.Fields.Record())
	if err != nil {
		return err
	}
	for key, records := range byKey {
		slices.SortFunc(records, func(a, b record.Stored) int { return record.CompareSequence(a.Sequence, b.Sequence) })
		var last record.Decoded
		newest := int64(math.MinInt64)
		for _, r := range records {
			if err := decoder.Decode(r.Data, &last); err != nil {
				return err
			}
			if last.Event.Time < newest {
				return fmt.Errorf("key %s: a record of %d is stored behind one of %d", key, last.Event.Time, newest)
			}
			newest = last.Event.Time
		}
	}
	return nil
}

// serve serves an embedded AWS until the test ends, and returns its endpoint.
func serve(t testing.TB, server *localaws.Server) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}
