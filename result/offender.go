package result

// OffendersKept bounds each list of offenders: the first ones are named, all are counted.
const OffendersKept = 20

// Offenders names the first of those that are counted as wrong.
type Offenders struct {
	Lost       []RecordOffender `json:"lost,omitempty"`
	Duplicated []RecordOffender `json:"duplicated,omitempty"`
	Reordered  []RecordOffender `json:"reordered,omitempty"`
	Phantom    []RecordOffender `json:"phantom,omitempty"`
	FalseLate  []RecordOffender `json:"false_late,omitempty"`
	Wrong      []RowOffender    `json:"wrong,omitempty"`
	Missing    []RowOffender    `json:"missing,omitempty"`
	Unexpected []RowOffender    `json:"unexpected,omitempty"`
}

// RecordOffender names a stored record.
type RecordOffender struct {
	Shard    string `json:"shard"`
	Sequence string `json:"sequence"`
}

// RowOffender names a row, and says what it should have been and what it is.
type RowOffender struct {
	WindowStart string     `json:"window_start"`
	Kind        string     `json:"kind"`
	Key         []string   `json:"key"`
	Expected    *RowValues `json:"expected"`
	Actual      *RowValues `json:"actual"`
}

// RowValues is what a row says. Sum, min and max are empty where the window had no value.
type RowValues struct {
	WindowEnd string `json:"window_end,omitempty"`
	Count     int64  `json:"count"`
	Sum       string `json:"sum,omitempty"`
	Min       string `json:"min,omitempty"`
	Max       string `json:"max,omitempty"`
	Mean      string `json:"mean,omitempty"`
}

// UnopenedFiles are those of the recording that were not opened, for the dates in their paths lie outside of what was asked for.
type UnopenedFiles struct {
	Files int64 `json:"files"`
	// First and Last are two of them, in the order of their paths.
	First string `json:"first"`
	Last  string `json:"last"`
}

// SkippedLine is a line of the recording that could not be scheduled.
type SkippedLine struct {
	File string `json:"file"`
	Line int64  `json:"line"` // from 1; 0 for a whole file
	// Offset is how many bytes of the file's text, decompressed, stand before the line.
	Offset int64  `json:"offset"`
	Reason string `json:"reason"`
	Sample string `json:"sample"`
}

// UnreadableRecord is a record that the aggregator could not read.
type UnreadableRecord struct {
	Shard    string `json:"shard"`
	Sequence string `json:"sequence"`
	Reason   string `json:"reason"`
	Sample   string `json:"sample"`
}
