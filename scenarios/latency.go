package scenarios

import (
	"math"
	"time"
)

// Latency is what network and service add to a call of the embedded AWS. What neither it nor its model says adds nothing.
type Latency struct {
	// What holds for the rest: aws stands for what AWS states of itself.
	Model LatencyModel `yaml:"model,omitempty"`
	// To PutRecords, before the records are stored.
	Put *Distribution[Duration] `yaml:"put,omitempty"`
	// To GetRecords, before the records are looked for.
	Get *Distribution[Duration] `yaml:"get,omitempty"`
	// From the moment that a record is stored until readers that share a shard can read it.
	Propagation *Distribution[Duration] `yaml:"propagation,omitempty"`
	// The same for a reader with enhanced fan-out. The bundled aggregator is one with reader: fan-out.
	FanOut *Distribution[Duration] `yaml:"fan_out,omitempty"`
	// To a call of the table, before it is carried out.
	Table *Distribution[Duration] `yaml:"table,omitempty"`
}

func (l *Latency) bare() any { return &l.Model }

// LatencyModel is a source of figures.
type LatencyModel string

// LatencyAWS is what AWS states of itself. Of enhanced fan-out it says that a record takes 70 ms on average to reach its reader, and of shared
// readers that it takes 200 ms where there is one ("Read data from Kinesis Data Streams"): with a poll each 200 ms, half of that is the wait for the
// next poll, which a run has anyway. Of a table it says that its calls take single-digit milliseconds ("What is Amazon DynamoDB?"). Averages are
// fixed here, for their spread is not stated, and nothing is stated of PutRecords.
const LatencyAWS LatencyModel = "aws"

func (LatencyModel) choices() []string { return words(LatencyAWS) }

// resolve fills in what the model says and nothing else does.
func (l *Latency) resolve() {
	if l == nil || l.Model != LatencyAWS {
		return
	}
	fixed := func(to **Distribution[Duration], d time.Duration) {
		if *to == nil {
			*to = &Distribution[Duration]{Forms[Duration]{Fixed: new(Duration(d))}}
		}
	}
	fixed(&l.Propagation, 100*time.Millisecond)
	fixed(&l.FanOut, 70*time.Millisecond)
	if l.Table == nil {
		l.Table = &Distribution[Duration]{Forms[Duration]{Uniform: &Range[Duration]{Duration(time.Millisecond), Duration(9 * time.Millisecond)}}}
	}
}

func (l *Latency) validate(p *problems, s *Scenario) {
	if l == nil {
		return
	}
	if s.Target != nil {
		p.add("latency", "is for the embedded AWS, and target names an account").hint = "leave one of them out"
	}
	if l.Model != "" {
		oneOf(p, "latency.model", l.Model)
	}
	for _, part := range l.parts() {
		if part.distribution != nil {
			part.distribution.validate(p, join("latency", part.name))
		}
	}
}

// latencyPart is one of the latencies, by its key.
type latencyPart struct {
	name         string
	distribution *Distribution[Duration]
}

func (l *Latency) parts() []latencyPart {
	return []latencyPart{{"put", l.Put}, {"get", l.Get}, {"propagation", l.Propagation}, {"fan_out", l.FanOut}, {"table", l.Table}}
}

// Draws are what latencies are drawn by, seeded; nil for one that adds nothing. Each may be called by several goroutines.
type Draws struct{ Put, Get, Propagation, FanOut, Table func() time.Duration }

// Draws makes the draws of a seed. A scenario without latency has none.
func (l *Latency) Draws(seed uint64) (d Draws, err error) {
	if l == nil {
		return d, nil
	}
	to := []*func() time.Duration{&d.Put, &d.Get, &d.Propagation, &d.FanOut, &d.Table}
	for i, part := range l.parts() {
		if part.distribution == nil {
			continue
		}
		numbers := part.distribution.generator()
		draw, err := numbers.Draws(seed + uint64(i))
		if err != nil {
			return Draws{}, err
		}
		*to[i] = func() time.Duration { return time.Duration(draw()) }
	}
	return d, nil
}

// VisibilityAWS is how long a record of AWS may be missing, after it was stored, from an answer at the tip of its shard. AWS gives no bound. It says that the
// time from the put of a record until it can be read is typically less than a second ("What Is Amazon Kinesis Data Streams?"), and before 2015 it was
// two to four seconds ("Amazon Kinesis Update – Reduced Propagation Delay", AWS News Blog). Five seconds are more than both. It costs little: only a call
// without an answer is resolved so much later, and only a record that is lost is named so much later.
const VisibilityAWS = 5 * time.Second

// visibilityShare is the share of all reads that see a record by the visibility, where the latency has no bound. Each read at the tip judges whether a
// record was lost, and an hour of four shards has 72,000 of them. One in a million that may err leaves the run right.
const visibilityShare = 1 - 1e-6

// Visibility is how long a record may be missing, after it was stored, from an answer of the embedded AWS at the tip of its shard: the most that propagation
// and fan_out can draw. Normal, log-normal and exponential distributions have no bound; of a million draws, one is longer.
func (l *Latency) Visibility() time.Duration {
	if l == nil {
		return 0
	}
	most := 0.0
	for _, d := range []*Distribution[Duration]{l.Propagation, l.FanOut} {
		if d != nil {
			numbers := d.generator()
			most = max(most, numbers.Most(visibilityShare))
		}
	}
	return time.Duration(min(math.Ceil(most), math.MaxInt64/2))
}

// Visibility is how long a record may be missing, after it was stored, from an answer at the tip of its shard: by the scenario's latency in the embedded AWS,
// and [VisibilityAWS] where it has a target.
func (s *Scenario) Visibility() time.Duration {
	if s.Target != nil {
		return VisibilityAWS
	}
	return s.Latency.Visibility()
}
