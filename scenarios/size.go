package scenarios

import "slices"

// Sizing is what weir size looks for.
type Sizing struct {
	// What is looked for, any of shards, parallelism, output and table: the least of each that holds the load; or load alone: the most that the
	// pipeline holds. Left out, it is the least of all that the pipeline has.
	Find []Sought `yaml:"find,flow"`
}

// Sought is a number that weir size can look for.
type Sought string

// The numbers that weir size can look for.
const (
	SoughtShards      Sought = "shards"      // of the input
	SoughtParallelism Sought = "parallelism" // of the aggregator
	SoughtOutput      Sought = "output"      // shards of the output
	SoughtTable       Sought = "table"       // write capacity of the table
	SoughtLoad        Sought = "load"        // a factor on the load
)

func (Sought) choices() []string {
	return words(SoughtShards, SoughtParallelism, SoughtOutput, SoughtTable, SoughtLoad)
}

// CanFind says why a number cannot be looked for in this scenario, with a hint; both are empty where it can.
func (s *Scenario) CanFind(what Sought) (problem, hint string) {
	p := &s.Pipeline
	switch {
	case what == SoughtOutput && p.Shape != Routed:
		return "a direct pipeline has no output stream", "pipeline.shape: routed has one"
	case what == SoughtTable && p.Table.WriteCapacity == 0:
		return "an on-demand table has no write capacity to be looked for", "give it one, as pipeline.table.write_capacity: 1k"
	}
	return "", ""
}

func (s *Sizing) validate(p *problems, of *Scenario) {
	if s == nil {
		return
	}
	if len(s.Find) == 0 {
		p.add("size.find", "names nothing").hint = "leave size out to look for all that the pipeline has"
	}
	for i, what := range s.Find {
		path := index("size.find", i)
		if !oneOf(p, path, what) {
			continue
		}
		if problem, hint := of.CanFind(what); problem != "" {
			p.add(path, "%s", problem).hint = hint
		}
	}
	if len(s.Find) > 1 && slices.Contains(s.Find, SoughtLoad) {
		p.add("size.find", "load is looked for alone, for it goes up where the others go down")
	}
}
