//go:build peers

package interop

import (
	"os"
	"testing"
)

// ferrokinesisReasons say who is right where ferrokinesis answers something else, and by which page of AWS.
var ferrokinesisReasons = map[string]string{
	"a record of 1 MiB and a byte":                             "weir: 1 MiB with its key, unless the stream allows more (API reference, PutRecord)",
	"ten reads of a shard at once: throttled":                  "weir: five a second and shard (Developer Guide, \"Quotas and limits\")",
	"MillisBehindLatest above 0 where records are left":        "weir: how far the answer is from the tip of the stream (API reference, GetRecords)",
	"records from AT_TIMESTAMP between two puts of one second": "weir: from the time on, to the millisecond (API reference, GetShardIterator)",
	"the next iterator at the end of a closed shard":           "weir: null, the shard is closed (API reference, GetRecords)",
	"children told at the end of a closed shard":               "weir: they are told there (API reference, GetRecords)",
	"a split of a shard that was split":                        "weir: InvalidArgumentException, as kinesalite's tests saw in AWS",
	"UpdateShardCount to thrice as many":                       "weir: at most double (API reference, UpdateShardCount)",
	"UpdateShardCount to less than half":                       "weir: at least half (API reference, UpdateShardCount)",
	"shards open after UpdateShardCount from 2 to 3":           "weir: AT_LATEST is those that are open (API reference, ShardFilter)",
	"shards AT_LATEST after a split":                           "weir: the same",
	"shards AT_TRIM_HORIZON after a split":                     "weir: those that were open at the trim horizon (API reference, ShardFilter)",
	"shards AFTER_SHARD_ID 0":                                  "weir: those behind it (API reference, ShardFilter)",
	"a second subscription at once":                            "weir: within five seconds it is a ResourceInUseException (API reference, SubscribeToShard)",
	"the deletion of a stream with a consumer":                 "weir: only with EnforceConsumerDeletion (API reference, DeleteStream)",
}

// TestKinesisAndFerrokinesisDifferOnlyWhereThePageSays is part of make bench-peers, which compiles ferrokinesis and names it by WEIR_FERROKINESIS.
func TestKinesisAndFerrokinesisDifferOnlyWhereThePageSays(t *testing.T) {
	port := freePort(t)
	peer := askKinesis(t, start(t, port, ".", os.Getenv("WEIR_FERROKINESIS"), "serve", "--port", port, "--enforce-limits", "true"))
	compareKinesis(t, "ferrokinesis 0.7.0", peer, ferrokinesisReasons)
}
