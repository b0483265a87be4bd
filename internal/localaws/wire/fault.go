package wire

import "sync"

// Fault is the hook for faults on demand. It is asked once for each call, after its request was decoded and before anything is done, and
// says what is to happen. It may be asked by several goroutines at once, must not block, and must not change or keep the request.
//
// What it answers is carried out as follows, and nothing else happens to the call:
//
//   - [Serve]: the call is served.
//   - [DropBefore]: nothing is done, and the connection is closed without an answer.
//   - [DropAfter]: the call is served, so that what it stores is stored; then the connection is closed without an answer.
//
// Over HTTP/2, which carries many calls on one connection, only the call's stream is reset (INTERNAL_ERROR), and the connection stays.
//
// More cases (throttles, slow answers, partial failures) will be actions beside these. An Action that is not known is served.
//
// A call that cannot be decoded, and one for an operation that is not there, is answered without asking.
type Fault func(Call) Action

// Call is one call of an operation.
type Call struct {
	// Service is "kinesis" or "dynamodb".
	Service, Operation string
	// Number counts the calls of the operation, from 1.
	Number int64
	// Request is the typed request, a pointer. It is the service's own and is for printing.
	Request any
}

// Action is what is to happen to a call.
type Action uint8

const (
	// Serve lets the call be served.
	Serve Action = iota
	// DropBefore drops the request: nothing is done, nothing is answered.
	DropBefore
	// DropAfter drops the answer: what the call stores is stored.
	DropAfter
)

// faults numbers the calls for a hook.
type faults struct {
	hook Fault

	mu      sync.Mutex
	numbers map[string]int64
}

func newFaults(hook Fault) *faults { return &faults{hook: hook, numbers: make(map[string]int64)} }

func (f *faults) next(call Call) Action {
	if f.hook == nil {
		return Serve
	}
	f.mu.Lock()
	f.numbers[call.Operation]++
	call.Number = f.numbers[call.Operation]
	f.mu.Unlock()
	return f.hook(call)
}
