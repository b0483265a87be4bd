package aggregator

import "weir/record"

// FNV-1a's offset basis and prime for 64 bits.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// split is the window subtask of a (kind, key): the same in every run and every process, since a hash that is seeded anew would
// make runs differ.
func split(event *record.Event, subtasks int) int {
	if subtasks == 1 {
		return 0
	}
	hash := uint64(fnvOffset)
	for i := range len(event.Kind) {
		hash = (hash ^ uint64(event.Kind[i])) * fnvPrime
	}
	hash = (hash ^ 0xFF) * fnvPrime // no byte of UTF-8, so that kind and key stay apart
	for i := range len(event.Key) {
		hash = (hash ^ uint64(event.Key[i])) * fnvPrime
	}
	return int((hash ^ hash>>32) % uint64(subtasks))
}
