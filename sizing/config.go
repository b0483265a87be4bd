package sizing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/result"
	"weir/scenarios"
)

// Configuration is what can be tuned, with the load that goes through it.
type Configuration = result.SizingConfig

// configurationOf is what a scenario has.
func configurationOf(s *scenarios.Scenario) Configuration {
	p := &s.Pipeline
	c := Configuration{Shards: p.Input.Shards, Parallelism: p.Aggregator.Parallelism, WriteCapacity: int(p.Table.WriteCapacity), Load: 1}
	if p.Output != nil {
		c.OutputShards = p.Output.Shards
	}
	return c
}

// apply is the scenario with a configuration of its own. The scenario that is given does not change.
func apply(s *scenarios.Scenario, c Configuration) (*scenarios.Scenario, error) {
	a := *s
	p := &a.Pipeline
	p.Input.Shards, p.Aggregator.Parallelism, p.Table.WriteCapacity = c.Shards, c.Parallelism, scenarios.Count(c.WriteCapacity)
	if p.Output != nil {
		output := *p.Output
		output.Shards = c.OutputShards
		p.Output = &output
	}
	if c.Load == 1 {
		return &a, nil
	}
	return &a, scale(&a, c.Load)
}

// scale multiplies the load: the rates of a schedule, the speed or the rate of a recording.
func scale(s *scenarios.Scenario, by float64) error {
	if s.Load.Replay == nil {
		was := scenarios.Number(1)
		if s.Load.Scale != nil {
			was = *s.Load.Scale
		}
		s.Load.Scale = new(was * scenarios.Number(by))
		return nil
	}
	recording := *s.Load.Replay
	s.Load.Replay = &recording
	if recording.Rate != "" {
		var rate scenarios.Rate
		if err := rate.Set(recording.Rate); err != nil {
			return fmt.Errorf("load.replay.rate: %w", err)
		}
		rate.Records *= by
		recording.Rate = rate.String()
		return nil
	}
	speed, err := strconv.ParseFloat(strings.TrimSuffix(recording.Speed, "x"), 64)
	if err != nil {
		return fmt.Errorf("load.replay.speed: %w", err)
	}
	recording.Speed = strconv.FormatFloat(speed*by, 'f', -1, 64) + "x"
	return nil
}

// knob is one number of a configuration that is looked for.
type knob struct {
	what scenarios.Sought
	// one and many are what it counts.
	one, many string
	of        func(c *Configuration) *int
	most      int
}

// maxTried bounds what is tried of each.
const (
	maxShards      = 4096
	maxParallelism = 256
	maxUnits       = 1 << 20
)

var knobs = []knob{
	{scenarios.SoughtTable, "write unit", "write units", func(c *Configuration) *int { return &c.WriteCapacity }, maxUnits},
	{scenarios.SoughtShards, "shard of the input", "shards of the input", func(c *Configuration) *int { return &c.Shards }, maxShards},
	{scenarios.SoughtOutput, "shard of the output", "shards of the output", func(c *Configuration) *int { return &c.OutputShards }, maxShards},
	{scenarios.SoughtParallelism, "subtask", "subtasks", func(c *Configuration) *int { return &c.Parallelism }, maxParallelism},
}

// less is the next number below one that is worth a try: one less, or of write units 3 %.
func (k *knob) less(n int) int {
	if k.what == scenarios.SoughtTable {
		return min(n-1, int(float64(n)/(1+resolution)))
	}
	return n - 1
}

// count is the number with what it counts.
func (k *knob) count(n int) string {
	if n == 1 {
		return "1 " + k.one
	}
	return fmt.Sprintf("%s %s", thousands(int64(n)), k.many)
}

// sought are the knobs of a question, the most expensive to have too much of first.
func sought(s *scenarios.Scenario, find []scenarios.Sought) []knob {
	var list []knob
	for _, k := range knobs {
		if !slices.Contains(find, k.what) {
			continue
		}
		if groups := s.Pipeline.Aggregator.MaxParallelism; groups != nil && k.what == scenarios.SoughtParallelism {
			k.most = min(k.most, *groups)
		}
		list = append(list, k)
	}
	return list
}

// findable are the numbers that can be looked for in a scenario, but for the load.
func findable(s *scenarios.Scenario) []scenarios.Sought {
	var list []scenarios.Sought
	for _, what := range []scenarios.Sought{scenarios.SoughtShards, scenarios.SoughtParallelism, scenarios.SoughtOutput, scenarios.SoughtTable} {
		if problem, _ := s.CanFind(what); problem == "" {
			list = append(list, what)
		}
	}
	return list
}

// Describe says a configuration in words.
func Describe(c Configuration) string {
	parts := []string{plural(c.Shards, "shard"), "parallelism " + strconv.Itoa(c.Parallelism)}
	if c.OutputShards > 0 {
		parts = append(parts, plural(c.OutputShards, "output shard"))
	}
	if c.WriteCapacity > 0 {
		parts = append(parts, thousands(int64(c.WriteCapacity))+" write units")
	}
	text := strings.Join(parts, ", ")
	if c.Load != 1 {
		text += fmt.Sprintf(", at %.3g times the load", c.Load)
	}
	return text
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(int64(n)) + " " + what + "s"
}

// seconds is a duration to the tenth of a second.
func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
}
