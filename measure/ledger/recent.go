package ledger

import "slices"

// remembered is how many reads of a shard are remembered to tell a copy from a phantom: eight seconds of a shard's full rate. A
// copy that shows up later counts as a phantom. One that shows up before what it is a copy of waits for it, behind so many others: see [strays].
const remembered = 8192

// recent holds the hashes of the last records that were read or lost. Adding is cheap and looking up is not: only a read that fits no send looks.
type recent struct {
	hashes []uint64
	next   int
}

func (r *recent) add(hash uint64) {
	if len(r.hashes) < remembered {
		r.hashes = append(r.hashes, hash)
		return
	}
	r.hashes[r.next] = hash
	r.next = (r.next + 1) % remembered
}

func (r *recent) has(hash uint64) bool {
	return slices.Contains(r.hashes, hash)
}
