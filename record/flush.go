package record

import "strings"

// flushPrefix starts the partition key of a flush record.
const flushPrefix = "weir-flush-"

// FlushKey is the partition key of a run's flush records.
func FlushKey(run string) string { return flushPrefix + run }

// IsFlush tells a flush record by its partition key. A flush record raises the watermark so that the last windows close;
// it is outside every count, never a contributor and never routed.
func IsFlush(partitionKey string) bool { return strings.HasPrefix(partitionKey, flushPrefix) }
