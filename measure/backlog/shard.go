package backlog

// Shard is what waits in one shard of a stream, or on the way there.
type Shard struct {
	Shard string
	Extent
}
