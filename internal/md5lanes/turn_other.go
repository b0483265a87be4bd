//go:build !amd64

package md5lanes

import "crypto/md5"

const available = false

// turn is never called.
func turn(*[4][Lanes]uint32, *[Lanes]*[md5.BlockSize]byte) {}
