// Package limits holds AWS's numbers, each with the page that states it, and the token bucket that they are enforced
// and planned with.
package limits

// Kinesis Data Streams, from "Quotas and limits" and the API reference of each operation, read 2026-11.
const (
	ShardWriteRecordsPerSecond = 1000     // records a second and shard
	ShardWriteBytesPerSecond   = 1 << 20  // bytes of data and partition key a second and shard
	ShardReadBytesPerSecond    = 2 << 20  // bytes a second and shard, shared by all GetRecords callers
	ShardReadsPerSecond        = 5        // GetRecords calls a second and shard
	ShardIteratorsPerSecond    = 5        // GetShardIterator calls a second and shard
	PutRecordsRecords          = 500      // records a PutRecords call
	PutRecordsBytes            = 10 << 20 // bytes of data and partition keys a PutRecords call
	GetRecordsRecords          = 10000    // records a GetRecords answer
	GetRecordsBytes            = 10 << 20 // bytes a GetRecords answer
	RecordBytes                = 1 << 20  // bytes of data and partition key a record, unless the stream allows more
	LargestRecordBytes         = 10 << 20 // bytes that a stream can be made to take of a record (MaxRecordSizeInKiB, 1,024 to 10,240)
	ScaledShards               = 10000    // shards that UpdateShardCount scales a stream to (API reference, UpdateShardCount)
	OnDemandShards             = 4        // shards that a new on-demand stream begins with ("Choose the right mode to stream in")
	PartitionKeyCharacters     = 256      // Unicode characters
	IteratorLifetimeSeconds    = 300      // a shard iterator expires after five minutes
)

// DynamoDB, from "Service, account, and table quotas" and the API reference of each operation, read 2026-11.
const (
	BatchWriteItems          = 25        // puts and deletes a BatchWriteItem call
	BatchWriteBytes          = 16 << 20  // bytes a BatchWriteItem call
	ItemBytes                = 400 << 10 // bytes an item, names and values
	PartitionKeyBytes        = 2048      // bytes of a table's partition key value
	SortKeyBytes             = 1024      // bytes of a table's sort key value
	PageBytes                = 1 << 20   // bytes that a Query or Scan page evaluates
	NumberDigits             = 38        // significant digits of a number
	NumberMaxExponent        = 125       // a number is below 1E+126
	NumberMinExponent        = -130      // and, if not zero, at least 1E-130
	OnDemandWritesPerSecond  = 4000      // write units a second that a new on-demand table takes ("On-demand capacity mode")
	OnDemandReadsPerSecond   = 12000     // read units a second of such a table (same page)
	PartitionWritesPerSecond = 1000      // write units a second of one partition key ("Designing partition keys to distribute your workload")
	PartitionReadsPerSecond  = 3000      // read units a second of one (same page)
	SavedCapacitySeconds     = 300       // for which a provisioned table saves up unused capacity ("Burst and adaptive capacity")
)
