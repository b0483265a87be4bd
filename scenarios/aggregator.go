package scenarios

import (
	"fmt"
	"time"

	"weir/aggregator"
	"weir/limits"
)

// Cost is what a record costs in the aggregator beside its own work: one of the two.
type Cost struct {
	// By computing.
	CPU *Distribution[Duration] `yaml:"cpu,omitempty"`
	// By waiting, as for an answer of something else.
	Wait *Distribution[Duration] `yaml:"wait,omitempty"`
}

// Assign is how shards go to source subtasks; see [aggregator.Assign].
type Assign string

func (Assign) choices() []string { return words(aggregator.Uniform, aggregator.Balanced) }

// ReaderKind is how a stream is read.
type ReaderKind string

const (
	Polling ReaderKind = "polling" // by GetRecords
	FanOut  ReaderKind = "fan-out" // by enhanced fan-out
)

func (ReaderKind) choices() []string { return words(Polling, FanOut) }

// Aggregates is what the aggregator does about KPL aggregates.
type Aggregates string

const (
	OpenedAggregates Aggregates = "opened" // it counts the records in them
	ClosedAggregates Aggregates = "closed" // it can read none of them
)

func (Aggregates) choices() []string { return words(OpenedAggregates, ClosedAggregates) }

// mostKeyGroups is Flink's greatest maximum parallelism (Transformation.UPPER_BOUND_MAX_PARALLELISM).
const mostKeyGroups = 1 << 15

func (a *Aggregator) validateParallelism(p *problems) {
	const path = "pipeline.aggregator"
	if a.Parallelism < 1 || a.Parallelism > maxParallelism {
		p.add(join(path, "parallelism"), "%d is not between 1 and %d", a.Parallelism, maxParallelism)
	}
	if most := a.MaxParallelism; most != nil && (*most < a.Parallelism || *most > mostKeyGroups) {
		p.add(join(path, "max_parallelism"), "%d is not between the parallelism, %d, and %d", *most, a.Parallelism, mostKeyGroups)
	}
	oneOf(p, join(path, "assign"), a.Assign)
	oneOf(p, join(path, "reader"), a.Reader)
	oneOf(p, join(path, "kpl"), a.KPL)
	a.Cost.validate(p, join(path, "cost"))
	a.Checkpoints.validate(p, join(path, "checkpoints"))
}

// maxElementQueueCapacity is more than any queue that still bounds something.
const maxElementQueueCapacity = 10_000

// validateReadAhead refuses what would leave no room for a fetch, or for a record in it.
func (a *Aggregator) validateReadAhead(p *problems) {
	const path = "pipeline.aggregator"
	if n := a.SourceReaderElementQueueCapacity; n < 1 || n > maxElementQueueCapacity {
		p.add(join(path, "source_reader_element_queue_capacity"), "%d is not between 1 and %d", n, maxElementQueueCapacity)
	}
	if n := a.SourceShardGetRecordsMaxRecordCount; n < 1 || n > limits.GetRecordsRecords {
		p.add(join(path, "source_shard_get_records_max_record_count"), "%d is not between 1 and %d", n, limits.GetRecordsRecords)
	}
}

func (c *Cost) validate(p *problems, path string) {
	switch {
	case c == nil:
	case (c.CPU == nil) == (c.Wait == nil):
		p.add(path, "names %d of cpu and wait, and a cost is one", len(c.forms()))
	case c.CPU != nil:
		c.CPU.validate(p, join(path, "cpu"))
	default:
		c.Wait.validate(p, join(path, "wait"))
	}
}

func (c *Cost) forms() (given []*Distribution[Duration]) {
	for _, form := range []*Distribution[Duration]{c.CPU, c.Wait} {
		if form != nil {
			given = append(given, form)
		}
	}
	return given
}

// Charge is the cost as the aggregator takes it, nil for none: each subtask draws its own numbers, the same ones for a seed.
func (c *Cost) Charge(seed uint64) (*aggregator.Cost, error) {
	if c == nil {
		return nil, nil
	}
	numbers := c.forms()[0].generator()
	if _, err := numbers.Draws(seed); err != nil {
		return nil, fmt.Errorf("pipeline.aggregator.cost: %w", err)
	}
	return &aggregator.Cost{CPU: c.CPU != nil, Draw: func(subtask int) func() time.Duration {
		draw, _ := numbers.Draws(seed + uint64(subtask)) // another seed changes nothing about the distribution
		return func() time.Duration { return time.Duration(draw()) }
	}}, nil
}
