package wire

import (
	"context"
	"net"
)

type connKey struct{}

// ConnContext is a [net/http.Server]'s ConnContext. Without it, [Break] does as [DropBefore] does.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// breakConn closes the connection that a call came over.
func breakConn(ctx context.Context) {
	if conn, ok := ctx.Value(connKey{}).(net.Conn); ok {
		_ = conn.Close()
	}
}
