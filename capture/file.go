package capture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/klauspost/compress/gzip"

	"weir/record"
)

// file is one that is being written.
type file struct {
	name  string
	to    Writing
	gzip  *gzip.Writer
	bytes int
	began time.Time
	line  []byte
	// ends are how far it is in the shards that it has something of.
	ends map[string]*progress
	counts
}

// counts are what a file adds to a capture's.
type counts struct {
	records, withheld int64
	sample            *record.ID
}

// open begins the next file, if none is open.
func (c *Capture) open() error {
	if c.file != nil {
		return nil
	}
	name := fmt.Sprintf("%08d.ndjson.gz", c.state.Files+1)
	to, err := c.config.Store.Begin(name)
	if err != nil {
		return err
	}
	c.file = &file{name: name, to: to, gzip: gzip.NewWriter(to), began: time.Now(), ends: make(map[string]*progress)}
	return nil
}

// write appends a page's records. The lock is held.
func (c *Capture) write(ctx context.Context, shard *record.Shard, page *record.Page) error {
	if err := c.open(); err != nil {
		return err
	}
	f := c.file
	for i := range page.Records {
		if err := f.add(shard, &page.Records[i], c.config.Pseudonyms); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	end := f.ends[shard.ID]
	if end == nil {
		end = &progress{}
		f.ends[shard.ID] = end
	}
	if n := len(page.Records); n > 0 {
		end.Sequence = numberOf(page.Records[n-1].Sequence)
	}
	end.Ended = page.End
	if f.bytes < c.config.FileBytes {
		return nil
	}
	return c.finish(ctx)
}

// pass gives a page's records on as lines. The lock is held.
func (c *Capture) pass(shard *record.Shard, page *record.Page) error {
	var lines []byte
	for i := range page.Records {
		captured := capturedOf(shard, &page.Records[i])
		lines = append(captured.Append(lines), '\n')
	}
	c.state.Records += int64(len(page.Records))
	_, err := c.config.Lines.Write(lines)
	return err
}

func capturedOf(shard *record.Shard, r *record.Stored) record.Captured {
	captured := record.Captured{
		Shard: shard.ID, Sequence: r.Sequence, Arrived: r.Arrived, PartitionKey: r.PartitionKey, ExplicitHashKey: r.ExplicitHashKey, Data: r.Data,
	}
	if captured.ExplicitHashKey == "" && !shard.Holds(record.HashOf(r.PartitionKey)) {
		captured.ExplicitHashKey = shard.Start.String() // its producer gave one of this shard, which Kinesis does not tell
	}
	return captured
}

// add appends a record. One that no pseudonym can be put into is withheld.
func (f *file) add(shard *record.Shard, r *record.Stored, pseudonyms *Pseudonyms) error {
	captured := capturedOf(shard, r)
	if pseudonyms != nil && !pseudonyms.hide(&captured, shard) {
		f.withheld++
		if f.sample == nil {
			f.sample = &record.ID{Shard: shard.ID, Sequence: r.Sequence}
		}
		return nil
	}
	f.line = append(captured.Append(f.line[:0]), '\n')
	f.records++
	f.bytes += len(f.line)
	_, err := f.gzip.Write(f.line)
	return err
}

// finish makes what was written a whole file, and then the checkpoint behind it. The end of ctx does not come between the two: a file without its
// checkpoint is written anew, when the stream may no longer hold all of it. The lock is held.
func (c *Capture) finish(ctx context.Context) error {
	f := c.file
	if f == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if err := f.gzip.Close(); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	c.file = nil
	err := f.to.Commit(ctx)
	if err == nil {
		c.state.add(f)
		err = c.state.save(ctx, c.config.Store)
	}
	switch {
	case errors.Is(err, ErrTaken): // which is what ends a capture before it has begun
		return fmt.Errorf("%s: a capture that was started later has taken %s over", f.name, c.config.Store)
	case err != nil:
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return nil
}

// roll finishes files that were written for long enough.
func (c *Capture) roll(ctx context.Context) error {
	ticker := time.NewTicker(c.config.FileTime / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
		if err := c.finishOld(ctx); err != nil {
			return err
		}
	}
}

func (c *Capture) finishOld(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file == nil || time.Since(c.file.began) < c.config.FileTime {
		return nil
	}
	return c.finish(ctx)
}
