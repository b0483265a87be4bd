package result

// Route is what one event source mapping did. Hits and misses count records of the output stream, rows those that its function
// took.
type Route struct {
	Hits   int64 `json:"hits"`
	Rows   int64 `json:"rows"`
	Misses int64 `json:"misses"`
	// NotJSON counts those of Misses whose data is not JSON, and Foreign those of Hits that hold no row.
	NotJSON int64 `json:"not_json,omitempty"`
	Foreign int64 `json:"foreign,omitempty"`
	// Leaks counts the rows that reached the function though their kind is none that the route is there for; absent where that is not known.
	Leaks *int64 `json:"leaks,omitempty"`
	// Discarded counts the records that were given up, and Split the batches that were divided because they failed.
	Discarded int64 `json:"discarded,omitempty"`
	Split     int64 `json:"split,omitempty"`
	RouteReading
	Handling
}

// RouteReading is what a route read of the output stream, as [Records] has it of the input.
type RouteReading struct {
	Read       int64 `json:"read,omitempty"`
	Unread     int64 `json:"unread,omitempty"`
	Lost       int64 `json:"lost,omitempty"`
	Duplicated int64 `json:"duplicated,omitempty"`
	Phantom    int64 `json:"phantom,omitempty"`
}

// Handling is what became of a function's invocations.
type Handling struct {
	Invocations int64 `json:"invocations,omitempty"`
	// Failures counts the invocations that failed, by how: error, timeout, garbage, too_large, unavailable.
	Failures map[string]int64 `json:"failures,omitempty"`
	// Retried counts records in invocations that were made again.
	Retried int64 `json:"retried,omitempty"`
	// Blocked are the batches that failed when the run ended, and held up what was behind them.
	Blocked []Blocked `json:"blocked,omitempty"`
}

// Blocked is a batch that fails, and is tried again and again.
type Blocked struct {
	// Shard, Sequence and PartitionKey are those of the batch's first record; a direct pipeline has none of them.
	Shard        string `json:"shard,omitempty"`
	Sequence     string `json:"sequence_number,omitempty"`
	PartitionKey string `json:"partition_key,omitempty"`
	// Since is when it first failed, in seconds since the start of the run, and Failures how often it did.
	Since    float64 `json:"since_seconds"`
	Failures int     `json:"failures"`
	// Behind are the records that wait for it: in its batch, read behind it, and unread in its shard.
	Behind int64  `json:"records_behind"`
	Reason string `json:"reason"`
}

// TableUse is what hindered the writes to the table, in rows.
type TableUse struct {
	// Throttled counts rows in calls that were refused, each time, by DynamoDB's reason.
	Throttled map[string]int64 `json:"throttled,omitempty"`
	// Unprocessed counts rows that a call left undone, each time; DynamoDB gives no reason for them.
	Unprocessed int64 `json:"unprocessed,omitempty"`
	// Superseded counts rows that were not written, for a newer one was there.
	Superseded int64 `json:"superseded,omitempty"`
}
