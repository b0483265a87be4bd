package result

// Checkpoints is what became of the checkpoints of the aggregator that ran last.
type Checkpoints struct {
	Completed int64 `json:"completed"`
	Failed    int64 `json:"failed"`
	// LastMS is how long the last one took that is complete, from its start until it was written, and LastBytes its size; absent where there is none.
	LastMS    *float64 `json:"last_ms,omitempty"`
	LastBytes *int64   `json:"last_bytes,omitempty"`
}

// Restart is one restart of the aggregator, and what it cost.
type Restart struct {
	// At is when the aggregator was told to stop, in seconds since the start of the feed.
	At float64 `json:"at_seconds"`
	// From is the name of the checkpoint or savepoint that it went on from, "the start" where none was complete, or timestamp or latest.
	From string `json:"from"`
	// Parallelism is that of the aggregator that went on.
	Parallelism int `json:"parallelism"`
	// DownMS is how long none ran; null where none was started again.
	DownMS *float64 `json:"down_ms"`
	// Replayed counts the records that were read again.
	Replayed int64 `json:"replayed"`
	// RecoveredMS is how long after the aggregator stopped the oldest record in the whole backlog of the input was no older than it was at most in the five
	// seconds before, BacklogBefore; null where that did not come about. MaxBacklog is the most until then, or until the end.
	RecoveredMS   *float64 `json:"recovered_ms"`
	BacklogBefore *float64 `json:"backlog_before_seconds,omitempty"`
	MaxBacklog    *float64 `json:"max_backlog_seconds,omitempty"`
}
