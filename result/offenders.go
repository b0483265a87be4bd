package result

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Offender is a line of offenders.csv. What does not apply, and what is not known, is empty.
type Offender struct {
	// Offence is what the lists of [Offenders] are called in result.json.
	Offence string
	// Stream is the one of the record: input or output. Of a row it is empty.
	Stream, Shard, Sequence, PartitionKey string
	// EventTime is the record's, WindowStart the row's; both are RFC 3339 in UTC.
	EventTime, WindowStart string
	// Kind and Key are the row's, or those of the row that the record is a part of. The parts of the key are joined by "|".
	Kind, Key string
	// Route is the one that read a record of the output.
	Route string
}

var offenderColumns = []string{"offence", "stream", "shard", "sequence", "partition_key", "event_time", "window_start", "kind", "key", "route"}

// OffenderLog writes offenders.csv: a line for each record and each row that is not as it should be, as they are found. There is no such file where there is none
// of them. It is safe for concurrent use.
type OffenderLog struct {
	folder *Folder

	mu     sync.Mutex
	file   io.WriteCloser
	text   *bufio.Writer
	writer *csv.Writer
	err    error // the first one; nothing is written after it
}

// OffenderLog starts offenders.csv.
func (f *Folder) OffenderLog() *OffenderLog { return &OffenderLog{folder: f} }

// Write writes one line. Where it cannot, Close says so.
func (l *OffenderLog) Write(o *Offender) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil && l.err == nil {
		l.err = l.open()
	}
	if l.err != nil {
		return
	}
	l.err = l.writer.Write([]string{o.Offence, o.Stream, o.Shard, o.Sequence, o.PartitionKey, o.EventTime, o.WindowStart, o.Kind, o.Key, o.Route})
}

func (l *OffenderLog) open() (err error) {
	if l.file, err = l.folder.Stream(OffendersFile); err != nil {
		return err
	}
	l.text = bufio.NewWriter(l.file)
	l.writer = csv.NewWriter(l.text)
	return l.writer.Write(offenderColumns)
}

// Close ends the file. The error says that offenders are missing in it.
func (l *OffenderLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.writer.Flush()
		l.err = errors.Join(l.err, l.writer.Error(), l.text.Flush(), l.file.Close())
		l.file = nil
	}
	if l.err != nil {
		return fmt.Errorf("%s does not name all: %w", OffendersFile, l.err)
	}
	return nil
}
