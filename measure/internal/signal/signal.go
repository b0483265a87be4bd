// Package signal wakes whoever waits for something to change.
package signal

import "sync"

// Signal wakes everyone who waits for the next change. The zero value is ready.
type Signal struct {
	mu      sync.Mutex
	changed chan struct{}
}

// Next is closed by the next broadcast. Take it before looking at what may change.
func (s *Signal) Next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// Broadcast wakes the waiters.
func (s *Signal) Broadcast() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}
