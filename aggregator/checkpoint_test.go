package aggregator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/measure/oracle"
	"weir/record"
)

// files is a store in memory.
type files struct {
	mu  sync.Mutex
	all map[string][]byte
	// refuse, if set, says which files cannot be saved.
	refuse func(name string) error
}

func newFiles() *files { return &files{all: make(map[string][]byte)} }

func (*files) String() string { return "memory" }

func (f *files) Save(_ context.Context, name string, content []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		if err := f.refuse(name); err != nil {
			return err
		}
	}
	f.all[name] = bytes.Clone(content)
	return nil
}

func (f *files) Load(_ context.Context, name string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return bytes.Clone(f.all[name]), nil
}

func (f *files) Remove(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.all, name)
	return nil
}

func (f *files) names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.all))
}

// tape is a stream that can be read from any place, page by page, each of which takes a millisecond.
type tape struct {
	shards  []record.Shard
	records map[string][]record.Stored
	// children are those of the shards that end.
	children map[string][]record.Shard
	page     int
	// uneven has each shard read at a pace of its own, and at another one from another position on.
	uneven bool
}

func (s *tape) Shards(context.Context) ([]record.Shard, error) { return s.shards, nil }

func (s *tape) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	left := s.records[shard.ID]
	if from.Kind == record.AfterSequence {
		for len(left) > 0 && record.CompareSequence(left[0].Sequence, from.Sequence) <= 0 {
			left = left[1:]
		}
	}
	pace := time.Millisecond
	if s.uneven {
		pace = time.Duration(1+(len(left)+7*len(shard.ID)+int(shard.ID[len(shard.ID)-1]))%5) * time.Millisecond
	}
	for {
		time.Sleep(pace)
		n := min(s.page, len(left))
		page := record.Page{Shard: shard.ID, Records: slices.Clone(left[:n])}
		left = left[n:]
		page.Children = s.children[shard.ID]
		page.End = len(left) == 0 && page.Children != nil
		if !page.End {
			page.Children = nil
		}
		if err := asked(ctx, to, page); err != nil || page.End {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// desk is a sink that loses what it holds with the process that it is in, and a table that does not.
type desk struct {
	mu    sync.Mutex
	held  []record.Fired
	table map[record.RowID]record.Row
	late  map[string]bool
	// oracle, if set, is told what came late, and of restarts.
	oracle *oracle.Oracle
}

func (d *desk) Emit(_ context.Context, rows []record.Fired) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = append(d.held, rows...)
	if len(d.held) > 8 { // half of it is written at times
		d.write(len(d.held) / 2)
	}
	return nil
}

func (d *desk) write(n int) {
	for _, r := range d.held[:n] {
		d.table[r.RowID] = r.Row
	}
	d.held = d.held[n:]
}

func (d *desk) Settle(context.Context) error {
	time.Sleep(500 * time.Microsecond)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.write(len(d.held))
	return nil
}

// dies loses what is held, as a process does that is killed.
func (d *desk) dies() { d.held = nil }

// rewinds tells the oracle where the next aggregator goes on, nil for the start.
func (d *desk) rewinds(to *Checkpoint) {
	var positions map[string]string
	var unknown []string
	if to != nil {
		positions, unknown = to.Positions()
	}
	if d.oracle != nil {
		d.oracle.Rewound(positions, unknown)
	}
}

func (d *desk) Late(late []record.Late) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.oracle != nil {
		d.oracle.Late(late...)
	}
	for _, l := range late {
		if l.Dropped {
			d.late[l.ID.Sequence] = true
		}
	}
}

func (*desk) Unreadable(record.ID, []byte, error) {}
func (*desk) Fired([]record.Fired, time.Duration) {}

func (*desk) Processed(string, []int64, time.Duration) {}

// drawTape draws a stream. Of one shard the records may come late, for then which do is a function of the input alone; of several, each is in order.
func drawTape(t *rapid.T) (*tape, []*modelRecord) {
	count := rapid.IntRange(1, 4).Draw(t, "shards")
	s := &tape{records: make(map[string][]record.Stored), children: make(map[string][]record.Shard), page: rapid.IntRange(1, 5).Draw(t, "page")}
	s.shards = shardsOf(count)
	var all []*modelRecord
	open := slices.Clone(s.shards)
	ts := int64(0)
	resharded := false
	for n := range rapid.IntRange(10, 150).Draw(t, "records") {
		r := drawRecord(t, n)
		if count > 1 || resharded {
			ts += rapid.Int64Range(0, 4).Draw(t, "step")
			r.ts = ts
			r.Data = []byte(eventOf(r.kind, splitName(r.key), ts, ""))
			r.hasValue, r.flush, r.unreadable = false, false, false
			r.PartitionKey = "p"
		} else if r.flush {
			continue // of one in the middle, nothing more would be counted
		}
		at := rapid.IntRange(0, len(open)-1).Draw(t, "shard")
		all = append(all, &r)
		s.records[open[at].ID] = append(s.records[open[at].ID], r.Stored)
		if count > 1 && rapid.IntRange(0, 40).Draw(t, "reshard") == 0 {
			open = s.split(open, at)
			resharded = true
		}
	}
	for i, shard := range open {
		f := flush(10_000 + i)
		s.records[shard.ID] = append(s.records[shard.ID], f)
	}
	return s, all
}

func splitName(key string) string { return strings.ReplaceAll(key, `\`, "") }

// split splits an open shard in two.
func (s *tape) split(open []record.Shard, at int) []record.Shard {
	was := open[at]
	middle := record.HashKey{Hi: was.Start.Hi/2 + was.End.Hi/2}
	number := len(s.shards)
	for _, children := range s.children {
		number += len(children)
	}
	one := record.Shard{ID: "shard-" + strconv.Itoa(100+number), Start: was.Start, End: record.HashKey{Hi: middle.Hi - 1, Lo: 1<<64 - 1}, Parents: []string{was.ID}}
	two := record.Shard{ID: "shard-" + strconv.Itoa(101+number), Start: middle, End: was.End, Parents: []string{was.ID}}
	s.children[was.ID] = []record.Shard{one, two}
	return append(slices.Delete(slices.Clone(open), at, at+1), one, two)
}

// tableOf are the rows that the model makes of records in their order, and the records that it drops.
func tableOf(config *Config, records []*modelRecord) (rows map[record.RowID]record.Row, late map[string]bool) {
	m := newModel(config, 1)
	for _, r := range records {
		m.take("s", r)
	}
	end := modelRecord{ts: 1 << 50, flush: true}
	m.take("s", &end)
	rows, late = make(map[record.RowID]record.Row), make(map[string]bool)
	for _, f := range m.fired {
		rows[f.RowID] = f.Row
	}
	for _, sequence := range m.late {
		late[sequence] = true
	}
	return rows, late
}

// life is one aggregator's between two restarts.
type life struct {
	parallelism int
	lasts       time.Duration
	savepoint   bool
}

// survive runs a stream through aggregators, of which each but the last is killed or stopped, and the next goes on from its last checkpoint or its
// savepoint. It gives the status of the last.
func survive(t *testing.T, config Config, stream *tape, d *desk, lives []life) (status Status) {
	synctest.Test(t, func(t *testing.T) {
		config.Source, config.Sink, config.Observer, config.Fields = stream, d, d, record.DefaultFields()
		config.Clock = record.NewClock(time.Now())
		for i, one := range lives {
			config.Parallelism = one.parallelism
			a := New(config)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- a.Run(ctx, record.Position{}) }()
			time.Sleep(one.lasts)
			var err error
			if one.savepoint {
				config.Restore, err = a.Stop(ctx, "savepoint-"+strconv.Itoa(i))
				config.Incomplete = nil // the savepoint knows
			} else if i == len(lives)-1 {
				synctest.Wait()
			}
			if err != nil {
				t.Error(err)
			}
			status = a.Status()
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("life %d: %v", i, err)
			}
			if i == len(lives)-1 {
				continue
			}
			if one.savepoint {
				d.rewinds(config.Restore)
				continue
			}
			d.dies()
			config.Restore, err = LoadCheckpoint(t.Context(), config.Checkpoints, "")
			if errors.Is(err, ErrNoCheckpoint) {
				config.Restore = nil // it is so young that it begins anew
			} else if err != nil {
				t.Error(err)
			}
			d.rewinds(config.Restore)
		}
	})
	return status
}

// survival is a stream, and the lives of the aggregators that read it.
type survival struct {
	config  Config
	stream  *tape
	records []*modelRecord
	lives   []life
}

func drawSurvival(r *rapid.T) survival {
	s := survival{config: drawConfig(r)}
	s.config.Assign = rapid.SampledFrom([]Assign{Uniform, Balanced}).Draw(r, "assign")
	s.config.Checkpoints = &Checkpoints{Store: newFiles(), Every: time.Duration(rapid.IntRange(2, 9).Draw(r, "every")) * time.Millisecond}
	s.stream, s.records = drawTape(r)
	if len(s.stream.shards) > 1 { // of two records at one time, the other shard's would be late by this one's in the model
		s.config.OutOfOrderness += time.Millisecond
		s.config.Watermark.PerSubtask = false // with one for several shards, what is late hangs on which of them is read first
	}
	// Records that cost something fill the queues, so that the barriers of source subtasks come apart.
	if cost := time.Duration(rapid.IntRange(0, 3).Draw(r, "cost")) * time.Millisecond; cost > 0 {
		s.config.Cost = &Cost{Draw: func(int) func() time.Duration { return func() time.Duration { return cost } }}
	}
	for range rapid.IntRange(1, 4).Draw(r, "lives") {
		s.lives = append(s.lives, life{
			parallelism: rapid.IntRange(1, 5).Draw(r, "parallelism"), lasts: time.Duration(rapid.IntRange(1, 60_000).Draw(r, "lasts")) * time.Microsecond,
			savepoint: rapid.Bool().Draw(r, "savepoint"),
		})
	}
	s.lives = append(s.lives, life{parallelism: rapid.IntRange(1, 5).Draw(r, "parallelism"), lasts: time.Second})
	return s
}

// check says what is not as if nothing had happened.
func (s *survival) check(t *testing.T) (wrong string) {
	d := &desk{table: make(map[record.RowID]record.Row), late: make(map[string]bool)}
	status := survive(t, s.config, s.stream, d, s.lives)
	d.write(len(d.held))
	rows, late := tableOf(&s.config, s.records)
	if diff := gocmp.Diff(rows, d.table); diff != "" {
		wrong += "rows: " + diff
	}
	if diff := gocmp.Diff(late, d.late); diff != "" {
		wrong += "late records: " + diff
	}
	if got := status.Counted + status.Late + status.Unreadable; got != int64(len(s.records)) || status.Read != got || status.Late != int64(len(late)) {
		wrong += fmt.Sprintf("%+v, of %d records, %d late", status, len(s.records), len(late))
	}
	return wrong
}

// Killed at any moment, or stopped with a savepoint, and restored at any parallelism, with reshards in between: the table ends up as if nothing had
// happened, and every record was counted once.
func TestRowsAreRightWhateverWasKilled(t *testing.T) {
	draw := rapid.Custom(drawSurvival)
	for seed := range 8 {
		s := draw.Example(seed)
		if wrong := s.check(t); wrong != "" {
			t.Errorf("seed %d: %s", seed, wrong)
		}
	}
}

// The same with as many streams as take a while, and the smallest that is wrong named.
func TestProveRowsAreRightWhateverWasKilled(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	rapid.Check(t, func(r *rapid.T) {
		s := drawSurvival(r)
		if wrong := s.check(t); wrong != "" {
			r.Fatal(wrong)
		}
	})
}

// taken is an aggregator's store after a while, with some checkpoints in it.
func taken(t *testing.T, config *Config) *files {
	store := newFiles()
	config.Parallelism, config.Window, config.OutOfOrderness = 2, time.Second, time.Second
	config.Checkpoints = &Checkpoints{Store: store, Every: 10 * time.Millisecond, Of: Identity{Scenario: "flights", Stream: "input"}}
	stream := &tape{shards: shardsOf(2), records: make(map[string][]record.Stored), page: 3}
	for n := range 200 {
		id := stream.shards[n%2].ID
		stream.records[id] = append(stream.records[id], stored(n, eventOf("kind", "key"+strconv.Itoa(n%40), int64(n), "1.25")))
	}
	d := &desk{table: make(map[record.RowID]record.Row), late: make(map[string]bool)}
	survive(t, *config, stream, d, []life{{parallelism: 2, lasts: 65 * time.Millisecond}})
	config.Fields = record.DefaultFields()
	return store
}

func TestTheLastThreeCheckpointsStayAndThoseAskedForByName(t *testing.T) {
	var config Config
	store := taken(t, &config)
	want := []string{"last"}
	for _, n := range []string{"4", "5", "6"} {
		want = append(want, "checkpoint-"+n+".manifest", "checkpoint-"+n+".state-0", "checkpoint-"+n+".state-1")
	}
	slices.Sort(want)
	if diff := gocmp.Diff(want, store.names()); diff != "" {
		t.Error(diff)
	}
	last, err := LoadCheckpoint(t.Context(), config.Checkpoints, "")
	if err != nil || last.Name() != "checkpoint-6" || last.Parallelism() != 2 || last.MaxParallelism() != 128 || len(last.manifest.Shards) != 2 {
		t.Errorf("%+v, %v", last, err)
	}
}

// Whatever byte of whatever file is another, or missing, or too many: it is found, and the file named.
func TestACorruptCheckpointIsFound(t *testing.T) {
	var config Config
	store := taken(t, &config)
	for name, content := range store.all {
		if name != lastName && !strings.HasPrefix(name, "checkpoint-6.") {
			continue
		}
		spoilt := [][]byte{content[:len(content)-1], content[:0], append(bytes.Clone(content), 'x')}
		for i := 0; i < len(content); i += max(1, len(content)/97) {
			other := bytes.Clone(content)
			other[i] ^= 1 << (i % 8)
			spoilt = append(spoilt, other)
		}
		for _, spoilt := range spoilt {
			store.all[name] = spoilt
			if _, err := LoadCheckpoint(t.Context(), config.Checkpoints, ""); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "memory/"+name) {
				t.Fatalf("%s: %v", name, err)
			}
		}
		delete(store.all, name)
		if _, err := LoadCheckpoint(t.Context(), config.Checkpoints, ""); !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNoCheckpoint) || !strings.Contains(err.Error(), "memory") {
			t.Fatalf("%s is gone: %v", name, err)
		}
		store.all[name] = content
	}
	if _, err := LoadCheckpoint(t.Context(), config.Checkpoints, "checkpoint-1"); !errors.Is(err, ErrNoCheckpoint) {
		t.Error(err)
	}
}

// A state that is whole, and of as many bytes, but of another checkpoint of that name or of another subtask: what it holds would be counted twice.
func TestAStateOfAnotherCheckpointIsFound(t *testing.T) {
	var config Config
	store := taken(t, &config)
	const name = "checkpoint-6.state-0"
	s, err := decodeState(store.all[name])
	if err != nil {
		t.Fatal(err)
	}
	s.watermark-- // which takes as many bytes
	if other := s.encode(); len(other) != len(store.all[name]) {
		t.Fatalf("%d bytes, and not %d", len(other), len(store.all[name]))
	} else {
		store.all[name] = other
	}
	if _, err := LoadCheckpoint(t.Context(), config.Checkpoints, ""); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "memory/"+name) {
		t.Error(err)
	}
}

func TestACheckpointOfSomethingElseIsRefused(t *testing.T) {
	var config Config
	store := taken(t, &config)
	for want, of := range map[string]Identity{
		`of scenario "flights", and not of "orders"`: {Scenario: "orders", Stream: "input"},
		`of stream "input", and not of "other"`:      {Scenario: "flights", Stream: "other"},
	} {
		c := Checkpoints{Store: store, Of: of}
		if _, err := LoadCheckpoint(t.Context(), &c, ""); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
		// Nor does an aggregator write its own among them.
		other := config
		other.Checkpoints, other.Source, other.Sink, other.Observer, other.Clock = &c, one(nil, 1), new(kept), new(kept), record.NewClock(time.Now())
		if err := New(other).Run(t.Context(), record.Position{}); !errors.Is(err, ErrOther) {
			t.Error(err)
		}
	}
	last, err := LoadCheckpoint(t.Context(), config.Checkpoints, "")
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		`"window":"2s"`:               func(c *Config) { c.Window = 2 * time.Second },
		`"key":["id"]`:                func(c *Config) { c.Fields.Key = []string{"id"} },
		"128 key groups, and not 256": func(c *Config) { c.MaxParallelism = 256 },
		"the greatest parallelism that it can be restored to, and not 129": func(c *Config) { c.Parallelism = 129 },
	} {
		changed := config
		changed.Source, changed.Sink, changed.Observer, changed.Clock, changed.Restore = one(nil, 1), new(kept), new(kept), record.NewClock(time.Now()), last
		change(&changed)
		if err := New(changed).Run(t.Context(), record.Position{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	newer := last.manifest
	newer.Version = 2
	if store.all["checkpoint-6.manifest"], err = newer.encode(); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadCheckpoint(t.Context(), config.Checkpoints, ""); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), "version 2") {
		t.Error(err)
	}
}

// A checkpoint whose manifest could not be written does not count; the aggregator goes on, and says so.
func TestACheckpointThatCannotBeWrittenDoesNotCount(t *testing.T) {
	store := newFiles()
	store.refuse = func(name string) error {
		if strings.Contains(name, "3.manifest") || strings.Contains(name, "saved.state-0") {
			return errors.New("the disk is full")
		}
		return nil
	}
	config := seconds(1)
	config.Checkpoints = &Checkpoints{Store: store, Every: 10 * time.Millisecond, Keep: []string{"checkpoint-1"}}
	stream := &tape{shards: shardsOf(1), records: map[string][]record.Stored{}, page: 1}
	synctest.Test(t, func(t *testing.T) {
		config.Source, config.Sink, config.Observer, config.Fields, config.Clock = stream, new(kept), new(kept), record.DefaultFields(), record.NewClock(time.Now())
		a := New(config)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx, record.Position{}) }()
		time.Sleep(35 * time.Millisecond)
		s := a.Status().Checkpoints
		if s.Completed != 2 || s.Failed != 1 || s.Last != "checkpoint-2" || s.Failure == nil || !strings.Contains(s.Failure.Error(), "checkpoint-3 in memory: the disk is full") {
			t.Errorf("%+v", s)
		}
		if c, err := LoadCheckpoint(t.Context(), config.Checkpoints, ""); err != nil || c.Name() != "checkpoint-2" {
			t.Errorf("the last is %v, %v", c, err)
		}
		if _, err := a.Stop(ctx, "saved"); err == nil || !strings.Contains(err.Error(), "savepoint saved: saved in memory: the disk is full") {
			t.Error(err)
		}
		time.Sleep(time.Minute) // it goes on
		if s := a.Status().Checkpoints; s.Completed < 1000 {
			t.Errorf("%+v", s)
		}
		if _, err := LoadCheckpoint(t.Context(), config.Checkpoints, "checkpoint-1"); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func FuzzDecodeState(f *testing.F) {
	s := windowState{first: 3, end: 9, watermark: -5, groups: []groupState{{group: 4, cells: 1, bytes: []byte("cells")}}}
	f.Add(s.encode())
	f.Add([]byte(stateMagic))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := decodeState(file)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Error(err)
			}
			return
		}
		again, err := decodeState(s.encode())
		if err != nil || fmt.Sprint(again) != fmt.Sprint(s) {
			t.Errorf("%v became %v: %v", s, again, err)
		}
	})
}

// began notes from where each shard is read, and gives nothing.
type began struct {
	mu   sync.Mutex
	from []record.Position
}

func (*began) Shards(context.Context) ([]record.Shard, error) { return shardsOf(1), nil }

func (b *began) Read(ctx context.Context, _ record.Shard, from record.Position, _ record.Receiver) error {
	b.mu.Lock()
	b.from = append(b.from, from)
	b.mu.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

// Restored an hour later, a shard of which nothing was read goes on from where the tip was, and not from where it is.
func TestAStartAtTheTipIsAStartAtThatTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := new(began)
		config := seconds(1)
		config.Source, config.Sink, config.Observer, config.Fields, config.Clock = source, new(kept), new(kept), record.DefaultFields(), record.NewClock(time.Now())
		config.Checkpoints = &Checkpoints{Store: newFiles()}
		tip := time.Now()
		for range 2 {
			a := New(config)
			ended := make(chan error, 1)
			go func() { ended <- a.Run(t.Context(), record.Position{Kind: record.Latest}) }()
			if _, err := a.Stop(t.Context(), "stopped"); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			var err error
			if config.Restore, err = LoadCheckpoint(t.Context(), config.Checkpoints, "stopped"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		for i, from := range source.from {
			if from.Kind != record.AtTimestamp || !from.Timestamp.Equal(tip) {
				t.Errorf("start %d: %+v, and the tip was at %v", i, from, tip)
			}
		}
		if len(source.from) != 2 {
			t.Errorf("%d starts", len(source.from))
		}
	})
}

// An aggregator that begins without a state makes no row of windows that it may not know whole. One that goes on from its checkpoint does not, either: the
// records that the state lacks would be missing from them.
func TestAWindowThatIsNotWholeStaysSoOverARestart(t *testing.T) {
	config := seconds(0)
	config.Checkpoints = &Checkpoints{Store: newFiles()}
	config.Incomplete = new(int64(500)) // in the middle of the window from 0
	stream := &tape{shards: shardsOf(1), records: make(map[string][]record.Stored), page: 1}
	for n, ts := range []int64{600, 700, 800, 1500, 2500} {
		stream.records[stream.shards[0].ID] = append(stream.records[stream.shards[0].ID], stored(n, eventOf("k", "a", ts, "1")))
	}
	d := &desk{table: make(map[record.RowID]record.Row), late: make(map[string]bool)}
	status := survive(t, config, stream, d, []life{
		{parallelism: 2, lasts: 1500 * time.Microsecond, savepoint: true}, // after the first record
		{parallelism: 1, lasts: 2 * time.Millisecond, savepoint: true},
		{parallelism: 3, lasts: time.Second},
	})
	d.write(len(d.held))
	if status.Suppressed != 3 || status.Counted != 2 {
		t.Errorf("%+v", status)
	}
	for id := range d.table {
		if id.WindowStart < 1000 {
			t.Errorf("a row of a window that is not whole: %+v", d.table[id])
		}
	}
	if len(d.table) != 1 {
		t.Errorf("rows: %v", d.table)
	}
}
