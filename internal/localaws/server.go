// Package localaws is the embedded AWS: Kinesis, DynamoDB and S3 on one port, in memory, over the real wire protocols, so that any AWS
// client works against it. It throttles as AWS does, which no other embeddable server does, and it breaks on demand.
//
// It knows nothing of the rest of weir but AWS's numbers: it is an independent witness of what weir sends and reads.
package localaws

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"weir/internal/localaws/dynamodb"
	"weir/internal/localaws/kinesis"
	"weir/internal/localaws/wire"
)

// Account is the account that everything is in.
const Account = "000000000000"

// Config is what the embedded AWS is made with. Zero values stand for the defaults.
type Config struct {
	// Region is what the ARNs say. Default us-east-1.
	Region string
	// Limits says whether the limits of Kinesis's shards hold, and the write capacity of tables.
	Limits bool
	// Account is whose account it is. Default [Account].
	Account string
	// SettleDelay is how long a stream or a table is CREATING. Default 50 ms; negative for none.
	SettleDelay time.Duration
	// MemoryBytes bounds what is kept of Kinesis records, and Retention says how old those must be that go at the bound. Defaults
	// 4 GiB and 5 minutes.
	MemoryBytes int64
	Retention   time.Duration
	// Fault is asked what happens to each call of Kinesis, DynamoDB and S3; nil serves all of them.
	Fault Fault
	// Latency is added to what the server takes itself; the zero value adds nothing.
	Latency Latency
	// WholeBodies says that every client is one of weir's own, which let net/http send a request's body to its end. To those that may
	// not, as that of aws-sdk-go-v2, an answer of over 2 KiB begins a millisecond after its request, or it may break off.
	WholeBodies bool
	// TLS, if set, has the port speak TLS alone, with HTTP/2 by ALPN; see [NewCertificate]. Else it speaks HTTP/1.1 and HTTP/2 without it (h2c).
	TLS *tls.Config
	// Log, if set, gets a line a request.
	Log io.Writer
}

// The fault hook; see [wire.Fault] for its contract.
type (
	Fault  = wire.Fault
	Call   = wire.Call
	Action = wire.Action
	Kind   = wire.FaultKind
)

// The kinds of actions that say more than their kind; see [wire.Fault].
const (
	Refuse  = wire.Refuse
	Partial = wire.Partial
	Break   = wire.Break
)

// The actions that say no more than their kind; see [wire.Fault]. Nothing assigns them.
var (
	Serve      = Action{Kind: wire.Serve}
	DropBefore = Action{Kind: wire.DropBefore}
	DropAfter  = Action{Kind: wire.DropAfter}
)

const (
	defaultSettleDelay = 50 * time.Millisecond
	defaultMemory      = 4 << 30
	defaultRetention   = 5 * time.Minute
)

// Server is the embedded AWS.
type Server struct {
	handler http.Handler
	streams *kinesis.Service
	tls     *tls.Config
}

// New makes an embedded AWS that holds nothing and listens nowhere.
func New(c Config) *Server {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Account == "" {
		c.Account = Account
	}
	if c.SettleDelay == 0 {
		c.SettleDelay = defaultSettleDelay
	}
	if c.MemoryBytes == 0 {
		c.MemoryBytes = defaultMemory
	}
	if c.Retention == 0 {
		c.Retention = defaultRetention
	}
	streams := kinesis.New(kinesis.Config{
		Region: c.Region, Account: c.Account, Limits: c.Limits, CreateDelay: max(0, c.SettleDelay),
		MemoryBytes: c.MemoryBytes, Retention: c.Retention, Propagation: c.Latency.Propagation, FanOut: c.Latency.FanOut,
	})
	tables := dynamodb.New(dynamodb.Config{Region: c.Region, Account: c.Account, Limits: c.Limits, TableDelay: max(0, c.SettleDelay)})
	bucket := gofakes3.New(s3mem.New(), gofakes3.WithLogger(gofakes3.DiscardLog()), gofakes3.WithTimeSkewLimit(0))
	options := wire.Options{Fault: c.Latency.onTop(c.Fault), WholeBodies: c.WholeBodies}
	s := &Server{tls: c.TLS, streams: streams, handler: &door{
		services: []*wire.Service{streams.Wire(options), tables.Wire(options)}, objects: objects(bucket.Server(), c.Fault), identity: identity{c.Account},
	}}
	if c.Log != nil {
		s.handler = &requestLog{next: s.handler, to: c.Log}
	}
	return s
}

// Reshard gives a stream that many shards of equal hash ranges at once, whatever AWS's rules for it.
func (s *Server) Reshard(stream string, shards int) error { return s.streams.Reshard(stream, shards) }

// StopShard has a shard neither take nor give records, or do so again. In the meantime they fail with InternalFailure.
func (s *Server) StopShard(stream, shardID string, stopped bool) error {
	return s.streams.StopShard(stream, shardID, stopped)
}

// door sends each request to its service: X-Amz-Target names those of the JSON protocols, a form is for STS, and everything else is S3's.
type door struct {
	services []*wire.Service
	objects  http.Handler
	identity identity
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := r.Header.Get("X-Amz-Target")
	if target == "" && d.identity.serves(r) {
		d.identity.ServeHTTP(w, r)
		return
	}
	if r.Header.Get("Smithy-Protocol") != "" { // of newer services, CloudWatch's for one
		wire.Unknown(w, r, r.URL.Path)
		return
	}
	if target == "" {
		d.objects.ServeHTTP(w, r)
		return
	}
	prefix, _, _ := strings.Cut(target, ".")
	for _, service := range d.services {
		if service.Prefix() == prefix {
			service.ServeHTTP(w, r)
			return
		}
	}
	wire.Unknown(w, r, target)
}

const (
	headerTimeout   = 10 * time.Second
	shutdownTimeout = 2 * time.Second
)

// Serve serves on a listener until ctx ends; then it gives the calls that are under way a moment, closes every connection, and returns nil
// once no call is left. Any other end is an error.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	calls := newCalls(ctx, s.handler)
	defer calls.end()
	server := &http.Server{Handler: calls, BaseContext: func(net.Listener) context.Context { return wire.UntilShutdown(calls.ctx, ctx) }, ConnContext: wire.ConnContext, ReadHeaderTimeout: headerTimeout, Protocols: new(http.Protocols)}
	defer func() { _ = server.Close() }()
	server.Protocols.SetHTTP1(true)
	serve := server.Serve
	if s.tls == nil {
		server.Protocols.SetUnencryptedHTTP2(true)
	} else {
		server.Protocols.SetHTTP2(true)
		server.TLSConfig = s.tls.Clone()
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
		server.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust the certificate: they say so themselves
	}
	served := make(chan error, 1)
	go func() { served <- serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("embedded AWS on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	// That it took longer is no error: the calls that are left are abandoned.
	_ = server.Shutdown(closing)
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("embedded AWS on %s: %w", listener.Addr(), err)
	}
	return nil
}
