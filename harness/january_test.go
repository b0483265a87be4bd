package harness_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/localaws"
	"weir/scenarios"
)

// shape is a way through the pipeline that an in-order January has to come out of as the same rows.
type shape struct {
	shards, parallelism int
	reader              scenarios.ReaderKind
	packing             scenarios.Packing
	pipeline            scenarios.Shape
}

func (s shape) String() string {
	return fmt.Sprintf("shards %d, parallelism %d, %s, packing %s, %s", s.shards, s.parallelism, s.reader, s.packing, s.pipeline)
}

// settings are the shape's, one a factor.
func (s shape) settings() [5]any {
	return [5]any{s.shards, s.parallelism, s.reader, s.packing, s.pipeline}
}

// everyShape is each combination of the factors.
func everyShape() (all []shape) {
	for _, shards := range []int{1, 3, 4, 8} {
		for _, parallelism := range []int{1, 2, 3, 5} {
			for _, reader := range []scenarios.ReaderKind{scenarios.Polling, scenarios.FanOut} {
				for _, packing := range []scenarios.Packing{scenarios.NoPacking, scenarios.KPLPacking} {
					for _, pipeline := range []scenarios.Shape{scenarios.Direct, scenarios.Routed} {
						all = append(all, shape{shards, parallelism, reader, packing, pipeline})
					}
				}
			}
		}
	}
	return all
}

// pair is two settings of two factors.
type pair struct {
	first, second int
	one, other    any
}

func (s shape) pairs() (all []pair) {
	settings := s.settings()
	for i, one := range settings {
		for j := i + 1; j < len(settings); j++ {
			all = append(all, pair{i, j, one, settings[j]})
		}
	}
	return all
}

// pairwise are shapes that have each pair of settings in one of them: each time, that with the most pairs which none before it has.
func pairwise(all []shape) (some []shape) {
	covered := make(map[pair]bool)
	for {
		best, most := shape{}, 0
		for _, s := range all {
			fresh := 0
			for _, p := range s.pairs() {
				if !covered[p] {
					fresh++
				}
			}
			if fresh > most {
				best, most = s, fresh
			}
		}
		if most == 0 {
			return some
		}
		for _, p := range best.pairs() {
			covered[p] = true
		}
		some = append(some, best)
	}
}

func TestPairwiseShapesHaveEachPairOfSettings(t *testing.T) {
	all := everyShape()
	missing := make(map[pair]bool)
	for _, s := range all {
		for _, p := range s.pairs() {
			missing[p] = true
		}
	}
	some := pairwise(all)
	if len(all) != 128 || len(missing) != 4*4+2*(3*4*2)+3*2*2 || len(some) > 20 {
		t.Errorf("%d shapes with %d pairs, and %d that have them", len(all), len(missing), len(some))
	}
	for _, s := range some {
		for _, p := range s.pairs() {
			delete(missing, p)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no shape has %v", missing)
	}
}

// through replays a recording in its order through a shape, and returns windows.csv.
func (s shape) through(t *testing.T, source string) string {
	t.Helper()
	flights := flights(source)
	flights.Fields.PartitionKey = []string{"origin", "flight"} // so that records come to every shard
	p := &flights.Pipeline
	p.Shape, p.Input.Shards, p.Input.Packing = s.pipeline, s.shards, s.packing
	p.Aggregator.Parallelism, p.Aggregator.Reader = s.parallelism, s.reader
	if s.pipeline == scenarios.Routed {
		p.Output = &scenarios.Output{Mode: scenarios.Provisioned, Shards: 2, Poll: p.Aggregator.Poll}
	}
	o, err := execute(t, flights, startAWS(t, localaws.Config{}), nil)
	if err != nil || o.Result.ExitCode != 0 || o.Result.Records.Late != 0 {
		t.Fatalf("%v, %v, %+v", err, o.Result.Reasons, o.Result.Records)
	}
	return windowsOf(t, o)
}

// The hours of a day are whole windows, whose rows are some of the month's.
func TestADayComesOutByteForByteWhateverPairOfSettingsItGoesThrough(t *testing.T) {
	const day = "2013-01-02"
	var want strings.Builder
	for line := range strings.Lines(readFile(t, filepath.Join(recordings, "expected-2013-01.csv"))) {
		if strings.HasPrefix(line, "window_start,") || strings.HasPrefix(line, day) {
			want.WriteString(line)
		}
	}
	for _, s := range pairwise(everyShape()) {
		t.Run(s.String(), func(t *testing.T) {
			if got := s.through(t, filepath.Join(recordings, "firehose", strings.ReplaceAll(day, "-", "/"))); got != want.String() {
				t.Errorf("%s\nwant\n%s", got, want.String())
			}
		})
	}
}

func TestProveJanuaryComesOutByteForByteWhateverItGoesThrough(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("takes minutes: make prove runs it")
	}
	want := readFile(t, filepath.Join(recordings, "expected-2013-01.csv"))
	for _, s := range everyShape() {
		t.Run(s.String(), func(t *testing.T) {
			if s.through(t, filepath.Join(recordings, "2013-01.ndjson.gz")) != want {
				t.Error("the rows are not those of the recording")
			}
		})
	}
}
