// Package scenarios holds the description of a run: what is sent, through which pipeline, and what is expected of it.
// A command fills a [Scenario] from its flags; [Scenario.WriteTo] writes it as resolved, defaults and all, so that a run folder says
// what ran.
package scenarios

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"weir/record"
)

// Version is the version of the scenario format that this weir writes.
const Version = 1

// Scenario is one run's description. [Default] fills what nobody set.
type Scenario struct {
	Version  int      `yaml:"version"`
	Name     string   `yaml:"name"`
	About    string   `yaml:"about,omitempty"`
	Seed     uint64   `yaml:"seed"`
	Load     Load     `yaml:"load"`
	Fields   Fields   `yaml:"fields"`
	Pipeline Pipeline `yaml:"pipeline"`
	// Limits says whether the embedded AWS enforces AWS's limits, and whether the readers keep within them.
	Limits Limits `yaml:"limits"`
	// DrainLimit is how long a run waits, after the last record was handed over, for everything to be read and written.
	DrainLimit Duration `yaml:"drain_limit"`
	// Expect lists the expectations beyond the ones that always hold.
	Expect []string `yaml:"expect"`
}

// Load is what is sent.
type Load struct {
	Replay *Replay `yaml:"replay,omitempty"`
}

// Replay is a load that was recorded.
type Replay struct {
	// Source is a file, a folder, s3://bucket/prefix, or - for standard input.
	Source string `yaml:"source"`
	Order  Order  `yaml:"order"`
	// Speed is a factor ("60x") or "max"; empty where Rate is set.
	Speed string `yaml:"speed,omitempty"`
	// Rate is a fixed rate ("10k/s", "600k/min"); empty where Speed is set.
	Rate string `yaml:"rate,omitempty"`
}

// Fields names what is read in a record, as dotted paths; see [record.Fields].
type Fields struct {
	Kind         string   `yaml:"kind"`
	EventTime    string   `yaml:"event_time"`
	Value        string   `yaml:"value"`
	Key          []string `yaml:"key,flow"`
	PartitionKey []string `yaml:"partition_key,flow,omitempty"`
}

// Record is the same as the packages on the data's path take it.
func (f Fields) Record() record.Fields { return record.Fields(f) }

// Pipeline is what the records go through.
type Pipeline struct {
	Shape      Shape            `yaml:"shape"`
	Input      Input            `yaml:"input"`
	Aggregator Aggregator       `yaml:"aggregator"`
	Output     *Output          `yaml:"output,omitempty"`
	Routes     map[string]Route `yaml:"routes,omitempty"`
}

// Input is the test stream and the queue in front of it.
type Input struct {
	Shards int `yaml:"shards"`
	// Queue bounds the bytes that wait in the writer: data and partition keys.
	Queue Size `yaml:"queue"`
}

// Aggregator is the bundled stream aggregator.
type Aggregator struct {
	Engine         string   `yaml:"engine"`
	Parallelism    int      `yaml:"parallelism"`
	Window         Duration `yaml:"window"`
	OutOfOrderness Duration `yaml:"out_of_orderness"`
	// Poll is the time between two reads of a shard that has nothing to give.
	Poll Duration `yaml:"poll"`
}

// Output is the added stream between aggregator and handlers, of a routed pipeline.
type Output struct {
	Shards int `yaml:"shards"`
	// Poll is the time between two reads of a shard by an event source mapping; Lambda's is one second.
	Poll Duration `yaml:"poll"`
}

// Route is one event source mapping: what it lets through goes to its handler.
type Route struct {
	// Filters are Lambda's event patterns, ORed; none lets everything through.
	Filters []map[string]any `yaml:"filters,omitempty"`
}

// DefaultRoute is the name of the one route that takes everything where a scenario names none.
const DefaultRoute = "table"

// Shape is how the aggregator's rows reach the table.
type Shape string

const (
	Direct Shape = "direct" // from the aggregator to the handler
	Routed Shape = "routed" // through an output stream and event filters
)

// Bundled is the engine that comes with weir.
const Bundled = "bundled"

// Order is the order in which a recording is replayed.
type Order string

const (
	ByEventTime Order = "event-time" // sorted by event time within a bounded buffer
	ByFile      Order = "file"       // as it stands in the recording
)

// Limits is whether AWS's limits hold in the embedded AWS.
type Limits string

const (
	LimitsAWS Limits = "aws"
	LimitsOff Limits = "off"
)

// Default is a scenario with every default filled in and no load.
func Default() Scenario {
	f := record.DefaultFields()
	return Scenario{
		Version: Version,
		Fields:  Fields(f),
		Pipeline: Pipeline{
			Shape: Direct,
			Input: Input{Shards: 4, Queue: 64 << 20},
			Aggregator: Aggregator{
				Engine: Bundled, Parallelism: 2,
				Window: Duration(time.Minute), OutOfOrderness: Duration(5 * time.Second), Poll: Duration(250 * time.Millisecond),
			},
		},
		Limits:     LimitsAWS,
		DrainLimit: Duration(time.Minute),
		Expect:     []string{},
	}
}

// Resolve fills the defaults that depend on other fields: the output stream of a routed pipeline has as many shards as the
// input, and one route takes everything where none is named.
func (s *Scenario) Resolve() {
	if s.Pipeline.Shape != Routed {
		return
	}
	if s.Pipeline.Output == nil {
		s.Pipeline.Output = &Output{}
	}
	if s.Pipeline.Output.Shards == 0 {
		s.Pipeline.Output.Shards = s.Pipeline.Input.Shards
	}
	if s.Pipeline.Output.Poll == 0 {
		s.Pipeline.Output.Poll = Duration(time.Second)
	}
	if len(s.Pipeline.Routes) == 0 {
		s.Pipeline.Routes = map[string]Route{DefaultRoute: {}}
	}
}

// ClosedLoop says that the load has no schedule: each record is sent as soon as there is room for it, so that no latency can be judged.
func (s *Scenario) ClosedLoop() bool { return s.Load.Replay != nil && s.Load.Replay.Speed == "max" }

// RouteNames are the names of the routes in their order, none for a direct pipeline.
func (s *Scenario) RouteNames() []string {
	if s.Pipeline.Shape != Routed {
		return nil
	}
	return slices.Sorted(maps.Keys(s.Pipeline.Routes))
}

// WriteTo writes the scenario as YAML.
func (s *Scenario) WriteTo(w io.Writer) (int64, error) {
	text, err := yaml.MarshalWithOptions(s, yaml.Indent(2), yaml.IndentSequence(true))
	if err != nil {
		return 0, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	n, err := w.Write(text)
	return int64(n), err
}
