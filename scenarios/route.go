package scenarios

import (
	"slices"
	"time"
)

// Route is one event source mapping: what it lets through goes to its function. Its fields are those of Lambda's CreateEventSourceMapping, with its defaults.
type Route struct {
	// Lambda's event patterns, up to five, ORed, of what is under data. Without any, everything goes through.
	Filters []map[string]any `yaml:"filters,omitempty"`
	// The kinds of the rows that the route is there for. A row of another kind that reaches its function is a leak. Left out, they are those that its filters name,
	// where each of them names some by equality alone.
	Kinds []string `yaml:"kinds,flow,omitempty"`
	// What the rows are handed to. Left out, it writes the table.
	Handler *Handler `yaml:"handler,omitempty"`
	// The most records of an invocation, up to 10,000.
	BatchSize int `yaml:"batch_size"`
	// How long a record waits for others to fill its batch, up to 300s.
	BatchingWindow Duration `yaml:"batching_window"`
	// How many batches of a shard are under way at once, up to 10. The records of a partition key stay in order.
	ParallelizationFactor int `yaml:"parallelization_factor"`
	// How often a batch that fails is tried again before it is given up, up to 10,000; -1 is without end, and its shard waits.
	MaximumRetryAttempts int `yaml:"maximum_retry_attempts"`
	// How old a record may be when it is tried, from 60s to 168h; older ones are given up. Left out, it is any age.
	MaximumRecordAge *Duration `yaml:"maximum_record_age,omitempty"`
	// Whether a batch that fails is split in two.
	BisectBatchOnFunctionError bool `yaml:"bisect_batch_on_function_error"`
	// Whether the function's answer is heeded: of the records that its batchItemFailures name, those from the first on are tried again, and no others.
	ReportBatchItemFailures bool `yaml:"report_batch_item_failures"`
	// The folder for records of what is given up; one that is not absolute is in the run folder. Left out, none are kept.
	OnFailure string `yaml:"on_failure,omitempty"`
	// Where in the output stream the route begins.
	StartingPosition StartingPosition `yaml:"starting_position"`
	// The time of AT_TIMESTAMP, as RFC 3339.
	StartingPositionTimestamp string `yaml:"starting_position_timestamp,omitempty"`
}

// NewRoute is a route with Lambda's defaults, that lets everything through.
func NewRoute() Route {
	var r Route
	r.setDefaults()
	return r
}

func (r *Route) setDefaults() {
	r.BatchSize, r.ParallelizationFactor, r.MaximumRetryAttempts, r.StartingPosition = 100, 1, -1, TrimHorizon
}

// Handler is a function: a built-in one, or a user's own.
type Handler struct {
	// Where a built-in function takes the rows: table, they are written; drop, they are not, and the proof does not look for them.
	To Sink `yaml:"to"`
	// How long each invocation of a built-in function takes before it writes.
	Slow *Distribution[Duration] `yaml:"slow,omitempty"`
	// How often an invocation of a built-in function fails.
	Fail Share `yaml:"fail,omitempty"`
	// The share of the rows that fail every invocation of a built-in function that they are in.
	Poison Share `yaml:"poison,omitempty"`
	// The URL of a function of your own that speaks Lambda's runtime invoke, POST /2015-03-31/functions/function/invocations. The path may be left out.
	Invoke string `yaml:"invoke,omitempty"`
	// Whether your own function writes the rows into the run's table, so that the proof looks for them there. The client context tells it the table.
	Writes bool `yaml:"writes,omitempty"`
	// How many invocations of your own function may be under way at once, as Lambda's reserved concurrency: AWS's emulator takes one. Left out, it is any number.
	Concurrency int `yaml:"concurrency,omitempty"`
	// How long an invocation may take, up to 15m.
	Timeout Duration `yaml:"timeout"`
}

func (h *Handler) setDefaults() { h.To, h.Timeout = ToTable, Duration(3*time.Second) }

func (h *Handler) bare() any { return &h.To }

// DefaultHandler is the one where a scenario names none.
func DefaultHandler() *Handler {
	h := &Handler{}
	h.setDefaults()
	return h
}

// Unseen says that what the function writes is not looked for in the table: it drops the rows, or is a user's own and says nothing of the table.
func (h *Handler) Unseen() bool { return h != nil && (h.To == Drop || h.Invoke != "" && !h.Writes) }

// Draw draws how long an invocation takes; nil is no time.
func (h *Handler) Draw(seed uint64) (func() time.Duration, error) {
	if h.Slow == nil {
		return nil, nil
	}
	numbers := h.Slow.generator()
	draw, err := numbers.Draws(seed)
	if err != nil {
		return nil, err
	}
	return func() time.Duration { return time.Duration(draw()) }, nil
}

// Takes are the kinds of the rows that the route is there for; nil where that is not known. They are read from the scenario and not from what the filters let
// through, for they are what the filters are judged by.
func (r *Route) Takes() []string {
	if r.Kinds != nil {
		return r.Kinds
	}
	var kinds []string
	for _, pattern := range r.Filters {
		data, _ := pattern["data"].(map[string]any)
		values, _ := data["kind"].([]any)
		if len(values) == 0 {
			return nil
		}
		for _, value := range values {
			kind, ok := value.(string)
			if !ok {
				return nil
			}
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
