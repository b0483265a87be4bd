package scenarios

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func replayed() Scenario {
	s := Default()
	s.Name = "2013-01"
	s.Load.Replay = &Replay{Source: "testdata/2013-01.ndjson.gz", Order: ByEventTime, Speed: "60x"}
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

func TestUnitsLeaveOutWhatIsZero(t *testing.T) {
	for want, d := range map[string]Duration{
		"1h": Duration(time.Hour), "1h30m": Duration(90 * time.Minute), "5m": Duration(5 * time.Minute),
		"250ms": Duration(250 * time.Millisecond), "1m1s": Duration(61 * time.Second), "10s": Duration(10 * time.Second), "0s": 0,
		"1h0m1s": Duration(time.Hour + time.Second),
	} {
		if d.String() != want {
			t.Errorf("%s, want %s", d, want)
		}
	}
	for want, s := range map[string]Size{"64MiB": 64 << 20, "200B": 200, "1KiB": 1024, "1025B": 1025, "2GiB": 2 << 30, "0B": 0} {
		if s.String() != want {
			t.Errorf("%s, want %s", s, want)
		}
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

func TestSetRefusesWhatNoScenarioHas(t *testing.T) {
	for _, assignment := range []string{
		"drain_limit", "=1", "colour=red", "drain_limit=soon", "pipeline.input.queue=many", "pipeline.input.queue=-1B", "drain_limit.unit=s", "pipeline.input.shards=[1]",
		"pipeline.input.queue=9999999999GiB", "seed={",
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
