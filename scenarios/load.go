package scenarios

// Load is what is sent: kinds of records at a rate, or a recording.
type Load struct {
	// A factor on every rate of the schedule.
	Scale *Number `yaml:"scale,omitempty"`
	// The share of the records that repeat the payload of the record before them.
	Duplicates *Share `yaml:"duplicates,omitempty"`
	// The share of the records that the aggregator cannot read.
	Unreadable *Share `yaml:"unreadable,omitempty"`
	// What the records are, by the name of their kind.
	Kinds map[string]Kind `yaml:"kinds,omitempty"`
	// The schedule: phases that follow each other without a gap.
	Rate []Phase `yaml:"rate,omitempty"`
	// A recording instead of kinds and rate.
	Replay *Replay `yaml:"replay,omitempty"`
}

// Kind is one kind of record.
type Kind struct {
	// How often records of this kind are drawn, beside the other weights.
	Weight Number `yaml:"weight"`
	// How the key of a record is drawn.
	Keys Keys `yaml:"keys,flow"`
	// The size of a record's data. A shorter payload is padded, a longer one stays as it is. Without a size nothing is padded.
	Size *Distribution[Size] `yaml:"size,flow,omitempty"`
	// The value of a record. Without it the records have none, and count without adding to sum, min and max.
	Value *Distribution[Number] `yaml:"value,flow,omitempty"`
	// How many digits after the point a value is rounded to.
	Decimals *int `yaml:"decimals,omitempty"`
	// How far the event time lies before the due time. The due time never moves.
	Delay *Delay `yaml:"delay,flow,omitempty"`
	// A text/template of the payload, instead of the built-in payload.
	Template string `yaml:"template,omitempty"`
	// A folder of payloads, one JSON object a file, beside the scenario file. Each record takes one, with its own kind, key, event time, value
	// and id written into it.
	Samples string `yaml:"samples,omitempty"`
}

// defaultDecimals is how many digits a value has where the scenario does not say.
const defaultDecimals = 2

func (k *Kind) setDefaults() { k.Weight = 1 }

// Delay is a distribution that only a share of the records takes part in; the others have no delay.
type Delay struct {
	// The share of the records that are delayed.
	Share           Share `yaml:"share"`
	Forms[Duration] `yaml:",inline"`
}

func (d *Delay) setDefaults() { d.Share = 1 }

// Keys says how keys are drawn; one of its forms is set.
type Keys struct {
	// Every key as likely.
	Uniform *Counted `yaml:"uniform,omitempty"`
	// The key of rank r has a weight of 1/r^exponent.
	Zipf *Zipf `yaml:"zipf,omitempty"`
	// A few keys get a share of the records, evenly, and the others the rest.
	Hot *Hot `yaml:"hot,omitempty"`
	// Every key as likely, and a share of the records goes to one shard by an explicit hash key.
	HotShard *HotShard `yaml:"hot_shard,omitempty"`
	// One key after the other, over and over.
	Sequential *Counted `yaml:"sequential,omitempty"`
	// A file with one key a line, beside the scenario file, every key as likely.
	File string `yaml:"file,omitempty"`
}

// Counted are so many keys.
type Counted struct {
	// How many keys there are.
	Count Count `yaml:"count"`
}

// Zipf are keys of which a few are frequent and many are rare.
type Zipf struct {
	// How many keys there are.
	Count Count `yaml:"count"`
	// How uneven they are: 0 is even; with 1 the second key is half as frequent as the first.
	Exponent Number `yaml:"exponent"`
}

func (z *Zipf) setDefaults() { z.Exponent = 1 }

// Hot are keys of which a few are hot.
type Hot struct {
	// How many keys there are, the hot ones included.
	Count Count `yaml:"count"`
	// How many of them are hot.
	Hot Count `yaml:"hot"`
	// The share of the records that the hot keys get together.
	Share Share `yaml:"share"`
}

func (h *Hot) setDefaults() { h.Hot = 1 }

// HotShard are keys of which a share of the records goes to one shard.
type HotShard struct {
	// How many keys there are.
	Count Count `yaml:"count"`
	// The number of the shard, from 0.
	Shard int `yaml:"shard"`
	// The share of the records that goes to it, beside what falls to it anyway.
	Share Share `yaml:"share"`
}

// Phase is a stretch of the schedule. Which fields it takes depends on its shape.
type Phase struct {
	// The form of the rate over time.
	Shape RateShape `yaml:"shape"`
	// What expectations call the phase, as in "acked.p99 <= 1s during hold"; several phases may share a name. It is the shape where none is given.
	Name string `yaml:"name,omitempty"`
	// How long the phase lasts. A curve that does not say lasts as long as it was recorded.
	For *Duration `yaml:"for,omitempty"`
	// How long a hold may become: while the trend of a backlog is inconclusive, it lasts longer than it says, in up to three steps.
	ExtendTo *Duration `yaml:"extend_to,omitempty"`
	// The rate of a hold, the mean of a sine and of a poisson, and the rate of a burst between its bursts.
	At *Rate `yaml:"at,omitempty"`
	// The rate at the start of a ramp and of a step.
	From *Rate `yaml:"from,omitempty"`
	// The rate at the end of a ramp and of a step.
	To *Rate `yaml:"to,omitempty"`
	// How many equal steps a step takes, the first and the last rate included.
	Steps *Count `yaml:"steps,omitempty"`
	// How far a sine swings around its mean.
	Amplitude *Rate `yaml:"amplitude,omitempty"`
	// The period of a sine, and the time from the start of one burst to the next.
	Every *Duration `yaml:"every,omitempty"`
	// The rate of a burst while it lasts.
	Peak *Rate `yaml:"peak,omitempty"`
	// How long a burst lasts, at the start of each period.
	Lasting *Duration `yaml:"lasting,omitempty"`
	// A recorded curve: rates at times, with straight lines between them.
	Curve []CurvePoint `yaml:"curve,omitempty"`
	// A recorded curve in a CSV file beside the scenario file, with the header seconds,records_per_second.
	File string `yaml:"file,omitempty"`
}

// CurvePoint is the rate at a time of a curve.
type CurvePoint struct {
	// The time from the start of the curve; that of the first point is 0s.
	At Duration `yaml:"at"`
	// The rate at that time.
	Rate Rate `yaml:"rate"`
}

// RateShape is the form of a phase's rate over time.
type RateShape string
