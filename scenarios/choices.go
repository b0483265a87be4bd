package scenarios

import "weir/generator"

// choice is a word out of a list.
type choice interface {
	~string
	choices() []string
}

// Shape is how the aggregator's rows reach the table.
type Shape string

const (
	Direct Shape = "direct" // from the aggregator to the handler
	Routed Shape = "routed" // through an output stream and event filters
)

func (Shape) choices() []string { return words(Direct, Routed) }

// Mode is who sets the capacity of a stream.
type Mode string

const (
	Provisioned Mode = "provisioned" // by its number of shards
	OnDemand    Mode = "on-demand"   // AWS, by what goes through it
)

func (Mode) choices() []string { return words(Provisioned, OnDemand) }

// StartingPosition is where in the output stream a route begins, in Lambda's words.
type StartingPosition string

const (
	TrimHorizon StartingPosition = "TRIM_HORIZON"
	Latest      StartingPosition = "LATEST"
	AtTimestamp StartingPosition = "AT_TIMESTAMP"
)

func (StartingPosition) choices() []string { return words(TrimHorizon, Latest, AtTimestamp) }

// Sink is where a built-in function takes rows.
type Sink string

const (
	ToTable Sink = "table" // they are written
	Drop    Sink = "drop"  // they are not
)

func (Sink) choices() []string { return words(ToTable, Drop) }

// Packing is how records are packed in the records of the stream.
type Packing string

const (
	NoPacking  Packing = "none" // one each
	KPLPacking Packing = "kpl"  // many in one, as the Kinesis Producer Library does
)

func (Packing) choices() []string { return words(NoPacking, KPLPacking) }

// WriteOrder is how far a shard's records may be out of order.
type WriteOrder string

const (
	LooseOrder  WriteOrder = "loose"
	StrictOrder WriteOrder = "strict"
)

func (WriteOrder) choices() []string { return words(LooseOrder, StrictOrder) }

// Engine is whose aggregator it is.
type Engine string

// Bundled is the engine that comes with weir.
const Bundled Engine = "bundled"

func (Engine) choices() []string { return words(Bundled) }

// Order is the order in which a recording is replayed.
type Order string

const (
	ByEventTime Order = "event-time" // sorted by event time within a bounded buffer
	ByFile      Order = "file"       // as it stands in the recording
)

func (Order) choices() []string { return words(ByEventTime, ByFile) }

// Format is how the records of a recording's files stand in them.
type Format string

const (
	AutoFormat   Format = "auto"         // told by how each file starts
	NDJSON       Format = "ndjson"       // one JSON object a line
	Concatenated Format = "concatenated" // JSON objects one after another
	Array        Format = "array"        // JSON arrays of objects
	CSV          Format = "csv"          // rows below a header
)

func (Format) choices() []string { return words(AutoFormat, NDJSON, Concatenated, Array, CSV) }

// FirehoseErrors is what becomes of the objects in which Firehose keeps what it could not deliver.
type FirehoseErrors string

const (
	SkipErrors   FirehoseErrors = "skip"   // counted as skipped
	ReplayErrors FirehoseErrors = "replay" // the record in each is replayed
)

func (FirehoseErrors) choices() []string { return words(SkipErrors, ReplayErrors) }

// EventTimes is which event times the records of a recording have when they are sent.
type EventTimes string

const (
	Recorded EventTimes = "recorded" // those that they were recorded with
	FromNow  EventTimes = "from-now" // moved, so that the first is now
)

func (EventTimes) choices() []string { return words(Recorded, FromNow) }

// Limits is whether AWS's limits hold in the embedded AWS.
type Limits string

const (
	LimitsAWS Limits = "aws"
	LimitsOff Limits = "off"
)

func (Limits) choices() []string { return words(LimitsAWS, LimitsOff) }

func (RateShape) choices() []string {
	return words(generator.Hold, generator.Ramp, generator.Step, generator.Sine, generator.Burst, generator.Poisson, generator.Curve)
}

func words[W ~string](all ...W) []string {
	texts := make([]string, len(all))
	for i, word := range all {
		texts[i] = string(word)
	}
	return texts
}
