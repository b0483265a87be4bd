package harness

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"weir/scenarios"
	"weir/stream"
)

// input is how the aggregator reads the input: it polls, or it is a consumer of its own.
func (r *run) input(p *pipeline) *joined {
	a := &r.scenario.Pipeline.Aggregator
	if a.Reader != scenarios.FanOut {
		return r.joined(r.names.input, time.Duration(a.Poll), r.meter.Input(), r.meter.JoinInput)
	}
	p.fanOut = stream.NewFanOut(stream.FanOutConfig{
		Client: r.clients.Kinesis, Subscriber: func() stream.SubscribeClient { return kinesis.New(r.clients.Kinesis.Options()) },
		Stream: r.names.input, Consumer: "weir-" + r.names.run, Clock: r.clock, Observer: r.meter.Input(), Open: r.packed(),
	})
	return &joined{reader: p.fanOut, join: r.meter.JoinInput}
}

// deregisterLimit bounds the removal of the consumer after a run.
const deregisterLimit = 10 * time.Second

// runRegistered runs the pipeline as a consumer that is registered meanwhile. A stream that has one is not deleted.
func (p *pipeline) runRegistered(ctx context.Context) error {
	if err := p.fanOut.Register(ctx); err != nil {
		return ended(ctx, err)
	}
	err := p.runParts(ctx)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), deregisterLimit)
	defer cancel()
	return errors.Join(err, p.fanOut.Deregister(ending))
}
