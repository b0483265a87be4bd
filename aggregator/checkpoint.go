package aggregator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Checkpoints is how an aggregator's state is kept, so that another can go on from there: as Flink does it, with aligned barriers.
//
// A barrier goes through each source subtask, which notes how far each of its shards was read, and on to every window subtask. One that has had the
// barrier of every source subtask has counted exactly what these have noted, and no record more: it notes its panes, by key groups. Of a
// source subtask that is ahead it takes nothing until the others have come to the barrier. Then the sink is asked to make sure of the rows that
// were emitted before, and all is written, the manifest last. A checkpoint without a manifest does not count.
type Checkpoints struct {
	Store Store
	// Every is the time from the start of one checkpoint to the start of the next, as in Flink; one that takes longer has the next one wait.
	// Zero takes none but by [Aggregator.Stop].
	Every time.Duration
	// Of is whose state it is: a checkpoint of something else is refused.
	Of Identity
	// Keep names checkpoints that stay. Of the others the last three do; a savepoint always does.
	Keep []string
}

// Identity is what a state belongs to. Two that differ have nothing to do with each other.
type Identity struct {
	Scenario string `json:"scenario"`
	Stream   string `json:"stream"`
}

// Store keeps small files by their names.
type Store interface {
	// Save writes a file: it is there as a whole, or not at all, whatever breaks meanwhile.
	Save(ctx context.Context, name string, content []byte) error
	// Load reads a file, nil if there is none.
	Load(ctx context.Context, name string) ([]byte, error)
	// Remove removes a file. One that is not there is fine.
	Remove(ctx context.Context, name string) error
	fmt.Stringer
}

// Settler is a [Sink] that can tell when what it took is safe. A checkpoint waits for that, or a row might be lost that was emitted before it; a sink
// that does not tell has to be one that loses nothing.
type Settler interface {
	// Settle returns once every row whose Emit has returned before the call is where it came to stay.
	Settle(ctx context.Context) error
}

var (
	// ErrNoCheckpoint says that there is no such checkpoint.
	ErrNoCheckpoint = errors.New("there is no such checkpoint")
	// ErrCorrupt says that a file of a checkpoint is not as it was written.
	ErrCorrupt = errors.New("the checkpoint is corrupt")
	// ErrOther says that a checkpoint is of something else: of another scenario, stream, window or version.
	ErrOther = errors.New("the checkpoint is not this aggregator's")
)

// Checkpoint is one that is complete.
type Checkpoint struct {
	manifest manifest
	states   []windowState
}

// Name is what it is called: checkpoint-7, or as a savepoint was named.
func (c *Checkpoint) Name() string { return c.manifest.Name }

// Parallelism is that of the aggregator that took it.
func (c *Checkpoint) Parallelism() int { return c.manifest.Parallelism }

// MaxParallelism is the greatest that it can be restored to.
func (c *Checkpoint) MaxParallelism() int { return c.manifest.MaxParallelism }

// Positions are the sequence numbers of the last records, by shard, that are in the state; empty where a shard was not read yet. A shard that is neither
// among them nor unknown is not in the state, nor is any record of it. Of those that are unknown, no record is in the state since they were read from a time on.
func (c *Checkpoint) Positions() (positions map[string]string, unknown []string) {
	positions = make(map[string]string, len(c.manifest.Shards))
	for i := range c.manifest.Shards {
		s := &c.manifest.Shards[i]
		if s.From != nil && s.From.At != nil {
			unknown = append(unknown, s.ID)
			continue
		}
		positions[s.ID] = s.Sequence
	}
	return positions, unknown
}

// CheckpointStatus is what became of an aggregator's checkpoints.
type CheckpointStatus struct {
	Completed, Failed int64
	// Last is the name of the last one that is complete, and how long it took, from the barrier to the manifest; Bytes is its size.
	Last  string
	Took  time.Duration
	Bytes int64
	// Failure is why the last one failed that did.
	Failure error
}

// lastName is the file that names the last checkpoint, savepoints aside.
const lastName = "last"

// kept is how many checkpoints stay that nobody asks for by name.
const keptCheckpoints = 3

// Stop takes a savepoint of that name, and ends the run: nothing is read behind what the savepoint holds, and no window fires that is open. Where the
// savepoint does not come about, the run goes on.
func (a *Aggregator) Stop(ctx context.Context, savepoint string) (*Checkpoint, error) {
	if a.config.Checkpoints == nil {
		return nil, errors.New("aggregator: it keeps no state")
	}
	select {
	case <-a.begun:
	case <-a.ended:
		return nil, errors.New("aggregator: it has ended")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c := a.keeper.Load()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.running, cancel)()
	taken, err := c.take(ctx, savepoint, true)
	if err != nil {
		return nil, fmt.Errorf("aggregator: savepoint %s: %w", savepoint, err)
	}
	a.stop()
	return taken, nil
}

// keep has checkpoints taken, if any are to be.
func (a *Aggregator) keep(ctx context.Context, group *errgroup.Group) error {
	if a.config.Checkpoints == nil {
		return nil
	}
	c := &coordinator{Checkpoints: a.config.Checkpoints, aggregator: a, running: ctx, taking: make(chan struct{}, 1)}
	if err := c.begin(ctx); err != nil {
		return err
	}
	a.keeper.Store(c)
	close(a.begun)
	if c.Every > 0 {
		group.Go(func() error { return c.run(ctx) })
	}
	return nil
}

// checkpoints is what became of them.
func (a *Aggregator) checkpoints() CheckpointStatus {
	c := a.keeper.Load()
	if c == nil {
		return CheckpointStatus{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// coordinator takes an aggregator's checkpoints, one at a time.
type coordinator struct {
	*Checkpoints
	aggregator *Aggregator
	running    context.Context // ends with the run

	taking chan struct{} // holds something for the whole of one
	next   int64
	recent []manifest // the last ones, without savepoints, in their order

	mu     sync.Mutex
	status CheckpointStatus
}

// begin finds what number comes next: one that no other checkpoint of the store has had.
func (c *coordinator) begin(ctx context.Context) error {
	c.next = 1
	if from := c.aggregator.config.Restore; from != nil {
		c.next = from.manifest.Number + 1
	}
	last, err := loadManifest(ctx, c.Checkpoints, "")
	if errors.Is(err, ErrNoCheckpoint) {
		return nil
	}
	if err != nil {
		return err
	}
	c.next = max(c.next, last.Number+1)
	for n := last.Number - keptCheckpoints + 1; n < last.Number; n++ {
		if m, err := loadManifest(ctx, c.Checkpoints, "checkpoint-"+strconv.FormatInt(n, 10)); err == nil {
			c.recent = append(c.recent, m)
		}
	}
	c.recent = append(c.recent, last)
	return nil
}

// run takes a checkpoint every so often, until ctx ends.
func (c *coordinator) run(ctx context.Context) error {
	ticker := time.NewTicker(c.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_, err := c.take(ctx, "", false)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				c.failed(err) // and the next one may do better
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *coordinator) failed(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.Failed++
	c.status.Failure = err
}

// take takes one. With a name it is a savepoint; with stop, the source subtasks read no further once it has passed them.
func (c *coordinator) take(ctx context.Context, savepoint string, stop bool) (*Checkpoint, error) {
	select {
	case c.taking <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.taking }()
	began := c.aggregator.config.Clock.Now()
	number := c.next
	c.next++
	l := c.aggregator.layout.Load()
	b := newBarrier(len(l.sources), stop)
	defer b.resume()
	m, states, err := b.pass(ctx, l)
	if err != nil {
		return nil, err
	}
	if sink, ok := c.aggregator.config.Sink.(Settler); ok {
		if err := sink.Settle(ctx); err != nil {
			return nil, fmt.Errorf("the rows that were emitted before: %w", err)
		}
	}
	m.complete(c, number, savepoint)
	bytes, err := c.write(ctx, &m, states)
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", m.Name, c.Store, err)
	}
	b.done = true
	c.mu.Lock()
	c.status.Completed++
	c.status.Last, c.status.Bytes, c.status.Took = m.Name, bytes, c.aggregator.config.Clock.Now()-began
	c.mu.Unlock()
	if savepoint == "" {
		c.retire(ctx, m)
	}
	return &Checkpoint{manifest: m, states: states}, nil
}

// complete says what the barrier does not.
func (m *manifest) complete(c *coordinator, number int64, savepoint string) {
	config := &c.aggregator.config
	m.Version, m.Number, m.Name, m.Savepoint = manifestVersion, number, savepoint, savepoint != ""
	if savepoint == "" {
		m.Name = "checkpoint-" + strconv.FormatInt(number, 10)
	}
	m.Taken, m.Of, m.Shape = time.Now().UTC(), c.Of, shapeOf(config)
	m.Parallelism, m.MaxParallelism = config.Parallelism, c.aggregator.groups.groups
	m.Counts, m.Incomplete = m.Counts.plus(c.aggregator.before()), c.aggregator.incomplete()
}

// write writes the states, then the manifest, then that it is the last.
func (c *coordinator) write(ctx context.Context, m *manifest, states []windowState) (bytes int64, err error) {
	for i := range states {
		file := states[i].encode()
		name := m.Name + ".state-" + strconv.Itoa(i)
		if err := c.Store.Save(ctx, name, file); err != nil {
			return 0, err
		}
		m.States = append(m.States, stateFileOf(name, file))
		bytes += int64(len(file))
	}
	text, err := m.encode()
	if err != nil {
		return 0, err
	}
	if err := c.Store.Save(ctx, m.Name+manifestSuffix, text); err != nil {
		return 0, err
	}
	if !m.Savepoint {
		err = c.Store.Save(ctx, lastName, sealed([]byte(m.Name)))
	}
	return bytes + int64(len(text)), err
}

// retire removes what no longer stays. What cannot be removed is in nobody's way.
func (c *coordinator) retire(ctx context.Context, m manifest) {
	c.recent = append(c.recent, m)
	for len(c.recent) > keptCheckpoints {
		old := c.recent[0]
		c.recent = c.recent[1:]
		if slices.Contains(c.Keep, old.Name) {
			continue
		}
		_ = c.Store.Remove(ctx, old.Name+manifestSuffix)
		for _, file := range old.States {
			_ = c.Store.Remove(ctx, file.Name)
		}
	}
}

// LoadCheckpoint reads a checkpoint by its name, or the last that is complete where the name is empty, and checks every byte of it. The error wraps
// [ErrNoCheckpoint], [ErrCorrupt] or [ErrOther] where one of them is the matter, and names the file.
func LoadCheckpoint(ctx context.Context, c *Checkpoints, name string) (*Checkpoint, error) {
	m, err := loadManifest(ctx, c, name)
	if err != nil {
		return nil, err
	}
	one := &Checkpoint{manifest: m}
	for _, state := range m.States {
		if err := one.load(ctx, c.Store, state); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", c.Store, state.Name, err)
		}
	}
	return one, nil
}

func loadManifest(ctx context.Context, c *Checkpoints, name string) (m manifest, err error) {
	if name == "" {
		if name, err = lastCheckpoint(ctx, c.Store); err != nil {
			return m, err
		}
	}
	file := name + manifestSuffix
	text, err := c.Store.Load(ctx, file)
	if err != nil {
		return m, err
	}
	if text == nil {
		return m, fmt.Errorf("%w: %s has no %s", ErrNoCheckpoint, c.Store, file)
	}
	if err = m.decode(text); err == nil {
		err = m.isOf(c.Of)
	}
	if err != nil {
		return m, fmt.Errorf("%s/%s: %w", c.Store, file, err)
	}
	return m, nil
}

// lastCheckpoint is the name of the last one that is complete.
func lastCheckpoint(ctx context.Context, store Store) (string, error) {
	text, err := store.Load(ctx, lastName)
	if err != nil {
		return "", err
	}
	if text == nil {
		return "", fmt.Errorf("%w: none is complete in %s", ErrNoCheckpoint, store)
	}
	name, err := unsealed(text)
	if err != nil {
		return "", fmt.Errorf("%s/%s: %w", store, lastName, err)
	}
	return string(name), nil
}

func (c *Checkpoint) load(ctx context.Context, store Store, file stateFile) error {
	content, err := store.Load(ctx, file.Name)
	switch {
	case err != nil:
		return err
	case content == nil:
		return fmt.Errorf("%w: the file is missing", ErrCorrupt)
	case int64(len(content)) != file.Bytes:
		return fmt.Errorf("%w: it has %d bytes, and had %d", ErrCorrupt, len(content), file.Bytes)
	case stateFileOf(file.Name, content) != file:
		return fmt.Errorf("%w: its checksum is not what it was", ErrCorrupt)
	}
	state, err := decodeState(content)
	if err != nil {
		return err
	}
	c.states = append(c.states, state)
	return nil
}
