package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"weir/replay/compression"
	"weir/replay/parquet"
)

const (
	// maxRecord is the largest record that Kinesis can be configured to take ("Quotas and limits").
	maxRecord = 10 << 20
	// maxLine is the longest line that is held, so that a file without line ends costs no more memory. It has room for a full answer of GetRecords: 10 MiB in Base64, and
	// up to 1 KiB of what the answer says of each of its 10,000 records.
	maxLine = 24 << 20
	// arenaBytes is the size of the pieces of memory that lines are read into. Records keep them alive, so that no byte is
	// copied after it was read; a piece is freed with the last of its records.
	arenaBytes = 256 << 10
	// minRead is the least room that is worth a read.
	minRead = 16 << 10
)

// block is a run of whole lines of one file, or a place where lines could not be read.
type block struct {
	file   string
	before int64 // lines of the file before this block
	offset int64 // bytes of the file's text before this block
	data   []byte
	spans  []span  // the records in data, where they are not its lines
	header *header // of a CSV file
	strict bool    // a line is one record
	torn   bool    // the file broke off in the last record
	unread bool    // the skip is of a file that is not read by intention
	lap    bool    // the recording begins again: there is nothing in the block
	skip   *Skip   // instead of data
	sample []byte
}

// lines reads files as blocks of whole lines, or of whole records where those are not lines.
type lines struct {
	open    func(context.Context) (opened, error) // the next file; io.EOF after the last
	format  Format                                // of all files; AutoFormat or nothing to look at each
	columns []string                              // of Parquet files; none stands for all
	content content
	rows    *parquet.Rows // of a Parquet file, which has no text
	// decided says that the format of this file is known. frame finds its records, nil where they are lines.
	decided bool
	frame   framer
	header  *header
	// enough is how much must be unfinished before it is worth a look, so that a long record is not gone through at each read.
	enough int
	// likeRows says of the first file that was taken for NDJSON and may be CSV how it is read so.
	likeRows string
	// inPaths are the columns that the paths of files have.
	inPaths pathColumns
	body    io.ReadCloser // nil between files
	over    bool          // what is read of it was read to its end, or given up
	archive string        // that the file is, and name one of its files
	name    string
	forms   []FileForm // of the files that were begun
	files   int64      // that were begun
	before  int64      // lines of the file that were given out
	bytes   int64      // bytes of the file that were read, decompressed
	arena   []byte
	start   int     // where in the arena the unfinished line starts
	passing bool    // in an overlong line, which is passed over up to its end
	queue   []block // found, and not yet given out
}

// next is the next block; the error is io.EOF after the last. Only an end of ctx or a listing that fails is another error:
// a file that cannot be read is a block that says so.
func (l *lines) next(ctx context.Context) (block, error) {
	for len(l.queue) == 0 {
		if err := l.advance(ctx); err != nil {
			return block{}, err
		}
	}
	b := l.queue[0]
	l.queue = l.queue[1:]
	return b, nil
}

// advance reads once, or opens the next file.
func (l *lines) advance(ctx context.Context) error {
	if l.body == nil {
		return l.begin(ctx)
	}
	if l.over {
		return l.beginMember(ctx)
	}
	if l.rows != nil {
		l.giveRows()
		return ctx.Err()
	}
	l.makeRoom()
	old := len(l.arena)
	n, err := l.content.Read(l.arena[old:cap(l.arena)])
	l.arena = l.arena[:old+n]
	l.bytes += int64(n)
	if l.passing {
		l.pass(old)
		old = l.start
	}
	if !l.decided {
		if !l.decide(err != nil) {
			return nil
		}
		old = l.start
	}
	switch {
	case l.body == nil, l.over:
		return nil // the file was given up
	case l.frame == nil:
		l.cut(old)
	default:
		l.cutRecords(false, false)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	l.finish(err)
	return nil
}

// begin opens the next file.
func (l *lines) begin(ctx context.Context) error {
	file, err := l.open(ctx)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		if file.body != nil {
			closeQuietly(file.body)
		}
		return ctx.Err()
	}
	if file.err == errLap {
		l.queue = append(l.queue, block{lap: true})
		return nil
	}
	l.turn(file.name)
	if out, ok := errors.AsType[*leftOutError](file.err); ok {
		l.leaveOut(out)
		return nil
	}
	if file.err != nil {
		l.files++
		l.refuse(Unopened, 0, file.err)
		return nil
	}
	l.body = file.body
	err = l.content.reset(file.body)
	if err == nil && l.content.IsArchive() {
		l.archive, l.over = l.name, true
		return nil
	}
	return l.beginText(ctx, err)
}

// turn forgets the file before this one.
func (l *lines) turn(name string) {
	l.name, l.before, l.bytes, l.passing, l.start = name, 0, 0, false, len(l.arena)
	l.decided, l.frame, l.header, l.enough, l.over = false, nil, nil, 0, false
}

// beginText begins a file that was opened, or failed to be.
func (l *lines) beginText(ctx context.Context, err error) error {
	l.files++
	if err == nil && l.content.parquet {
		err = l.beginColumns(l.body)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	l.refuse(reasonOf(err), 0, err)
	l.leave()
	return nil
}

// makeRoom takes new memory where the arena is nearly full, and brings the unfinished line there.
func (l *lines) makeRoom() {
	if cap(l.arena)-len(l.arena) >= minRead {
		return
	}
	unfinished := l.unfinished()
	fresh := make([]byte, len(unfinished), max(arenaBytes, 2*len(unfinished)))
	copy(fresh, unfinished)
	l.arena, l.start = fresh, 0
}

// unfinished is what was read and not given out.
func (l *lines) unfinished() []byte { return l.arena[l.start:] }

// offset is how much of the file's text was given out.
func (l *lines) offset() int64 { return l.bytes - int64(len(l.unfinished())) }

// cut gives out the whole lines up to the last line end in the bytes read from old on, and passes over a line that is too long.
func (l *lines) cut(old int) {
	if l.atAggregate(old) {
		return
	}
	if end := bytes.LastIndexByte(l.arena[old:], '\n'); end >= 0 {
		l.give(old+end+1, false)
		return
	}
	if len(l.unfinished()) > maxLine && !l.concatenate() {
		l.queue = append(l.queue, block{
			file: l.name, before: l.before,
			skip: &Skip{Reason: LongLine, File: l.name, Line: l.before + 1, Offset: l.offset()}, sample: bytes.Clone(l.unfinished()[:sampleBytes]),
		})
		l.before++
		l.arena, l.passing = l.arena[:l.start], true
	}
}

// pass forgets the bytes read from old on, up to the end of an overlong line.
func (l *lines) pass(old int) {
	end := bytes.IndexByte(l.arena[old:], '\n')
	if end < 0 {
		l.arena = l.arena[:old]
		return
	}
	l.start, l.passing = old+end+1, false
}

// give queues the arena's bytes up to end as a block.
func (l *lines) give(end int, torn bool) {
	data := l.arena[l.start:end:end]
	l.queue = append(l.queue, block{
		file: l.name, before: l.before, offset: l.offset(), data: data, torn: torn, strict: l.format == NDJSON,
	})
	l.before += int64(bytes.Count(data, []byte{'\n'}))
	l.start = end
}

// finish ends the file: its last line may lack a line end, and, where err is not io.EOF, may be torn.
func (l *lines) finish(err error) {
	broken := err != io.EOF
	at := Skip{Reason: reasonOf(err), File: l.name, Line: l.before + 1, Offset: l.offset()}
	torn := l.unfinished()
	switch {
	case l.frame != nil:
		l.cutRecords(true, broken)
	case !l.passing && l.start < len(l.arena):
		l.give(len(l.arena), broken)
	}
	if broken {
		at.Detail = fmt.Sprintf("after %d bytes: %v", l.bytes, err)
		l.queue = append(l.queue, block{file: l.name, before: l.before, skip: &at, sample: torn})
	}
	l.leave()
}

// reasonOf says which kind of failure ended a file.
func reasonOf(err error) Reason {
	if _, unknown := errors.AsType[*encodingError](err); unknown || errors.Is(err, errNotRandom) || errors.Is(err, errCompressed) || errors.Is(err, parquet.ErrEncrypted) || errors.Is(err, compression.ErrTooDeep) {
		return UnknownEncoding
	}
	switch {
	case errors.Is(err, errChanged):
		return Changed
	case errors.Is(err, parquet.ErrCut):
		return Broken
	}
	if _, columns := errors.AsType[*columnsError](err); columns {
		return BadColumns
	}
	return Broken
}

func (l *lines) refuse(reason Reason, line int64, err error) {
	l.queue = append(l.queue, block{
		file: l.name, before: l.before,
		skip: &Skip{Reason: reason, File: l.name, Line: line, Detail: err.Error()},
	})
}

// leaveOut names a file that is not read.
func (l *lines) leaveOut(why *leftOutError) {
	l.queue = append(l.queue, block{file: l.name, unread: true, skip: &Skip{Reason: why.reason, File: l.name, Detail: why.detail}})
}

// close closes the file that is being read, if there is one.
func (l *lines) close() {
	l.over, l.archive = false, ""
	if l.rows != nil {
		l.rows.Close()
		l.rows = nil
	}
	if l.body != nil {
		closeQuietly(l.body)
		l.body = nil
	}
}
