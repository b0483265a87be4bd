// Package wire is the seam between the embedded AWS's operations and the protocols that carry them. An [Operation] takes a typed
// request and gives a typed answer or an [Error]; a [Codec] knows how these look in bytes; a [Service] finds the operation that a
// request names.
package wire

import (
	"context"
	"errors"
)

// Operation is one operation of a service.
type Operation struct {
	Name string
	// serve decodes the request, asks what is to happen to it, and encodes the operation's answer. An answer that is dropped is errDropped.
	serve func(ctx context.Context, codec Codec, body []byte, room Room, fault func(request any) Action) (reply, error)
	// transient says that nothing of a request is kept once it is answered.
	transient bool
}

// Transient is an operation that keeps nothing of a request once it is answered, nor has its errors keep any of it, so that the memory of the
// request's body is used again.
func Transient(op Operation) Operation {
	op.transient = true
	return op
}

// errDropped stands for an answer that must not be given.
var errDropped = errors.New("dropped")

// Op makes an operation of a function on typed requests.
func Op[In, Out any](name string, do func(ctx context.Context, in *In) (*Out, error)) Operation {
	return Operation{Name: name, serve: func(ctx context.Context, codec Codec, body []byte, room Room, fault func(any) Action) (reply, error) {
		in := new(In)
		if err := codec.Decode(body, in); err != nil {
			return reply{}, err
		}
		action := fault(in)
		if err := action.before(ctx); err != nil {
			return reply{}, err
		}
		if action.Kind == Partial {
			ctx = context.WithValue(ctx, actionKey{}, action)
		}
		out, err := do(ctx, in)
		if action.Kind == DropAfter {
			return reply{}, errDropped
		}
		if err != nil {
			return reply{}, err
		}
		return encode(codec, out, room)
	}}
}

func encode(codec Codec, answer any, room Room) (reply, error) {
	if long, ok := answer.(longAnswer); ok {
		if _, ok := codec.(jsonCodec); ok {
			return reply{long: long}, nil
		}
	}
	body, err := codec.Encode(answer, room)
	return reply{body: body}, err
}

// before carries out what happens to a call before it is served. Its error is what the call is answered with instead.
func (a Action) before(ctx context.Context) error {
	if a.Delay > 0 {
		sleep(ctx, a.Delay)
		if ctx.Err() != nil {
			return errDropped
		}
	}
	switch a.Kind {
	case DropBefore:
		return errDropped
	case Refuse:
		return a.refusal()
	case Break:
		breakConn(ctx)
		return errDropped
	}
	return nil
}
