package aggregator

import "weir/record"

// SourceSubtasks are the source subtasks that read the shards of a new stream.
func SourceSubtasks(how Assign, shards []record.Shard, parallelism int) []int {
	a := newAssigner(how, parallelism)
	subtasks := make([]int, len(shards))
	for i := range shards {
		subtasks[i] = a.next(&shards[i])
	}
	return subtasks
}

// WindowSubtask is the window subtask of an event's key. A maxParallelism of 0 is the one that Flink takes where none is configured.
func WindowSubtask(e *record.Event, maxParallelism, parallelism int) (int, error) {
	groups, err := newKeyGroups(maxParallelism, parallelism)
	if err != nil {
		return 0, err
	}
	return groups.subtask(e), nil
}
