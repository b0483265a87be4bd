package harness

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"weir/internal/awsclient"
	"weir/scenarios"
	"weir/stream"
)

// names are what a run calls what it makes. All of them start with weir- and the run's id, so that nobody takes them for their own.
type names struct{ run, input, output, table string }

func newNames() names {
	id := strings.ToLower(rand.Text()[:10])
	return names{run: id, input: "weir-" + id + "-input", output: "weir-" + id + "-output", table: "weir-" + id + "-rows"}
}

// removeLimit bounds the clean-up after a run.
const removeLimit = 30 * time.Second

// provision makes the streams and the table, and returns what removes them again. Whatever was made before an error is removed.
func (r *run) provision(ctx context.Context) (remove func() error, err error) {
	var undo []func(context.Context) error
	remove = func() error {
		// The run's own contexts may have ended, and what it made must go all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
		defer cancel()
		var failed []error
		for _, step := range undo {
			failed = append(failed, step(ctx))
		}
		return errors.Join(failed...)
	}
	for _, spec := range r.streams() {
		undo = append(undo, func(ctx context.Context) error { return r.deleteStream(ctx, spec.Name) })
		if err := stream.Create(ctx, r.clients.Kinesis, spec); err != nil {
			return remove, err
		}
	}
	undo = append(undo, r.deleteTable)
	if err := r.table.Create(ctx); err != nil {
		return remove, err
	}
	return remove, nil
}

// streams are those of the pipeline.
func (r *run) streams() []stream.Spec {
	tags := awsclient.RunTags(r.names.run)
	in := &r.scenario.Pipeline.Input
	inputTags := maps.Clone(tags)
	if in.OtherReaders > 0 {
		inputTags[awsclient.OtherReadersTag] = strconv.Itoa(in.OtherReaders)
	}
	specs := []stream.Spec{{
		Name: r.names.input, Shards: in.Shards, OnDemand: in.Mode == scenarios.OnDemand, RecordBytes: int(in.MaxRecord), Tags: inputTags,
	}}
	if out := r.scenario.Pipeline.Output; r.scenario.Pipeline.Shape == scenarios.Routed {
		specs = append(specs, stream.Spec{Name: r.names.output, Shards: out.Shards, OnDemand: out.Mode == scenarios.OnDemand, Tags: tags})
	}
	return specs
}

// deleteStream removes a stream that this run has made. Beyond this machine that is asked of its tags, just before.
func (r *run) deleteStream(ctx context.Context, name string) error {
	if r.config.Guard != nil {
		tags, err := r.clients.StreamTags(ctx, name)
		if err := made("stream "+name, tags, err, r.names.run); tags == nil || err != nil {
			return err
		}
	}
	return stream.Delete(ctx, r.clients.Kinesis, name)
}

// deleteTable is deleteStream for the table.
func (r *run) deleteTable(ctx context.Context) error {
	if r.config.Guard != nil {
		tags, err := r.clients.TableTags(ctx, r.names.table)
		if err := made("table "+r.names.table, tags, err, r.names.run); tags == nil || err != nil {
			return err
		}
	}
	return r.table.Delete(ctx)
}

// made says why a resource stays: it is not this run's. One without tags is not there.
func made(what string, tags map[string]string, err error, run string) error {
	if err != nil {
		return fmt.Errorf("%s stays: %w", what, err)
	}
	if tags != nil && !awsclient.Made(tags, run) {
		return fmt.Errorf("%s stays: it has no tag %s=%s", what, awsclient.RunTag, run)
	}
	return nil
}

// checkOtherReaders refuses other readers of the input beyond this machine: nothing there reads it for them.
func (c *Config) checkOtherReaders() error {
	if c.Guard == nil || c.Scenario.Pipeline.Input.OtherReaders == 0 {
		return nil
	}
	return &usageError{errors.New("pipeline.input.other_readers: only the embedded AWS has other readers; leave it out, and let the other consumers read the test stream themselves")}
}
