package wire

import (
	"context"
	"strings"
)

// Seen is what a service makes of a request: for who logs it.
type Seen struct {
	// Service and Operation are empty where the request names none that is served; Resource is the stream or the table that it names, empty if it names
	// none or several.
	Service, Operation, Resource string
}

type seenKey struct{}

// Watch has the service that serves a request in this context fill seen in, before it answers.
func Watch(ctx context.Context, seen *Seen) context.Context {
	return context.WithValue(ctx, seenKey{}, seen)
}

func note(ctx context.Context, call Call) {
	if seen, ok := ctx.Value(seenKey{}).(*Seen); ok {
		*seen = Seen{call.Service, call.Operation, strings.Clone(call.Resource)}
	}
}
