// Package scenarios holds the description of a run: what is sent, through which pipeline, and what is expected of it.
//
// [ReadFile] and [Shipped] read one from a YAML file, strictly: every mistake in it is found at once, with its place. A command may
// also fill a [Scenario] from its flags. [Scenario.WriteTo] writes it as resolved, defaults and all, so that a run folder says what ran.
//
// The Go types here are the format: their yaml tags are the names of the fields, and the comments on their fields are the descriptions in
// docs/scenario.schema.json and docs/scenarios.md.
package scenarios

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"time"

	"weir/aggregator"
	"weir/limits"
	"weir/record"
)

// Version is the version of the scenario format that this weir writes.
const Version = 1

// Scenario is one run's description. [Default] fills what nobody set.
type Scenario struct {
	// The version of the format: 1.
	Version int `yaml:"version"`
	// What the run is called in its folder and its report.
	Name string `yaml:"name"`
	// One line that says what the scenario shows.
	About string `yaml:"about,omitempty"`
	// Chooses the load: the same seed gives the same records.
	Seed uint64 `yaml:"seed"`
	// What is sent.
	Load Load `yaml:"load"`
	// Where a record has its kind, its event time and the rest: dotted paths into its JSON object.
	Fields Fields `yaml:"fields"`
	// What the records go through.
	Pipeline Pipeline `yaml:"pipeline"`
	// Whether the embedded AWS enforces AWS's limits, and whether the readers keep within them.
	Limits Limits `yaml:"limits"`
	// The account that a run may touch. Without it, a run stays on this machine.
	Target *Target `yaml:"target,omitempty"`
	// How long a run waits, after the last record was handed over, for everything to be read and written.
	DrainLimit Duration `yaml:"drain_limit"`
	// What is to go wrong, and when.
	Faults []Fault `yaml:"faults,omitempty"`
	// What network and service are to add to the embedded AWS's own latency. Without it they add nothing.
	Latency *Latency `yaml:"latency,omitempty"`
	// What weir size looks for. A run takes no notice of it.
	Size *Sizing `yaml:"size,omitempty"`
	// The expectations beside the ones that always hold, lost == 0 and wrong == 0.
	Expect []string `yaml:"expect"`

	// Files is where the files are that the scenario names: the folder of its own file. Nil stands for the working directory.
	Files fs.FS `yaml:"-"`
}

// Fields names what is read in a record, as dotted paths; see [record.Fields].
type Fields struct {
	// The path of the kind.
	Kind string `yaml:"kind"`
	// The path of the event time: RFC 3339, or milliseconds since 1970.
	EventTime string `yaml:"event_time"`
	// The path of the value.
	Value string `yaml:"value"`
	// The paths of the parts of the row's key.
	Key []string `yaml:"key,flow"`
	// The paths of the parts of the partition key. Left out, it is the recording's own, and where there is none, made of the key.
	PartitionKey []string `yaml:"partition_key,flow,omitempty"`
	// How event times are written: s, ms, us or ns since 1970; a layout of Go, as 02/Jan/2006:15:04:05 -0700, or of strftime, as %d/%b/%Y:%H:%M:%S %z. Left out, it is
	// told by a recording's first records; RFC 3339 is always understood.
	TimeFormat string `yaml:"time_format,omitempty"`
	// The time zone of event times that have none: UTC, an offset as +02:00, or a name as Europe/Berlin.
	TimeZone string `yaml:"time_zone,omitempty"`
}

// Record is the same as the packages on the data's path take it.
func (f Fields) Record() record.Fields { return record.Fields(f) }

// Pipeline is what the records go through.
type Pipeline struct {
	// How the rows reach the table: direct from the aggregator, or routed through an output stream and event filters.
	Shape Shape `yaml:"shape"`
	// The test stream.
	Input Input `yaml:"input"`
	// What makes rows of records.
	Aggregator Aggregator `yaml:"aggregator"`
	// The added stream between aggregator and handlers, of a routed pipeline.
	Output *Output `yaml:"output,omitempty"`
	// The event source mappings of a routed pipeline, by name. Without any, one of the name table takes everything.
	Routes map[string]Route `yaml:"routes,omitempty"`
	// The function of a direct pipeline. Those of a routed one are its routes'. Left out, it writes the table.
	Handler *Handler `yaml:"handler,omitempty"`
	// Where the rows go.
	Table Table `yaml:"table,omitempty"`
}

// Input is the test stream and the queue in front of it.
type Input struct {
	// How many shards the stream has.
	Shards int `yaml:"shards"`
	// Who sets the stream's capacity: provisioned, you, by its shards; on-demand, AWS, from four shards on.
	Mode Mode `yaml:"mode"`
	// The most that the stream takes of a record, data and partition key: whole KiB, from 1MiB to 10MiB.
	MaxRecord Size `yaml:"max_record"`
	// Whether many records are packed in one Kinesis record: as the Kinesis Producer Library does it, in up to 51,200 bytes and for up to 100 ms.
	Packing Packing `yaml:"packing"`
	// Whether a record may be stored before an earlier one of its shard: loose, within one call, where AWS throttles one of its records and not the next;
	// strict, never, at the price of one Kinesis record a shard and call.
	Order WriteOrder `yaml:"order"`
	// How often a record is sent again that AWS throttles or fails; then it counts as failed. Left out, it is until the run ends.
	Retries *Count `yaml:"retries,omitempty"`
	// The most that may wait in the writer: data and partition keys. When it is full, the run ends as saturated.
	Queue Size `yaml:"queue"`
	// How many other consumers poll the stream beside the pipeline, up to 20: each reads every shard once a second, and all that is written. They take of the
	// 2 MiB and five reads a second that a shard gives to all that poll it, and come first. For the embedded AWS with its limits. Left out, there are none.
	OtherReaders int `yaml:"other_readers,omitempty"`
}

// Aggregator is the bundled stream aggregator.
type Aggregator struct {
	// Whose aggregator it is.
	Engine Engine `yaml:"engine"`
	// How many source subtasks and how many window subtasks there are.
	Parallelism int `yaml:"parallelism"`
	// How many key groups there are, which is the greatest parallelism that a checkpoint can be restored to. Left out, it is what Flink takes: half as
	// much again as the parallelism, up to a power of two, and at least 128.
	MaxParallelism *int `yaml:"max_parallelism,omitempty"`
	// How shards go to source subtasks: uniform, by their hash ranges, as Flink's UniformShardAssigner does it; balanced, alike many to each.
	Assign Assign `yaml:"assign"`
	// What a record costs in its window subtask beside the aggregator's own work, so that it is as slow as another job.
	Cost *Cost `yaml:"cost,omitempty"`
	// The size of the event-time windows, in whole milliseconds.
	Window Duration `yaml:"window"`
	// The time from the start of one window to that of the next, of which the window is a whole number. Left out, it is the window: they tumble.
	Slide *Duration `yaml:"slide,omitempty"`
	// How far a record may lie behind the newest event time of its shard without being late, in whole milliseconds.
	OutOfOrderness Duration `yaml:"out_of_orderness"`
	// How far the watermark may be past the end of a window for a late record to be counted in it still, in whole milliseconds: its row is written again then.
	AllowedLateness *Duration `yaml:"allowed_lateness,omitempty"`
	// To how many decimals a row has the mean of its values, a half rounded away from zero. Left out, rows have no mean.
	Mean *int `yaml:"mean,omitempty"`
	// How the input is read: polling, by GetRecords; fan-out, by a consumer of its own to which the stream pushes, at 2 MiB a second of each shard.
	Reader ReaderKind `yaml:"reader"`
	// What it does about KPL aggregates (packing: kpl): opened, as Flink's FlinkKinesisConsumer and the Kinesis Client Library; closed, as Flink's
	// KinesisStreamsSource and SQL connector, to which whatever is in one is unreadable.
	KPL Aggregates `yaml:"kpl"`
	// Whether the state is kept, so that a restart can go on from it.
	Checkpoints *Checkpoints `yaml:"checkpoints,omitempty"`
	// The time between two reads of a shard that has nothing to give.
	Poll Duration `yaml:"poll"`
	// How many fetches wait in front of a source subtask: Flink's source.reader.element.queue.capacity. A fetch is one GetRecords of one shard that gave
	// records. One more is being fetched and one processed, so that a source subtask, however many shards it has, holds at most capacity + 2 fetches that are
	// read and not processed: (capacity + 2) × source_shard_get_records_max_record_count records, 40,000 by default. What it has processed goes to
	// the window subtasks, each of which holds at most its parts of five more: there Flink has its network buffers. With reader: fan-out, a fetch is an event, and each
	// shard holds up to three more; with a max_drift, each shard that pauses holds the rest of a fetch.
	SourceReaderElementQueueCapacity int `yaml:"source_reader_element_queue_capacity"`
	// The most records of a GetRecords: Flink's source.shard.get-records.max-record-count. With reader: fan-out it is of no matter.
	SourceShardGetRecordsMaxRecordCount int `yaml:"source_shard_get_records_max_record_count"`
	// How watermarks are made. Left out, each shard has its own, and every record counts.
	Watermark *Watermark `yaml:"watermark,omitempty"`
	// How long a shard has to be without records, and read to its tip, to hold no window open any more. Left out, it does, as in Flink.
	IdleTimeout *Duration `yaml:"idle_timeout,omitempty"`
}

// Output is the added stream between aggregator and handlers, of a routed pipeline.
type Output struct {
	// How many shards the stream has: as many as the input, where the scenario does not say.
	Shards int `yaml:"shards"`
	// Who sets the stream's capacity, as for the input.
	Mode Mode `yaml:"mode"`
	// The time between two reads of a shard by an event source mapping; Lambda's is one second.
	Poll Duration `yaml:"poll"`
}

func (o *Output) setDefaults() { o.Mode, o.Poll = Provisioned, Duration(time.Second) }

// Table is the table that the rows are written to.
type Table struct {
	// Write capacity units a second. Without it the table is on-demand: 4,000 writes a second.
	WriteCapacity Count `yaml:"write_capacity,omitempty"`
	// The share of the write capacity, of 4,000 on demand, that is asked for at most: writes wait for their turn instead of being throttled. Left out, it is as much as
	// there are rows for.
	Pace *Share `yaml:"pace,omitempty"`
	// Whether a row is written only where none that counts more is there, at the price of a call a row.
	Conditional bool `yaml:"conditional,omitempty"`
}

// Target is what a run beyond this machine may touch: each of the three is checked before anything is sent.
type Target struct {
	// The number of the AWS account, in quotes: twelve digits.
	Account string `yaml:"account"`
	// The region.
	Region string `yaml:"region"`
	// The names of the streams and tables that may be used.
	Allow []string `yaml:"allow,flow"`
}

// DefaultRoute is the name of the one route that takes everything where a scenario names none.
const DefaultRoute = "table"

// Default is a scenario with every default filled in and no load.
func Default() Scenario {
	f := record.DefaultFields()
	return Scenario{
		Version: Version,
		Fields:  Fields(f),
		Pipeline: Pipeline{
			Shape: Direct,
			Input: Input{Shards: 4, Mode: Provisioned, MaxRecord: limits.RecordBytes, Packing: NoPacking, Order: LooseOrder, Queue: 64 << 20},
			Aggregator: Aggregator{
				Engine: Bundled, Parallelism: 2, Assign: Assign(aggregator.Uniform), Reader: Polling, KPL: OpenedAggregates,
				Window: Duration(time.Minute), OutOfOrderness: Duration(5 * time.Second), Poll: Duration(250 * time.Millisecond),
				SourceReaderElementQueueCapacity: aggregator.DefaultElementQueueCapacity, SourceShardGetRecordsMaxRecordCount: limits.GetRecordsRecords,
			},
		},
		Limits:     LimitsAWS,
		DrainLimit: Duration(time.Minute),
		Expect:     []string{},
	}
}

// Resolve fills the defaults that depend on other fields.
func (s *Scenario) Resolve() {
	s.Load.resolve()
	s.Pipeline.resolve()
	s.Latency.resolve()
	for i := range s.Faults {
		s.Faults[i].resolve()
	}
}

func (l *Load) resolve() {
	if l.Replay != nil {
		l.Replay.resolve()
		return
	}
	if len(l.Kinds) == 0 {
		return
	}
	if l.Scale == nil {
		l.Scale = new(Number(1))
	}
	if l.Duplicates == nil {
		l.Duplicates = new(Share)
	}
	if l.Unreadable == nil {
		l.Unreadable = new(Share)
	}
	for name, kind := range l.Kinds {
		if kind.Value != nil && kind.Decimals == nil {
			kind.Decimals = new(defaultDecimals)
			l.Kinds[name] = kind
		}
	}
}

// resolve gives a routed pipeline an output stream with as many shards as the input, and one route that takes everything where none
// is named.
func (p *Pipeline) resolve() {
	if p.Shape != Routed {
		return
	}
	if p.Output == nil {
		p.Output = &Output{}
		p.Output.setDefaults()
	}
	if p.Output.Shards == 0 && p.Output.Mode == OnDemand {
		p.Output.Shards = limits.OnDemandShards
	}
	if p.Output.Shards == 0 {
		p.Output.Shards = p.Input.Shards
	}
	if len(p.Routes) == 0 {
		p.Routes = map[string]Route{DefaultRoute: NewRoute()}
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

// WriteTo writes the scenario as YAML, so that it reads as the same again.
func (s *Scenario) WriteTo(w io.Writer) (int64, error) {
	var text bytes.Buffer
	encode(reflect.ValueOf(s).Elem()).write(&text, "")
	return text.WriteTo(w)
}
