package routing

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"weir/record"
)

// BuiltinConfig is what a [Builtin] is made with.
type BuiltinConfig struct {
	// Table takes the rows; nil drops them.
	Table Table
	// Timeout is the function's: Lambda's default is 3 s, and the most that it allows 15 min. Zero is without end.
	Timeout time.Duration
	// Slow draws how long an invocation takes before it writes; nil is no time.
	Slow func() time.Duration
	// Fail is how often an invocation fails, from 0 to 1. Poison is the share of the rows that fail each invocation that they are in.
	Fail, Poison float64
	// Report has the function tell the first poisonous row of a batch, where it would else fail it.
	Report bool
	// Seed chooses what fails.
	Seed uint64
}

// Builtin is a function that takes its time, fails, and writes rows into a table or drops them. It fails before it writes, but for a batch of which it reports
// the first row that failed: what is before that is written.
type Builtin struct {
	config BuiltinConfig

	mu     sync.Mutex
	random *rand.Rand
}

// NewBuiltin makes a function.
func NewBuiltin(config BuiltinConfig) *Builtin {
	return &Builtin{config: config, random: rand.New(rand.NewPCG(config.Seed, 0))}
}

// Invoke takes its time, fails or not, and writes.
func (b *Builtin) Invoke(ctx context.Context, batch *Batch) (Answer, error) {
	within, cancel := ctx, context.CancelFunc(func() {})
	if b.config.Timeout > 0 {
		within, cancel = context.WithTimeoutCause(ctx, b.config.Timeout, errTimeout)
	}
	defer cancel()
	answer, err := b.invoke(within, batch)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(within), errTimeout) {
		return Answer{}, failedf(TimedOut, "%w: %s", errTimeout, b.config.Timeout)
	}
	return answer, err
}

var errTimeout = errors.New("the function had not answered when its time was over")

func (b *Builtin) invoke(ctx context.Context, batch *Batch) (Answer, error) {
	if b.config.Slow != nil {
		if err := sleep(ctx, b.config.Slow()); err != nil {
			return Answer{}, err
		}
	}
	if b.config.Fail > 0 && b.draw() < b.config.Fail {
		return Answer{}, failedf(Errored, "the scenario has it fail")
	}
	items, answer := batch.Items, Answer{}
	if i := b.poisonous(items); i < len(items) {
		if !b.config.Report {
			return Answer{}, failedf(Errored, "the scenario has row %s fail it", items[i].Row.RowID)
		}
		items, answer.Refused = items[:i], []string{items[i].Sequence}
	}
	if rows := rows(items); b.config.Table != nil && len(rows) > 0 {
		if err := b.config.Table.Handle(ctx, rows); err != nil {
			return Answer{}, err
		}
	}
	return answer, nil
}

func (b *Builtin) draw() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.random.Float64()
}

// poisonous is the first item that fails whatever batch it is in.
func (b *Builtin) poisonous(items []Item) int {
	if b.config.Poison <= 0 {
		return len(items)
	}
	for i := range items {
		if !items[i].Foreign && b.poisons(items[i].Row.RowID) {
			return i
		}
	}
	return len(items)
}

// poisons is a pure function of the seed and the row.
func (b *Builtin) poisons(id record.RowID) bool {
	hash := fnv.New64a()
	_, _ = hash.Write(binary.BigEndian.AppendUint64(nil, uint64(id.WindowStart)))
	_, _ = hash.Write([]byte(id.Kind + "\x00" + id.Key))
	return rand.New(rand.NewPCG(b.config.Seed, hash.Sum64())).Float64() < b.config.Poison
}

// sleep waits, or ends with ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
