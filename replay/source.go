package replay

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/record"
)

const (
	// fillRecords bounds one call of Fill, so that it stays short whatever is due.
	fillRecords = 8192
	// blocksAhead and chunksAhead bound what is read and what is decoded ahead of the feeder: 65,536 records, or 16 MiB.
	blocksAhead = 4
	chunksAhead = 16
)

// Source is a recording on its way to the feeder. [Open] makes one; then one goroutine calls Run and one calls Fill and Next.
type Source struct {
	files    files
	lines    lines
	parser   *parser
	sequence *sequence
	skips    skipLog
	unopened unopened // files outside of From and To
	// life is what files are opened and read under: it ends with Run or Close, and neither with Open nor by Open's ctx
	// once that has returned.
	life context.Context
	end  context.CancelFunc
	read bool // everything was read ahead

	ahead  [][]record.Record // chunks from Open, until they are handed out
	chunks chan []record.Record
	free   chan []record.Record
	err    error // why chunks is closed; nil at the end of the recording

	current []record.Record // what is left of the chunk that Fill is at; Fill's alone
	spent   []record.Record // the whole of it

	closing                        sync.Once
	mu                             sync.Mutex
	published                      progress
	offered, offeredBytes, stalled atomic.Int64
}

// progress is what the reader says of itself after each block.
type progress struct {
	counts     counts
	disordered int64
	leftOut    int64
	unmoved    leftBehind
}

// Stats are what a source has done so far.
type Stats struct {
	// Read counts the records that were read and are replayed, clones and those of each lap included; ReadBytes their data.
	Read, ReadBytes int64
	// LeftOut counts those that were read and are not replayed, for they are outside [Options.From] and To, or not in the Sample.
	LeftOut int64
	// Unopened are the files that were not opened, each once however often the recording is looped.
	Unopened UnopenedFiles
	// Offered counts the records that Fill handed out, OfferedBytes their data and partition keys.
	Offered, OfferedBytes int64
	// Unreadable counts the records read that the aggregator will not be able to use. They are sent all the same.
	Unreadable int64
	// Skipped is what was found and is not replayed.
	Skipped Skipped
	// Disordered counts the records that the sorting came too late for, so that they went out at once; see [ByEventTime].
	Disordered int64
	// FirstEvent and LastEvent are the least and the greatest event time read, in ms since the Unix epoch; they mean
	// nothing while Read is 0.
	FirstEvent, LastEvent int64
	// Warnings are of event times that are hardly what was meant, each with an example.
	Warnings []string
	// Stalled counts the calls of Fill that ran out of what is decoded, on a schedule: more than a few mean that reading
	// does not keep up, so that records may be handed out late.
	Stalled int64
}

// Open finds the source and reads ahead until the first records are ready to be handed out, so that whatever is wrong
// with it is found before anything is sent, and so that the first records are not late. The errors are those of [ErrNotFound]
// and its neighbours. ctx bounds Open alone. Whoever opens a source runs or closes it.
func Open(ctx context.Context, o Options) (*Source, error) { return open(ctx, o, nil) }

// open opens a source that counts its fields, if there is a census.
func open(ctx context.Context, o Options, fields *census) (*Source, error) {
	s := &Source{
		chunks: make(chan []record.Record, chunksAhead), free: make(chan []record.Record, chunksAhead),
	}
	s.sequence = newSequence(&o, &s.skips, fields != nil && o.ShiftTo.IsZero()) // a time is moved in the record's text
	s.lines.format, s.lines.columns = o.Format, o.Columns
	s.sequence.empty = s.emptyChunk
	s.sequence.out = func(chunk []record.Record) error { s.ahead = append(s.ahead, chunk); return nil }
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, s.end)
	defer stop()
	if err := s.begin(&o, fields); err != nil {
		s.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return s, nil
}

func (s *Source) begin(o *Options, fields *census) error {
	var err error
	if s.parser, err = newParser(o, &s.skips); err != nil {
		return err
	}
	s.parser.census = fields
	if s.sequence.retimer, err = newRetimer(o); err != nil {
		return err
	}
	required, err := newRequirement(s.parser, o)
	if err != nil {
		return err
	}
	required.unopened, required.lines = &s.unopened, &s.lines
	if s.files, err = newLaps(s.life, o, &s.unopened); err != nil {
		return err
	}
	s.lines.open = oneByOne(s.files)
	return s.readAhead(required)
}

// readAhead reads until the requirement is judged and there is something to hand out.
func (s *Source) readAhead(required *requirement) error {
	for !s.read {
		met, err := required.judge(false)
		if err != nil {
			return err
		}
		if met && len(s.ahead) > 0 {
			return nil
		}
		if err := s.step(); err != nil {
			return err
		}
		if s.sequence.delay > 0 { // more may be long in coming
			s.sequence.handOn()
		}
	}
	if _, err := required.judge(true); err != nil || len(s.ahead) > 0 {
		return err
	}
	if s.sequence.unmoved.records > 0 {
		return required.empty()
	}
	return fmt.Errorf("recording %s %w beyond the first %d", required.source, ErrEmpty, s.parser.counts.records)
}

// step reads one block to its end; at the end of the recording it sets read.
func (s *Source) step() error {
	b, err := s.lines.next(s.life)
	if err == io.EOF {
		s.read = true
		return s.finish()
	}
	if err != nil {
		return err
	}
	return s.take(&b)
}

// take turns a block into records in their order.
func (s *Source) take(b *block) error {
	if b.lap {
		return s.parser.turn()
	}
	s.parser.parse(b, s.sequence.add)
	s.publish()
	return s.sequence.err
}

func (s *Source) finish() error {
	err := s.sequence.end()
	s.publish()
	return err
}

func (s *Source) publish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.published = progress{counts: s.parser.counts, disordered: s.sequence.disordered(), leftOut: s.parser.chosen.left.records, unmoved: s.sequence.unmoved}
}

// Close gives back what Open holds, if Run is not called. It may be called more than once, also while Run returns, but not before.
func (s *Source) Close() {
	s.end()
	s.closing.Do(s.lines.close)
}

// Run reads the recording ahead of Fill, by a bounded number of records. It returns nil when everything was read and lies
// ready, the error of ctx when that ends, and another error where the recording cannot be listed to its end. Fill hands
// out what was read before it returns the same.
func (s *Source) Run(ctx context.Context) error {
	defer s.Close()
	defer close(s.chunks)
	if s.read {
		return nil
	}
	stop := context.AfterFunc(ctx, s.end)
	defer stop()
	s.err = s.readOn()
	if s.err != nil && ctx.Err() != nil {
		s.err = ctx.Err()
	}
	return s.err
}

// readOn opens, reads and decodes in three stages at once. Nothing but the end of s.life cuts them short: where a listing
// fails, what was read before is still decoded and handed on.
func (s *Source) readOn() error {
	var work errgroup.Group
	ahead := newPrefetch(s.files)
	s.lines.open = ahead.take
	blocks := make(chan block, blocksAhead)
	opening, stopOpening := context.WithCancel(s.life)
	work.Go(func() error { ahead.run(opening); return nil })
	work.Go(func() error {
		defer ahead.drain()
		defer stopOpening() // should reading have failed
		defer close(blocks)
		return s.readBlocks(blocks)
	})
	work.Go(func() error { return s.takeBlocks(blocks) })
	return work.Wait()
}

func (s *Source) readBlocks(blocks chan<- block) error {
	for {
		b, err := s.lines.next(s.life)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case blocks <- b:
		case <-s.life.Done():
			return s.life.Err()
		}
	}
}

// takeBlocks decodes. It hands on a chunk that is not full before it waits for the next block, so that a slow source is
// not held back.
func (s *Source) takeBlocks(blocks <-chan block) error {
	s.sequence.out = func(chunk []record.Record) error {
		select {
		case s.chunks <- chunk:
			return nil
		case <-s.life.Done():
			return s.life.Err()
		}
	}
	for {
		if len(blocks) == 0 {
			s.sequence.handOn()
		}
		b, ok := <-blocks
		if !ok {
			break
		}
		if err := s.take(&b); err != nil {
			return err
		}
	}
	if err := s.life.Err(); err != nil {
		return err
	}
	return s.finish()
}

// emptyChunk reuses what Fill has emptied.
func (s *Source) emptyChunk() []record.Record {
	select {
	case chunk := <-s.free:
		return chunk[:0]
	default:
		return make([]record.Record, 0, chunkRecords)
	}
}

// Fill appends the records that are due before until, at most 8,192 a call, so that a full one may have to be followed by
// another for the same instant. Nothing is appended where there is an error: io.EOF when the recording has ended
// and all of it was handed out, or what ended Run.
//
// On a schedule Fill never waits: where reading is behind, it returns what is there. At [Pace.Max] everything is due,
// whatever until is, and Fill waits until there is a record or Run has ended.
func (s *Source) Fill(batch *record.Batch, until time.Duration) error {
	if s.sequence.schedule.pace.Max() {
		return s.fillMax(batch)
	}
	for room := fillRecords; room > 0; {
		if err := s.turn(false); err != nil {
			if room < fillRecords {
				return nil
			}
			return err
		}
		if len(s.current) == 0 {
			s.stalled.Add(1)
			return nil
		}
		n := dueBefore(s.current[:min(room, len(s.current))], until)
		if n == 0 {
			return nil
		}
		s.offer(batch, n)
		room -= n
	}
	return nil
}

func (s *Source) fillMax(batch *record.Batch) error {
	for room := fillRecords; room > 0; {
		if err := s.turn(room == fillRecords); err != nil {
			if room < fillRecords {
				return nil
			}
			return err
		}
		n := min(room, len(s.current))
		if n == 0 {
			return nil
		}
		s.offer(batch, n)
		room -= n
	}
	return nil
}

// Next is the due time of the next record; ok is false where that is not known, for nothing is decoded yet or the
// recording has ended.
func (s *Source) Next() (due time.Duration, ok bool) {
	if err := s.turn(false); err != nil || len(s.current) == 0 {
		return 0, false
	}
	return s.current[0].Due, true
}

// turn makes the next chunk the current one, if that is used up. Without wait, there may be none yet.
func (s *Source) turn(wait bool) error {
	if len(s.current) > 0 {
		return nil
	}
	if s.spent != nil {
		select {
		case s.free <- s.spent:
		default:
		}
		s.spent = nil
	}
	if len(s.ahead) > 0 {
		s.spent, s.ahead = s.ahead[0], s.ahead[1:]
		s.current = s.spent
		return nil
	}
	var chunk []record.Record
	ok := true
	if wait {
		chunk, ok = <-s.chunks
	} else {
		select {
		case chunk, ok = <-s.chunks:
		default:
		}
	}
	if ok {
		s.spent, s.current = chunk, chunk
		return nil
	}
	if s.err != nil {
		return s.err
	}
	return io.EOF
}

// offer moves n records from the current chunk to the batch.
func (s *Source) offer(batch *record.Batch, n int) {
	bytes := 0
	for i := range s.current[:n] {
		bytes += s.current[i].Size()
	}
	batch.Records = append(batch.Records, s.current[:n]...)
	s.current = s.current[n:]
	s.offered.Add(int64(n))
	s.offeredBytes.Add(int64(bytes))
}

// dueBefore counts the records due before until. Due times never fall, and most calls find all or a few of a chunk due.
func dueBefore(records []record.Record, until time.Duration) int {
	if records[len(records)-1].Due < until {
		return len(records)
	}
	low, high := 0, 1
	for records[high-1].Due < until {
		low, high = high, min(2*high, len(records))
	}
	for low < high {
		middle := (low + high) / 2
		if records[middle].Due < until {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// Stats may be called at any time, from any goroutine.
func (s *Source) Stats() Stats {
	s.mu.Lock()
	p := s.published
	s.mu.Unlock()
	return Stats{
		Read: p.counts.records - p.unmoved.records, ReadBytes: p.counts.bytes - p.unmoved.bytes, Unreadable: p.counts.unreadable,
		Offered: s.offered.Load(), OfferedBytes: s.offeredBytes.Load(), Stalled: s.stalled.Load(),
		Skipped: s.skips.snapshot(), Disordered: p.disordered, LeftOut: p.leftOut, Unopened: s.unopened.snapshot(),
		FirstEvent: p.counts.first, LastEvent: p.counts.newest, Warnings: p.counts.warnings(),
	}
}
