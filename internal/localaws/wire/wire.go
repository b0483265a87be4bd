// Package wire is the seam between the embedded AWS's operations and the protocols that carry them. An [Operation] takes a typed
// request and gives a typed answer or an [Error]; a [Codec] knows how these look in bytes; a [Service] finds the operation that a
// request names. Later protocols (CBOR) are codecs beside the one for JSON.
package wire

import "context"

// Operation is one operation of a service.
type Operation struct {
	Name string
	// serve decodes the request, hands it to the operation and encodes its answer.
	serve func(ctx context.Context, codec Codec, body []byte, fault func(request any) Action) (answer []byte, action Action, err error)
}

// Op makes an operation of a function on typed requests.
func Op[In, Out any](name string, do func(ctx context.Context, in *In) (*Out, error)) Operation {
	return Operation{Name: name, serve: func(ctx context.Context, codec Codec, body []byte, fault func(any) Action) ([]byte, Action, error) {
		in := new(In)
		if err := codec.Decode(body, in); err != nil {
			return nil, Serve, err
		}
		action := fault(in)
		if action == DropBefore {
			return nil, action, nil
		}
		out, err := do(ctx, in)
		if err != nil || action == DropAfter {
			return nil, action, err
		}
		answer, err := codec.Encode(out)
		return answer, action, err
	}}
}
