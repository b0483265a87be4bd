package harness

import (
	"context"
	"errors"
	"fmt"

	"weir/scenarios"
)

// Faults makes go wrong what a scenario asks for, see [scenarios.Fault]. The embedded AWS has some; AWS has none.
type Faults interface {
	// Run lets things go wrong on a schedule that begins with the call, and mends them all when ctx ends, which is no error.
	Run(ctx context.Context, on Resources) error
}

// Resources are the names of what a run has made.
type Resources struct {
	Input, Table string
	// Output is empty in a direct pipeline.
	Output string
}

// checkFaults refuses a scenario with faults where nothing can be made to go wrong.
func (c *Config) checkFaults() error {
	if len(c.Scenario.Faults) > len(c.Scenario.Restarts()) && c.Faults == nil {
		return &usageError{errors.New("faults: the target has none, for only the embedded AWS of the run itself can be made to fail")}
	}
	return nil
}

// goWrong lets things go wrong until mend is called, which returns when all is whole again. Restarts are the harness's own doing.
func (r *run) goWrong(ctx context.Context) (mend func() error) {
	ctx, cancel := context.WithCancel(ctx)
	restarts := make(chan struct{})
	go func() {
		defer close(restarts)
		if e := r.pipeline.restarting; e != nil {
			e.schedule(ctx, r.scenario.Restarts())
		}
	}()
	if r.config.Faults == nil {
		return func() error {
			cancel()
			<-restarts
			return nil
		}
	}
	ended := make(chan error, 1)
	on := Resources{Input: r.names.input, Table: r.names.table}
	if r.scenario.Pipeline.Shape == scenarios.Routed {
		on.Output = r.names.output
	}
	go func() { ended <- r.config.Faults.Run(ctx, on) }()
	return func() error {
		cancel()
		<-restarts
		if err := <-ended; err != nil {
			return fmt.Errorf("faults: %w", err)
		}
		return nil
	}
}
