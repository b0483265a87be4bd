package aggregator

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strconv"
	"time"

	"weir/record"
)

// The files of a checkpoint. DESIGN.md, "Formats", draws them.

const (
	manifestVersion = 1
	manifestSuffix  = ".manifest"
	stateMagic      = "weir state 1\n"
)

// manifest is what a checkpoint is, but for its panes. It is written last.
type manifest struct {
	Version int      `json:"version"`
	Number  int64    `json:"number"`
	Name    string   `json:"name"`
	Of      Identity `json:"of"`
	Shape   shape    `json:"shape"`
	// Savepoint says that somebody asked for it by name.
	Savepoint      bool      `json:"savepoint,omitzero"`
	Taken          time.Time `json:"taken"`
	Parallelism    int       `json:"parallelism"`
	MaxParallelism int       `json:"max_parallelism"`
	Counts         counts    `json:"counts"`
	// Incomplete is [Config.Incomplete] of the aggregator that began without a state, or of the one that this one went on from.
	Incomplete *int64       `json:"incomplete,omitempty"`
	Shards     []shardState `json:"shards"`
	States     []stateFile  `json:"states"`
}

// shape is what gives a state its meaning: one that was kept with another is of no use.
type shape struct {
	Window string   `json:"window"`
	Slide  string   `json:"slide"`
	Kind   string   `json:"kind"`
	Time   string   `json:"event_time"`
	Value  string   `json:"value"`
	Key    []string `json:"key"`
}

func shapeOf(c *Config) shape {
	return shape{Window: c.Window.String(), Slide: c.Slide.String(), Kind: c.Fields.Kind, Time: c.Fields.EventTime, Value: c.Fields.Value, Key: c.Fields.Key}
}

// stateFile is what one window subtask noted. By its checksum it is told from a state of another subtask, or of another checkpoint of that name.
type stateFile struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Sum   string `json:"crc32c"`
}

// stateFileOf leaves the checksum at the file's end out: with it, that of any file is the same.
func stateFileOf(name string, content []byte) stateFile {
	text := content[:max(0, len(content)-crc32.Size)]
	return stateFile{Name: name, Bytes: int64(len(content)), Sum: fmt.Sprintf("%08x", crc32.Checksum(text, castagnoli))}
}

// shardRef is a shard of a stream.
type shardRef struct {
	ID      string   `json:"id"`
	Start   string   `json:"start"`
	End     string   `json:"end"`
	Parents []string `json:"parents,omitempty"`
}

// shardState is how far a shard was read.
type shardState struct {
	shardRef
	// Sequence is the last Kinesis record's that is in the state; where there is none, the shard begins at From.
	Sequence string        `json:"sequence,omitempty"`
	From     *fromPosition `json:"from,omitempty"`
	// Watermark is absent until the shard had a record.
	Watermark *int64 `json:"watermark,omitempty"`
	Records   int64  `json:"records"`
	// Ended says that it was read to its end, where it was told of Children, and Over that it holds no watermark back any more.
	Ended    bool       `json:"ended,omitzero"`
	Over     bool       `json:"over,omitzero"`
	Children []shardRef `json:"children,omitempty"`
}

// fromPosition is the trim horizon, or a time.
type fromPosition struct {
	At *time.Time `json:"at,omitempty"`
}

func refOf(s *record.Shard) shardRef {
	return shardRef{ID: s.ID, Start: s.Start.String(), End: s.End.String(), Parents: s.Parents}
}

func (r *shardRef) shard() (s record.Shard, err error) {
	s.ID, s.Parents = r.ID, r.Parents
	if s.Start, err = record.ParseHashKey(r.Start); err != nil {
		return s, err
	}
	s.End, err = record.ParseHashKey(r.End)
	return s, err
}

func shardsOfRefs(refs []shardRef) (shards []record.Shard, err error) {
	for i := range refs {
		s, err := refs[i].shard()
		if err != nil {
			return nil, err
		}
		shards = append(shards, s)
	}
	return shards, nil
}

func (m *manifest) encode() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	return sealed(text), nil
}

func (m *manifest) decode(file []byte) error {
	text, err := unsealed(file)
	if err != nil {
		return err
	}
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if version.Version != manifestVersion {
		return fmt.Errorf("%w: it is of version %d, and this weir reads %d", ErrOther, version.Version, manifestVersion)
	}
	if err := json.Unmarshal(text, m); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if m.Parallelism < 1 || m.MaxParallelism < m.Parallelism || len(m.States) != m.Parallelism || len(m.Shards) == 0 {
		return fmt.Errorf("%w: it has %d states of %d subtasks, and %d shards", ErrCorrupt, len(m.States), m.Parallelism, len(m.Shards))
	}
	for i := range m.Shards {
		if _, err := m.Shards[i].shard(); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if _, err := shardsOfRefs(m.Shards[i].Children); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
	}
	return nil
}

// isOf says what a checkpoint is of, if that is something else.
func (m *manifest) isOf(want Identity) error {
	switch {
	case m.Of.Scenario != want.Scenario:
		return fmt.Errorf("%w: it is of scenario %q, and not of %q", ErrOther, m.Of.Scenario, want.Scenario)
	case m.Of.Stream != want.Stream:
		return fmt.Errorf("%w: it is of stream %q, and not of %q", ErrOther, m.Of.Stream, want.Stream)
	}
	return nil
}

// fits says what keeps an aggregator from going on from a checkpoint.
func (m *manifest) fits(c *Config) error {
	was, is := m.Shape, shapeOf(c)
	old, _ := json.Marshal(was) // of texts alone
	now, _ := json.Marshal(is)
	switch {
	case !bytes.Equal(old, now):
		return fmt.Errorf("%w: %s was taken with %s, and this is %s", ErrOther, m.Name, old, now)
	case c.MaxParallelism != 0 && c.MaxParallelism != m.MaxParallelism:
		return fmt.Errorf("%w: %s has %d key groups, and not %d", ErrOther, m.Name, m.MaxParallelism, c.MaxParallelism)
	case c.Parallelism > m.MaxParallelism:
		return fmt.Errorf("%s has %d key groups, which is the greatest parallelism that it can be restored to, and not %d", m.Name, m.MaxParallelism, c.Parallelism)
	}
	return nil
}

// sealed is a text with a last line that says what its checksum is.
func sealed(text []byte) []byte {
	return fmt.Appendf(bytes.Clone(text), "\ncrc32c %08x\n", crc32.Checksum(text, castagnoli))
}

const sealBytes = len("\ncrc32c 00000000\n")

func unsealed(file []byte) ([]byte, error) {
	if len(file) < sealBytes {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrCorrupt, len(file))
	}
	text := file[:len(file)-sealBytes]
	if !bytes.Equal(sealed(text), file) {
		return nil, fmt.Errorf("%w: its checksum is not that of its bytes", ErrCorrupt)
	}
	return text, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// windowState is what a window subtask holds: the windows that have fired, and its cells by their key groups.
type windowState struct {
	first, end int   // its key groups, without the end
	watermark  int64 // by which its windows have fired
	groups     []groupState
}

// groupState are the cells of a key group, as they stand in the file.
type groupState struct {
	group, cells int
	bytes        []byte
}

// encode writes the file.
func (s *windowState) encode() []byte {
	size := len(stateMagic) + 64
	for i := range s.groups {
		size += len(s.groups[i].bytes) + 24
	}
	b := append(make([]byte, 0, size), stateMagic...)
	b = binary.AppendUvarint(b, uint64(s.first))
	b = binary.AppendUvarint(b, uint64(s.end))
	b = binary.AppendVarint(b, s.watermark)
	b = binary.AppendUvarint(b, uint64(len(s.groups)))
	for i := range s.groups {
		g := &s.groups[i]
		b = binary.AppendUvarint(b, uint64(g.group))
		b = binary.AppendUvarint(b, uint64(g.cells))
		b = append(binary.AppendUvarint(b, uint64(len(g.bytes))), g.bytes...)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// decodeState reads one, but for its cells.
func decodeState(file []byte) (s windowState, err error) {
	if len(file) < len(stateMagic)+crc32.Size || string(file[:len(stateMagic)]) != stateMagic {
		return s, fmt.Errorf("%w: it does not begin as a state of version 1 does", ErrCorrupt)
	}
	text, sealed := file[:len(file)-crc32.Size], file[len(file)-crc32.Size:]
	if crc32.Checksum(text, castagnoli) != binary.LittleEndian.Uint32(sealed) {
		return s, fmt.Errorf("%w: its checksum is not that of its bytes", ErrCorrupt)
	}
	in := stateReader{rest: text[len(stateMagic):]}
	s.first, s.end, s.watermark = in.count(), in.count(), in.number()
	for range in.count() {
		g := groupState{group: in.count(), cells: in.count()}
		g.bytes = in.bytes(in.count())
		if in.err != nil {
			break
		}
		s.groups = append(s.groups, g)
	}
	if in.err == nil && len(in.rest) > 0 {
		in.err = errors.New("bytes are left")
	}
	if in.err != nil {
		return s, fmt.Errorf("%w: %w", ErrCorrupt, in.err)
	}
	return s, nil
}

// stateReader takes what a state is made of off its bytes.
type stateReader struct {
	rest []byte
	err  error
}

var errShort = errors.New("it ends too early")

func (r *stateReader) take(n int) {
	if n <= 0 {
		r.err, r.rest = errShort, nil
		return
	}
	r.rest = r.rest[n:]
}

func (r *stateReader) count() int {
	n, size := binary.Uvarint(r.rest)
	r.take(size)
	if n > math.MaxInt32 {
		r.err = errors.New("a count of " + strconv.FormatUint(n, 10))
		return 0
	}
	return int(n)
}

func (r *stateReader) number() int64 {
	n, size := binary.Varint(r.rest)
	r.take(size)
	return n
}

func (r *stateReader) bytes(n int) []byte {
	if r.err != nil || n > len(r.rest) {
		r.err = errShort
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *stateReader) due() time.Duration { return time.Duration(r.number()) }

func (r *stateReader) text() string { return string(r.bytes(r.count())) }
