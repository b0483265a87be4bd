//go:build !linux

package canary

import "time"

// spin is Linux's alone.
func spin(time.Duration) (spun, stolen time.Duration, gaps int) { return 0, 0, 0 }
