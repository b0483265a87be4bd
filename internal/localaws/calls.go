package localaws

import (
	"context"
	"net/http"
	"sync"
)

// calls are those that are under way. net/http closes their connections, and waits for none of them.
type calls struct {
	handler http.Handler
	ctx     context.Context // that of every call
	abandon context.CancelFunc

	running sync.WaitGroup
	mu      sync.Mutex
	ended   bool
}

func newCalls(ctx context.Context, handler http.Handler) *calls {
	c := &calls{handler: handler}
	c.ctx, c.abandon = context.WithCancel(context.WithoutCancel(ctx))
	return c
}

func (c *calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.begin() {
		panic(http.ErrAbortHandler)
	}
	defer c.running.Done()
	c.handler.ServeHTTP(w, r)
}

func (c *calls) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.running.Add(1)
	}
	return !c.ended
}

// end tells the calls that nobody waits for their answers, and waits until they have returned. None begins after it.
func (c *calls) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.abandon()
	c.running.Wait()
}
