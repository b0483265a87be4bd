package ledger

import "sync"

// failure is why the books are of no use any more. The first error counts.
type failure struct {
	failed chan struct{} // closed with it

	mu  sync.Mutex
	err error
}

func newFailure() *failure { return &failure{failed: make(chan struct{})} }

// set notes an error, unless there is one already, and returns the one that counts.
func (f *failure) set(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
		close(f.failed)
	}
	return f.err
}

// get is the error that counts, nil where there is none.
func (f *failure) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
