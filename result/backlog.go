package result

// The places where something may pile up, as they are called in result.json and in expectations.
const (
	InputBacklog  = "input"
	OutputBacklog = "output"
	TableBacklog  = "table"
)

// The parts of a backlog. A record or a row is in one of them at each moment, the furthest that it has reached.
const (
	// HarnessPart: due, and not handed over to the writer.
	HarnessPart = "harness"
	// WriterPart: handed over to the writer, and not known to be stored.
	WriterPart = "writer"
	// StreamPart: stored, and not read; of the output, not read by some route.
	StreamPart = "stream"
	// EnginePart: read by the aggregator, and not processed.
	EnginePart = "engine"
	// FunctionPart: read by the routes, and missed, given up or handled by not all of them yet.
	FunctionPart = "function"
)

// PartsOf are the parts of the backlog of a place, in the order of the data's way.
func PartsOf(place string) []string {
	switch place {
	case InputBacklog:
		return []string{HarnessPart, WriterPart, StreamPart, EnginePart}
	case OutputBacklog:
		return []string{WriterPart, StreamPart, FunctionPart}
	}
	return nil
}

// Arrivals name what comes to a place, and what the growth of its backlog is in percent of: records of the load come to the input, and rows that fired to the
// output and the table.
func Arrivals(place string) string {
	if place == InputBacklog {
		return "the load"
	}
	return "the rows"
}

// Backlog is the most that waited in one place.
//
//   - input: a record is in it from its due time until the aggregator took it into its windows and its cost was paid, or until it was dropped as late,
//     unreadable, refused for good, or lost.
//   - output: a row is in it from its firing until each route is done with it: its filter did not match it, its invocation succeeded, or the
//     route gave it up.
//   - table: a row is in it from the hand-over to the table, which is its firing in a direct pipeline, until the table's acknowledgement.
//
// At each moment the parts add up to the whole; the most of each may have been at another moment.
type Backlog struct {
	Waited
	// ReadsThrottled counts the reads that the shards' limits did not allow, of all who read the stream.
	ReadsThrottled int64 `json:"reads_throttled"`
	// WritesThrottled counts the answers that a shard's limits did not allow a record, as [Records].Throttled; absent where there was none, and of a phase.
	WritesThrottled int64 `json:"writes_throttled,omitzero"`
	BacklogTrend
	// Grows is the part that grows most, where the trend fails; absent where it does not.
	Grows string `json:"grows,omitempty"`
	// IteratorAge is the most that an answer was behind the tip of its shard, in seconds, by MillisBehindLatest: from the arrival in the stream, of what was
	// read. It is 0 in each answer that reaches the tip, however long its records waited. It is the aggregator's for the input, and absent for the output, whose routes have
	// each their own.
	IteratorAge *float64 `json:"iterator_age_seconds,omitempty"`
	// Parts are those of [PartsOf].
	Parts map[string]BacklogPart `json:"parts,omitempty"`
	// Routes are those of the output, by name.
	Routes map[string]RouteBacklog `json:"routes,omitempty"`
	// Shards are those of the stream, by id: the whole but for the harness's part. Absent in a phase.
	Shards map[string]Waited `json:"shards,omitempty"`
	// MemoryBound is what the books of these records may take of memory, in bytes; absent where that was enough, and of a phase.
	MemoryBound int64 `json:"memory_bound_bytes,omitzero"`
	// Spilled is how many bytes of them went to the disk because it was not enough; absent with MemoryBound.
	Spilled int64 `json:"spilled_bytes,omitzero"`
}

// Largest is the part of a place's backlog that had most records in it. It is empty where no part is known, and where several had equally many, as with rows that
// go from part to part all at once.
func (b *Backlog) Largest(place string) string {
	var most int64
	var largest string
	for _, name := range PartsOf(place) {
		switch n := b.Parts[name].MaxRecords; {
		case n > most:
			most, largest = n, name
		case n == most:
			largest = ""
		}
	}
	return largest
}

// Waited is the most that waited, each figure on its own.
type Waited struct {
	MaxRecords int64 `json:"max_records"`
	// MaxBytes is by the size of the records as AWS counts it, or of the rows' items; absent where it is not known, as of what was not handed over.
	MaxBytes *int64 `json:"max_bytes,omitempty"`
	// MaxSeconds is the greatest time since the oldest one was due. A row is due when the record is that fired it.
	MaxSeconds *float64 `json:"max_seconds"`
}

// BacklogTrend is how fast a backlog grew over the worst hold. All of it is absent where no hold was judged.
type BacklogTrend struct {
	// TrendPercent is the slope in percent of what came in the hold, records or rows that fired (see [Arrivals]), and TrendMargin how unsure it is: with 99 % confidence,
	// the slope is at most their sum.
	TrendPercent *float64 `json:"trend_percent,omitempty"`
	TrendMargin  *float64 `json:"trend_margin_percent,omitempty"`
	// Trend is pass, fail or inconclusive against 1 %.
	Trend string `json:"trend,omitempty"`
	// TrendSeconds is how long the backlog was looked at, and TrendCorrelation how long its noise resembles itself, zero where that is too short to be told.
	TrendSeconds     *float64 `json:"trend_seconds,omitempty"`
	TrendCorrelation *float64 `json:"trend_correlation_seconds,omitempty"`
}

// BacklogPart is one part of a backlog.
type BacklogPart struct {
	Waited
	BacklogTrend
}

// RouteBacklog is what waited for one route: its rows from their firing until it has missed them, given them up, or its invocation succeeded.
type RouteBacklog struct {
	Waited
	// Parts are stream and function, of this route; the writer's part is all routes' alike.
	Parts map[string]Waited `json:"parts,omitempty"`
	// IteratorAge is this route's; see [Backlog].
	IteratorAge *float64 `json:"iterator_age_seconds,omitempty"`
}
