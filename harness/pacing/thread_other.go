//go:build !linux

package pacing

import "time"

// thread is what this system has not.
type thread struct{}

func bindThread() *thread { return nil }

func (*thread) release() {}

func (*thread) sleep(time.Duration) {}
