package wire

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// Fault is the hook for faults on demand. It is asked once for each call, after its request was decoded and before anything is done, and
// says what is to happen. It may be asked by several goroutines at once, must not block, and must not change or keep the request.
//
// What it answers is carried out as follows, and nothing else happens to the call. First, whatever its kind, an action's Delay passes; a
// call whose client goes meanwhile is not served. Then:
//
//   - [Serve]: the call is served.
//   - [DropBefore]: nothing is done, and the connection is closed without an answer.
//   - [DropAfter]: the call is served, so that what it stores is stored; then the connection is closed without an answer.
//   - [Refuse]: nothing is done, and the call is answered with the error that Code names.
//   - [Partial]: the call is served, but Share of a batch's entries fail with Code: [ActionOf] gives the action to the operation, which
//     asks [Action.Fails] of each entry. An operation that has no entries is served whole.
//   - [Break]: nothing is done, and the TCP connection is closed, with every other call on it.
//
// Over HTTP/2, which carries many calls on one connection, DropBefore and DropAfter reset only the call's stream (INTERNAL_ERROR), and
// the connection stays. A kind that is not known is served.
//
// A call that cannot be decoded, and one for an operation that is not there, is answered without asking.
type Fault func(Call) Action

// Call is one call of an operation.
type Call struct {
	// Service is "kinesis", "dynamodb" or "s3".
	Service, Operation string
	// Resource is the stream or the table that the request names; empty if it names none, or several.
	Resource string
	// Number counts the calls of the operation on the resource, from 1.
	Number int64
	// Request is the typed request, a pointer. It is the service's own and is for printing. S3's have none.
	Request any
}

// Action is what is to happen to a call. The zero value serves it.
type Action struct {
	Kind FaultKind
	// Delay passes before anything is done; it ends when the client goes.
	Delay time.Duration
	// Code is the error of Refuse, as "ThrottlingException", or of each entry that Partial lets fail. Empty stands for
	// InternalFailure.
	Code string
	// Share is the share of a batch's entries that Partial lets fail, 0 to 1, and Seed chooses which.
	Share float64
	Seed  uint64
}

// FaultKind is the kind of an action; [Fault] says what each does.
type FaultKind uint8

// The kinds of actions.
const (
	Serve FaultKind = iota
	DropBefore
	DropAfter
	Refuse
	Partial
	Break
)

// Fails says whether entry i of a batch, from 0, is to fail. For one action the answer is always the same.
func (a Action) Fails(i int) bool {
	return a.Kind == Partial && rand.New(rand.NewPCG(a.Seed, uint64(i))).Float64() < a.Share
}

// refusal is the error that a refused call is answered with. AWS's codes for what the service did wrong have the status 500 or 503, all
// others 400.
func (a Action) refusal() *Error {
	e := NewError(a.code(), "weir: a fault of the scenario")
	switch e.Code {
	case "InternalFailure", "InternalServerError":
		e.Status = 500
	case "ServiceUnavailable", "SlowDown":
		e.Status = 503
	}
	return e
}

// EntryCode is the error of each entry that Partial lets fail.
func (a Action) EntryCode() string { return a.code() }

func (a Action) code() string {
	if a.Code == "" {
		return "InternalFailure"
	}
	return a.Code
}

type actionKey struct{}

// ActionOf is the action on the call that ctx belongs to. An operation whose entries can fail one by one reads it.
func ActionOf(ctx context.Context) Action {
	action, _ := ctx.Value(actionKey{}).(Action)
	return action
}

// resourceful is a request that names the one resource it is about.
type resourceful interface{ Resource() string }

func newCall(service, operation string, request any) Call {
	call := Call{Service: service, Operation: operation, Request: request}
	if named, ok := request.(resourceful); ok {
		call.Resource = named.Resource()
	}
	return call
}

// faults numbers the calls for a hook.
type faults struct {
	hook Fault

	mu      sync.Mutex
	numbers map[counted]int64
}

type counted struct{ operation, resource string }

func newFaults(hook Fault) *faults { return &faults{hook: hook, numbers: make(map[counted]int64)} }

func (f *faults) next(call Call) Action {
	if f.hook == nil {
		return Action{}
	}
	call.Resource = strings.Clone(call.Resource) // for that of a request may be in memory that is lent
	f.mu.Lock()
	key := counted{call.Operation, call.Resource}
	f.numbers[key]++
	call.Number = f.numbers[key]
	f.mu.Unlock()
	return f.hook(call)
}
