package harness_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/result"
	"weir/scenarios"
)

// disordered is a load of a few seconds, of which some records come late and some cannot be read, through an aggregator whose state is kept.
func disordered(seed uint64) *scenarios.Scenario {
	ms := func(n int) scenarios.Duration { return scenarios.Duration(time.Duration(n) * time.Millisecond) }
	s := scenarios.Default()
	s.Name, s.Seed = "disordered", seed
	s.Load = scenarios.Load{
		Unreadable: new(scenarios.Share(0.01)),
		Kinds: map[string]scenarios.Kind{"order": {
			Weight: 1,
			Keys:   scenarios.Keys{Uniform: &scenarios.Counted{Count: 20}},
			Size:   &scenarios.Distribution[scenarios.Size]{Forms: scenarios.Forms[scenarios.Size]{Fixed: new(scenarios.Size(120))}},
			Value:  &scenarios.Distribution[scenarios.Number]{Forms: scenarios.Forms[scenarios.Number]{Uniform: &scenarios.Range[scenarios.Number]{From: 1, To: 9}}},
			Delay:  &scenarios.Delay{Share: 0.2, Forms: scenarios.Forms[scenarios.Duration]{Uniform: &scenarios.Range[scenarios.Duration]{To: ms(900)}}},
		}},
		Rate: []scenarios.Phase{{Shape: "hold", At: &scenarios.Rate{Records: 1500}, For: new(ms(2500))}},
	}
	s.Pipeline.Input.Shards = 3
	a := &s.Pipeline.Aggregator
	a.Window, a.OutOfOrderness, a.Poll = ms(500), ms(100), ms(20)
	a.Checkpoints = &scenarios.Checkpoints{Every: ms(200)}
	return &s
}

// restart is a fault.
func restart(at, lasts time.Duration, from string, parallelism int) scenarios.Fault {
	return scenarios.Fault{
		At: scenarios.Duration(at), For: new(scenarios.Duration(lasts)),
		Restart: scenarios.FaultAggregator, From: from, Parallelism: &parallelism,
	}
}

// checkRestarts says that nothing is lost and nothing wrong, and that what the last aggregator counted is what was read. On a machine that starves, the load may
// end before the last restarts are due: then there are fewer.
func checkRestarts(t *testing.T, o harness.Outcome, restarts int) {
	t.Helper()
	r := &o.Result
	checkBooks(t, &r.Records)
	if c := &r.Records; c.Lost != 0 || c.Unread != 0 || c.Duplicated != 0 || c.Phantom != 0 || c.Counted+c.Late+c.Unreadable != c.Read {
		t.Errorf("records: %+v", *c)
	}
	if rows := r.Rows; rows == nil || rows.Matched != rows.Expected || rows.Unexpected != 0 || rows.FalseLate != 0 || rows.Expected == 0 {
		t.Errorf("rows: %+v", rows)
	}
	if len(r.Restarts) > restarts || restarts > 0 && len(r.Restarts) == 0 {
		t.Errorf("restarts: %+v", r.Restarts)
	}
	for _, one := range r.Restarts {
		if one.DownMS == nil || one.From == "" {
			t.Errorf("a restart lacks what it cost: %+v", one)
		}
	}
}

// Killed, stopped with a savepoint, killed again, each time at another parallelism, while late and unreadable records come: every row is right, every
// record is counted once, and the state is in the run folder.
func TestAnAggregatorThatIsRestartedLosesNothing(t *testing.T) {
	s := disordered(1)
	s.Faults = []scenarios.Fault{
		restart(400*time.Millisecond, 200*time.Millisecond, scenarios.FromLast, 3),
		restart(900*time.Millisecond, 100*time.Millisecond, scenarios.FromSavepoint, 1),
		restart(1400*time.Millisecond, 300*time.Millisecond, scenarios.FromLast, 4),
	}
	s.Resolve()
	o, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRestarts(t, o, 3)
	if len(o.Result.Restarts) < 2 {
		return
	}
	if got := o.Result.Restarts[1].From; got != "savepoint-1" {
		t.Errorf("the second restart went on from %s", got)
	}
	if _, err := os.Stat(filepath.Join(o.Folder, "checkpoints", "savepoint-1.manifest")); err != nil {
		t.Error(err)
	}
	written, err := os.ReadFile(filepath.Join(o.Folder, result.SeriesFile))
	if err != nil {
		t.Fatal(err)
	}
	if header, _, _ := strings.Cut(string(written), "\n"); !strings.Contains(header, "window_3_busy") {
		t.Errorf("the series has no subtask of the greatest parallelism: %s", header)
	}
}

// Packed, routed, with a state in S3.
func TestARestartGoesOnFromAStateInS3(t *testing.T) {
	endpoint := startAWS(t, localaws.Config{})
	clients, err := awsclient.New(t.Context(), awsclient.Config{Endpoint: endpoint, Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	if _, err := clients.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("state")}); err != nil {
		t.Fatal(err)
	}
	s := disordered(2)
	s.Pipeline.Shape = scenarios.Routed
	s.Pipeline.Output = &scenarios.Output{Shards: 2, Mode: scenarios.Provisioned, Poll: scenarios.Duration(20 * time.Millisecond)}
	s.Pipeline.Input.Packing = scenarios.KPLPacking
	s.Pipeline.Aggregator.Checkpoints.To = "s3://state/of/weir"
	s.Faults = []scenarios.Fault{restart(700*time.Millisecond, 200*time.Millisecond, scenarios.FromLast, 5)}
	s.Resolve()
	o, err := execute(t, s, endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRestarts(t, o, 1)
	listed, err := clients.S3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("state"), Prefix: aws.String("of/weir/")})
	if err != nil || len(listed.Contents) == 0 {
		t.Errorf("nothing is in S3: %v", err)
	}
}

// Without a state, from the time at which it stopped less a few windows: what the windows lack that it cannot know whole was written before, and the
// rest is right.
func TestAStartAtATimestampSuppressesWindowsThatAreNotWhole(t *testing.T) {
	s := disordered(3)
	s.Pipeline.Aggregator.Checkpoints = nil
	f := restart(1800*time.Millisecond, time.Millisecond, scenarios.FromTimestamp, 2)
	f.Rewind = new(scenarios.Duration(time.Minute)) // before the run began: nothing is not whole
	s.Faults = []scenarios.Fault{f}
	s.Resolve()
	o, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if rows := o.Result.Rows; rows == nil || rows.Wrong != 0 || rows.Unexpected != 0 {
		t.Errorf("rows: %+v", rows)
	}
	for _, one := range o.Result.Restarts {
		if one.From != "timestamp" {
			t.Errorf("%+v", one)
		}
	}
}

// A checkpoint that is not there ends the run, and the error names it.
func TestARestartFromACheckpointThatIsNotThereIsAnError(t *testing.T) {
	s := disordered(4)
	s.Faults = []scenarios.Fault{restart(time.Millisecond, time.Millisecond, "checkpoint-99", 1)}
	s.Resolve()
	_, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	if err == nil || !strings.Contains(err.Error(), "checkpoint-99.manifest") {
		t.Error(err)
	}
}

// Kills at random moments, from the last checkpoint or a savepoint, at random parallelisms, while the stream is resharded.
func TestProveRunsSurviveKillsAndReshards(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("takes a minute: make prove runs it")
	}
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			s := disordered(seed)
			if seed%2 == 1 {
				s.Pipeline.Input.Packing = scenarios.KPLPacking
			}
			at := time.Duration(0)
			for at < 2*time.Second {
				at += time.Duration(random.Int64N(int64(800 * time.Millisecond)))
				from := scenarios.FromLast
				if random.IntN(3) == 0 {
					from = scenarios.FromSavepoint
				}
				s.Faults = append(s.Faults, restart(at, time.Duration(1+random.Int64N(int64(300*time.Millisecond))), from, 1+random.IntN(5)))
			}
			s.Resolve()
			server := localaws.New(localaws.Config{SettleDelay: -1, Fault: rough(seed, true)})
			o, err := execute(t, s, serve(t, server), func(c *harness.Config) {
				c.Faults = &reshards{server: server, random: random, every: 400 * time.Millisecond, most: 5}
			})
			if err != nil {
				t.Fatal(err)
			}
			checkRestarts(t, o, len(o.Result.Restarts))
		})
	}
}
