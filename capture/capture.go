// Package capture writes the records of a stream into files, as they arrive, with all that brings them back: a recording of production that replay reads.
//
// A file is whole or not there, and the checkpoint behind it says how far the capture has come in each shard. So whatever ends it, and whenever, it
// goes on where it was, and each record is in it once.
package capture

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/record"
	"weir/stream/lineage"
)

// Source is the stream, as stream.Reader serves it, with KPL aggregates opened.
type Source interface {
	// Shards are all shards of the stream, closed ones too.
	Shards(ctx context.Context) ([]record.Shard, error)
	// Read hands over every page of a shard in order, from the position on, until ctx ends, a delivery fails, or after the page that carries End.
	Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error
}

// Config is what a capture is made with. Zero stands for the default of a field that has one.
type Config struct {
	Source Source
	// Stream is its name.
	Stream string
	Store  Store
	// Lines, if set, gets the records' lines as they come, and nothing is written to a Store: there is none, nor a checkpoint.
	Lines io.Writer
	// From is where a capture begins that is new.
	From record.Position
	// UntilTip ends the capture once each shard was read to its tip.
	UntilTip bool
	// Pseudonyms, if set, stand in the place of what they name.
	Pseudonyms *Pseudonyms
	// FileBytes and FileTime bound what a file holds, before it is compressed, and for how long it is written. Defaults 64 MiB and a minute.
	FileBytes int
	FileTime  time.Duration
}

const (
	defaultFileBytes = 64 << 20
	defaultFileTime  = time.Minute
)

// Counts are what a capture has written, since it was begun.
type Counts struct {
	Records int64 `json:"records"`
	Files   int64 `json:"files"`
	// Withheld are the records that no pseudonym could be put into, for they are no JSON object, have a member twice, or an array on the way to a field: they are not written.
	Withheld int64 `json:"withheld"`
	// Sample names the first of these.
	Sample *record.ID `json:"sample,omitempty"`
	// Absent are the paths of pseudonyms that no record of this run had.
	Absent []string `json:"absent,omitempty"`
}

// Capture runs once.
type Capture struct {
	config  Config
	lineage *lineage.Lineage
	group   *errgroup.Group

	mu    sync.Mutex // guards what follows
	file  *file      // nil where nothing was written since the last one
	state checkpoint
	begun bool // by an earlier run, whose checkpoint was found
	// release gives the place back; nil where none was claimed.
	release func() error
	tips    map[string]bool // shards that were not yet read to their tip
	atTip   chan struct{}   // closed when there are none
}

// New makes a capture that has written nothing.
func New(c Config) *Capture {
	if c.FileBytes == 0 {
		c.FileBytes = defaultFileBytes
	}
	if c.FileTime == 0 {
		c.FileTime = defaultFileTime
	}
	return &Capture{config: c, tips: make(map[string]bool), atTip: make(chan struct{})}
}

// Run captures until ctx ends, which is no error, until the tip where that is asked for, or until something fails. What was read by then is in whole
// files, and the checkpoint is behind it; with an error, it is so up to the last checkpoint.
func (c *Capture) Run(ctx context.Context) (Counts, error) {
	err := c.run(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		err = c.finish(ctx)
	}
	if c.release != nil {
		err = errors.Join(err, c.release())
	}
	counts := c.state.Counts
	if c.config.Pseudonyms != nil {
		counts.Absent = c.config.Pseudonyms.Absent()
	}
	if err != nil {
		return counts, fmt.Errorf("capture stream %s: %w", c.config.Stream, err)
	}
	return counts, nil
}

// run reads and writes, until it is told to stop.
func (c *Capture) run(ctx context.Context) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	shards, err := c.config.Source.Shards(reading)
	if err == nil {
		err = c.begin(reading)
	}
	if err == nil {
		c.group, reading = errgroup.WithContext(reading)
		c.group.Go(func() error { return c.start(reading, shards) })
		c.group.Go(func() error { return c.roll(reading) })
		c.group.Go(func() error {
			select {
			case <-c.atTip:
				stop()
			case <-reading.Done():
			}
			return nil
		})
		err = c.group.Wait()
	}
	told := ctx.Err()
	if told == nil && c.tipReached() {
		told = context.Canceled
	}
	if told != nil && errors.Is(err, told) {
		return nil
	}
	return err
}

func (c *Capture) tipReached() bool {
	select {
	case <-c.atTip:
		return true
	default:
		return false
	}
}

// begin reads the checkpoint of a capture that was stopped, or makes the first.
func (c *Capture) begin(ctx context.Context) error {
	if c.config.Lines != nil {
		c.state = checkpoint{From: start(c.config.From), Shards: make(map[string]*progress), Listed: make(map[string]bool)}
		return nil
	}
	found, release, err := c.config.Store.Open(ctx)
	c.release = release
	if err != nil {
		return err
	}
	c.begun = found != nil
	if c.begun {
		err = c.state.parse(found)
	} else {
		c.state = checkpoint{
			Version: checkpointVersion, Stream: c.config.Stream, From: start(c.config.From), Began: time.Now().UTC(),
			Shards: make(map[string]*progress), Listed: make(map[string]bool),
		}
	}
	if err == nil && c.state.Stream != c.config.Stream {
		err = fmt.Errorf("%w: %s holds a capture of stream %s", ErrOther, c.config.Store, c.state.Stream)
	}
	if err != nil {
		return err
	}
	c.state.Capture = rand.Text()
	return nil
}

// start reads the shards, each from where the capture is in it.
func (c *Capture) start(ctx context.Context, shards []record.Shard) error {
	c.lineage = lineage.New(shards)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, shard := range shards {
		from, ended := c.position(&shard)
		if !ended {
			c.read(ctx, shard, from)
			continue
		}
		if _, err := c.lineage.End(shard.ID, nil); err != nil {
			return err
		}
	}
	if c.config.Lines == nil { // or what comes until there is a file would be lost with this run, and a place in S3 would not be this capture's
		if err := c.state.save(ctx, c.config.Store); err != nil {
			return err
		}
	}
	c.reached("")
	return nil
}

// position is where to go on in a shard, of those that were there when the capture begins or goes on.
func (c *Capture) position(s *record.Shard) (from record.Position, ended bool) {
	p := c.state.Shards[s.ID]
	switch {
	case p != nil && p.Ended:
		return from, true
	case p != nil && p.Sequence != "":
		return record.Position{Kind: record.AfterSequence, Sequence: p.Sequence}, false
	case c.begun && !c.state.Listed[s.ID]:
		return record.Position{}, false // it came of a reshard since the capture began
	case c.begun && c.state.From.Kind == record.Latest:
		return record.Position{Kind: record.AtTimestamp, Timestamp: c.state.Began}, false
	}
	c.state.Listed[s.ID] = true
	return record.Position(c.state.From), false
}

// read reads a shard to its end, once those that it came of were, and then those that came of it. The lock is held.
func (c *Capture) read(ctx context.Context, shard record.Shard, from record.Position) {
	c.tips[shard.ID] = true
	c.group.Go(func() error {
		if err := c.lineage.Wait(ctx, &shard); err != nil {
			return err
		}
		var children []record.Shard
		err := c.config.Source.Read(ctx, shard, from, record.ReceiverFunc(func(ctx context.Context, page record.Page) error {
			children = page.Children
			return c.take(ctx, &shard, &page)
		}))
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		born, err := c.lineage.End(shard.ID, children)
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, child := range born {
			c.read(ctx, child, record.Position{})
		}
		c.reached(shard.ID)
		return err
	})
}

// take writes a page.
func (c *Capture) take(ctx context.Context, shard *record.Shard, page *record.Page) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.put(ctx, shard, page); err != nil {
		return err
	}
	if page.Behind == 0 && !page.End {
		c.reached(shard.ID)
	}
	return nil
}

// put writes a page to where it is to go. The lock is held.
func (c *Capture) put(ctx context.Context, shard *record.Shard, page *record.Page) error {
	switch {
	case c.config.Lines == nil && (len(page.Records) > 0 || page.End):
		return c.write(ctx, shard, page)
	case c.config.Lines != nil && len(page.Records) > 0: // a reader that gets nothing a hundred times takes its pipe for broken
		return c.pass(shard, page)
	}
	return nil
}

// reached notes that a shard was read to its tip, or to its end, when those that came of it are noted. The lock is held.
func (c *Capture) reached(shard string) {
	delete(c.tips, shard)
	if len(c.tips) == 0 && c.config.UntilTip && !c.tipReached() {
		close(c.atTip)
	}
}

var (
	// ErrOther is that the place of a capture holds something else.
	ErrOther = errors.New("another's place")
	// ErrTaken is that another capture writes to the place of this one.
	ErrTaken = errors.New("another capture writes here")
)
