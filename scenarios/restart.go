package scenarios

import (
	"fmt"
	"regexp"
	"time"
)

// Checkpoints is how the aggregator's state is kept.
type Checkpoints struct {
	// The time from the start of one checkpoint to the start of the next.
	Every Duration `yaml:"every"`
	// The folder, or the place in S3 of the target's account as s3://bucket/prefix, in which each run has one of its own. Left out, it is the run folder.
	To string `yaml:"to,omitempty"`
}

// setDefaults has what Managed Service for Apache Flink's state is kept by less often, every minute, kept every ten seconds: runs are short.
func (c *Checkpoints) setDefaults() { c.Every = Duration(10 * time.Second) }

// bucketPattern is a place in S3.
var bucketPattern = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$`)

func (c *Checkpoints) validate(p *problems, path string) {
	if c == nil {
		return
	}
	if c.Every < Duration(10*time.Millisecond) {
		p.add(join(path, "every"), "%s is below 10ms", c.Every).hint = "Flink takes none more often"
	}
	if len(c.To) > 4 && c.To[:5] == "s3://" && !bucketPattern.MatchString(c.To) {
		p.add(join(path, "to"), "%q is no place in S3", c.To).hint = "such as s3://bucket/prefix"
	}
}

// FaultPart is a part of the pipeline that is weir's own.
type FaultPart string

// FaultAggregator is the aggregator.
const FaultAggregator FaultPart = "aggregator"

func (FaultPart) choices() []string { return words(FaultAggregator) }

// The words that a restart's from may be, beside the name of a checkpoint.
const (
	FromLast      = "last"      // the last checkpoint that is complete
	FromSavepoint = "savepoint" // one that is taken before the aggregator stops
	FromTimestamp = "timestamp" // no state: the time at which it stopped
	FromLatest    = "latest"    // no state: the tip of the stream
)

// checkpointName is what a checkpoint is called, or a savepoint.
var checkpointName = regexp.MustCompile(`^(checkpoint|savepoint)-[1-9][0-9]*$`)

// Stateless says that a restart begins without a state.
func (f *Fault) Stateless() bool { return f.From == FromTimestamp || f.From == FromLatest }

// Restarts are the faults that restart the aggregator.
func (s *Scenario) Restarts() []*Fault {
	var restarts []*Fault
	for i := range s.Faults {
		if s.Faults[i].Restart != "" {
			restarts = append(restarts, &s.Faults[i])
		}
	}
	return restarts
}

func (f *Fault) validateRestart(p *problems, path string, s *Scenario) {
	a := &s.Pipeline.Aggregator
	oneOf(p, join(path, "restart"), f.Restart)
	if f.On != "" {
		p.add(join(path, "on"), "a restart is of the aggregator, and not of the %s", f.On)
	}
	if f.Parallelism != nil {
		most := maxParallelism
		if a.MaxParallelism != nil {
			most = min(most, *a.MaxParallelism)
		}
		if *f.Parallelism < 1 || *f.Parallelism > most {
			p.add(join(path, "parallelism"), "%d is not between 1 and %d", *f.Parallelism, most)
		}
	}
	switch {
	case f.From == FromTimestamp || f.From == FromLatest:
	case f.From != FromLast && f.From != FromSavepoint && !checkpointName.MatchString(f.From):
		p.add(join(path, "from"), "%q is none of last, savepoint, timestamp and latest, and no checkpoint's name", f.From).hint = "such as checkpoint-3 or savepoint-1"
	case a.Checkpoints == nil:
		p.add(join(path, "from"), "%s needs a state, and none is kept", f.From).hint = "pipeline.aggregator.checkpoints keeps one; from: timestamp needs none"
	}
	if f.Rewind != nil && (f.From != FromTimestamp || *f.Rewind < 0) {
		p.add(join(path, "rewind"), "is for from: timestamp, and not below zero")
	}
}

func (f *Fault) describeRestart(when string) string {
	how := "the " + string(f.Restart) + " is killed, and starts again from " + f.From
	if f.From == FromSavepoint {
		how = "the " + string(f.Restart) + " stops with a savepoint, and starts again from it"
	}
	if f.Parallelism != nil {
		how += fmt.Sprintf(" at a parallelism of %d", *f.Parallelism)
	}
	return when + ": " + how
}

func (f *Fault) validateNoRestart(p *problems, path string) {
	for name, given := range map[string]bool{"parallelism": f.Parallelism != nil, "from": f.From != "", "rewind": f.Rewind != nil} {
		if given {
			p.add(join(path, name), "is for a restart, and this is none")
		}
	}
}
