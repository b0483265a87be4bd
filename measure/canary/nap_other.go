//go:build !linux

package canary

import "time"

// nap is Linux's alone.
func nap(time.Duration) (overshoot time.Duration, ok bool) { return 0, false }
