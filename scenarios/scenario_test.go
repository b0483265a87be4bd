package scenarios

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/measure/verdict"
)

func replayed() Scenario {
	s := Default()
	s.Name = "2013-01"
	s.Load.Replay = NewReplay("testdata/2013-01.ndjson.gz")
	s.Load.Replay.Speed = "60x"
	return s
}

func TestWrittenScenarioStatesEveryDefault(t *testing.T) {
	direct := replayed()
	routed := replayed()
	routed.Pipeline.Shape = Routed
	routed.Fields.PartitionKey = []string{"carrier", "flight"}
	for name, s := range map[string]Scenario{"direct": direct, "routed": routed} {
		t.Run(name, func(t *testing.T) {
			s.Resolve()
			var got bytes.Buffer
			if _, err := s.WriteTo(&got); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", name+".golden.yaml"), got.String())
		})
	}
}

func TestValidateNamesEveryMistakeAtOnce(t *testing.T) {
	s := replayed()
	s.Load.Replay.Rate = "10/s"
	s.Load.Replay.Order = "random"
	s.Fields.Key = nil
	s.Pipeline.Shape = "sideways"
	s.Pipeline.Input.Shards = 0
	s.Pipeline.Aggregator.Parallelism = 257
	s.Pipeline.Aggregator.Window = Duration(time.Microsecond)
	s.Limits = "some"
	err := s.Validate()
	if err == nil {
		t.Fatal("nothing found")
	}
	for _, path := range []string{
		"load.replay: ", "load.replay.order: ", "fields.key: ", "pipeline.shape: ", "pipeline.input.shards: ",
		"pipeline.aggregator.parallelism: ", "pipeline.aggregator.window: ", "limits: ",
	} {
		if !strings.Contains(err.Error(), path) {
			t.Errorf("%q is not named in:\n%v", path, err)
		}
	}
}

func TestDefaultsAreValidOnceThereIsALoad(t *testing.T) {
	s := replayed()
	s.Resolve()
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
}

func TestSetMeansTheSameAsTheFieldInAFile(t *testing.T) {
	s := replayed()
	s.Pipeline.Shape = Routed
	s.Resolve()
	for _, assignment := range []string{
		"drain_limit=2m", "pipeline.input.queue=128KiB", "pipeline.aggregator.poll=10ms", "fields.key=[origin, dest]",
		"pipeline.routes.orders.filters=[{data: {kind: [order]}}]", "seed=7", "name=other",
	} {
		if err := s.Set(assignment); err != nil {
			t.Fatal(err)
		}
	}
	if s.DrainLimit != Duration(2*time.Minute) || s.Pipeline.Input.Queue != 128<<10 || s.Pipeline.Aggregator.Poll != Duration(10*time.Millisecond) ||
		!cmp.Equal(s.Fields.Key, []string{"origin", "dest"}) || s.Seed != 7 || s.Name != "other" {
		t.Errorf("%+v", s)
	}
	want := []map[string]any{{"data": map[string]any{"kind": []any{"order"}}}}
	if diff := cmp.Diff(want, s.Pipeline.Routes["orders"].Filters); diff != "" {
		t.Error(diff)
	}
}

func TestSetReachesItemsOfLists(t *testing.T) {
	s, err := read("every.yaml", []byte(everyForm), everyFormFiles(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, assignment := range []string{
		"load.rate[1].to=5k/s", "load.rate[0]={shape: poisson, at: 1/s, for: 2s}", "load.kinds.b.size.normal.mean=2KiB", "load.kinds.e.size=1KiB",
		"load.kinds.b.delay={share: 2%, uniform: 1s..2s}", "expect=[late == 0]", "load.scale=0.5",
	} {
		if err := s.Set(assignment); err != nil {
			t.Fatalf("%s: %v", assignment, err)
		}
	}
	c, err := s.Generator("run")
	if err != nil {
		t.Fatal(err)
	}
	b := c.Kinds[1]
	if c.Phases[1].To != 2500 || c.Phases[0].Shape != "poisson" || b.Size.Normal.Mean != 2048 || b.Size.Normal.SD != 10 || *c.Kinds[4].Size.Fixed != 1024 ||
		b.DelayShare != 0.02 || b.Delay.Exponential != nil || b.Delay.Uniform.To != 2e9 || !cmp.Equal(s.Expect, []string{"late == 0"}) {
		t.Errorf("%+v", c)
	}
	if s.Files == nil {
		t.Error("the files are forgotten")
	}
}

func TestSetRefusesWhatNoScenarioHas(t *testing.T) {
	for _, assignment := range []string{
		"drain_limit", "=1", "colour=red", "drain_limit=soon", "pipeline.input.queue=many", "pipeline.input.queue=-1B", "drain_limit.unit=s", "pipeline.input.shards=[1]",
		"pipeline.input.queue=9999999999GiB", "seed={", "load.rate[0].at=1/s", "expect[0]=late == 0", "expect[x]=1", "pipeline..shards=1", "seed=7\n---\n8",
		"seed=&a 7", "drain_limit=", "pipeline.input={shards: 1, shards: 2}", "pipeline.input={shrads: 1}", ".=1", "fields.key[-1]=a", "fields.key[99999999999999999999]=a",
	} {
		s := replayed()
		before := replayed()
		err := s.Set(assignment)
		if err == nil {
			t.Errorf("%q passed", assignment)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error has more than one line: %v", assignment, err)
		}
		if diff := cmp.Diff(before, s); diff != "" {
			t.Errorf("%q changed the scenario: %s", assignment, diff)
		}
	}
}

// Windows, polls and checkpoints all make a saw tooth of a backlog: a hold has to be ten times as long as it takes them to come round together.
func TestATrendSpansWholeCheckpointsToo(t *testing.T) {
	s := Default()
	s.Pipeline.Aggregator.Window = Duration(4 * time.Second)
	if got := verdict.Period(s.Periods()); got != 4*time.Second {
		t.Errorf("without checkpoints: %s", got)
	}
	s.Pipeline.Aggregator.Checkpoints = &Checkpoints{Every: Duration(10 * time.Second)}
	s.Pipeline.Output = &Output{Poll: Duration(3 * time.Second)}
	if got := verdict.Period(s.Periods()); got != time.Minute {
		t.Errorf("with checkpoints every 10 s, and polls every 3 s: %s", got)
	}
}
