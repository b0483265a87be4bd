// Package generator makes a load of records: how many and when (the schedule), of which kinds, with which keys, sizes, values and
// event times. It is seeded, has no clock and does no I/O: record i is a pure function of the configuration and i, so that a run can
// be repeated, and so that several generators can share one load.
package generator

import (
	"time"

	"weir/record"
)

// Config describes a generated load.
type Config struct {
	// Seed chooses the load: two configurations that are alike give the same records.
	Seed uint64
	// Run names the run in the records: the id of record i is Run, "-" and i.
	Run string
	// Fields says where a payload has its kind, event time, value and keys, and what its partition key is made of.
	Fields record.Fields
	// Shards is how many shards of even hash ranges the input stream has: the keys of a [HotShard] aim at one of them.
	Shards int
	// RecordBytes is the most that the stream takes of a record, data and partition key; 0 stands for Kinesis's default, 1 MiB.
	RecordBytes int
	// Phases follow each other without a gap.
	Phases []Phase
	// Kinds are drawn by weight.
	Kinds []Kind
	// Duplicates is the share of the records, in [0, 1), that repeat the payload of the record before them.
	Duplicates float64
	// Unreadable is the share of the records, in [0, 1), that the aggregator cannot read.
	Unreadable float64
}

// Phase is a stretch of the schedule with one shape. Rates are records a second.
type Phase struct {
	// Name is what expectations call the phase; several phases may share one.
	Name  string
	Shape Shape
	For   time.Duration
	// Limit is how long a stream may make a hold, see [Stream.Extend]; zero, it stays as long as it is. Other shapes have none.
	Limit time.Duration
	// At is the rate of a hold, the mean of a sine and of a poisson, and the rate of a burst between its bursts.
	At float64
	// From and To are the rates at the start and the end of a ramp and of a step.
	From, To float64
	// Steps is how many equal steps a step takes from From to To, both included.
	Steps int
	// Amplitude is how far a sine swings around At, at most At.
	Amplitude float64
	// Every is the period of a sine, and the time from the start of one burst to the next.
	Every time.Duration
	// Peak is the rate of a burst while it lasts, and Lasting how long that is, at the start of each period.
	Peak    float64
	Lasting time.Duration
	// Curve is a recorded curve: rates at times, the first of them at 0, with straight lines between. The curve is followed once, and
	// stretched to For.
	Curve []CurvePoint
}

// Shape is the form of a phase's rate over time.
type Shape string

// The shapes.
const (
	Hold    Shape = "hold"    // one rate, evenly spaced
	Ramp    Shape = "ramp"    // a straight line from one rate to another
	Step    Shape = "step"    // from one rate to another in equal steps
	Sine    Shape = "sine"    // around a mean
	Burst   Shape = "burst"   // a rate, and every so often a higher one
	Poisson Shape = "poisson" // one mean rate, exponential gaps
	Curve   Shape = "curve"   // recorded
)

// CurvePoint is a rate at a time.
type CurvePoint struct {
	At   time.Duration
	Rate float64
}

// Kind is one kind of record.
type Kind struct {
	Name   string
	Weight float64
	Keys   Keys
	// Size is of a record's data in bytes. A payload that is shorter is padded; one that is longer stays as long as it is. No form leaves
	// every payload as it is.
	Size Distribution
	// Value is of the value, rounded to Decimals digits after the point; without a form, the records have none.
	Value    Distribution
	Decimals int
	// Delay is how far the event time lies before the due time, for DelayShare of the records. The due time never moves.
	Delay      Distribution // in nanoseconds
	DelayShare float64
	// Template is a text/template of the payload, instead of the built-in one. It is given ID, I, Kind, Key, EventTime (RFC 3339 with
	// milliseconds), EventTimeMillis and Value, and the functions
	//
	//	int FROM TO, float FROM TO DECIMALS, pick A B …, hex DIGITS, uuid, json ANYTHING, fake "city"
	//
	// A payload that cannot be read is a record that is unreadable.
	Template string
	// Samples are payloads of which each record takes one, with its own kind, key, event time, value and id written into it, instead of the
	// built-in one.
	Samples []Sample
}

// Sample is a payload, one JSON object, and the file that it came from.
type Sample struct {
	Name string
	Data []byte
}

// Keys says how a kind's keys are drawn. One of its forms is set. But for a List, they are "k" and a number from 1 to Count, with zeros before
// it up to the width of Count. The key stands at every path of Fields.Key and of Fields.PartitionKey.
type Keys struct {
	Uniform    *UniformKeys
	Zipf       *ZipfKeys
	Hot        *HotKeys
	HotShard   *HotShard
	Sequential *SequentialKeys
	List       []string // each as likely as the others
}

// UniformKeys are Count keys, each as likely as the others.
type UniformKeys struct{ Count int }

// ZipfKeys are Count keys, of all kinds together at most 10 million; the one of rank r has a weight of 1/r^Exponent. Any exponent of 0 and above is good.
type ZipfKeys struct {
	Count    int
	Exponent float64
}

// HotKeys are Count keys, of which the first Hot get Share of the records, evenly, and the others the rest.
type HotKeys struct {
	Count, Hot int
	Share      float64
}

// HotShard are Count keys, each as likely as the others; Share of the records go to shard number Shard by an explicit hash key, whatever
// their key, and the others to where their partition key takes them.
type HotShard struct {
	Count, Shard int
	Share        float64
}

// SequentialKeys are Count keys, one after the other, over and over, by the record's number in the whole load: a kind beside others leaves
// out the keys of their records, and meets them in another round.
type SequentialKeys struct{ Count int }

// Distribution is how a number is drawn. One of its forms is set, or none. Numbers beyond what a record can have, of a form without an end,
// become the nearest that it can.
type Distribution struct {
	Fixed       *float64
	Uniform     *Range
	Normal      *NormalForm
	LogNormal   *LogNormalForm
	Exponential *ExponentialForm
	Histogram   []Bin
}

// Range is From to To, every number as likely.
type Range struct{ From, To float64 }

// NormalForm is a normal distribution.
type NormalForm struct{ Mean, SD float64 }

// LogNormalForm is a log-normal distribution by two of its quantiles: the median and the 99th percentile.
type LogNormalForm struct{ Median, P99 float64 }

// ExponentialForm is an exponential distribution.
type ExponentialForm struct{ Mean float64 }

// Bin is a stretch of numbers up to To, from the end of the bin before it (0 for the first), all as likely, with a weight of its own.
type Bin struct{ To, Weight float64 }
