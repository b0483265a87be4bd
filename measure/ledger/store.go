package ledger

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"sync"
	"sync/atomic"
)

const (
	// DefaultMemory is what the backlog of a stream may take of memory, unless [Config.Memory] says otherwise: some two million records.
	DefaultMemory = 256 << 20
	// blockBytes is the size of a block: some two hundred records. A reading keeps the first block and the last one of each shard in memory, whatever the bound.
	blockBytes = 32 << 10
	// fileBytes is the size of a file. One all of whose blocks were read back gives its room free.
	fileBytes = 256 << 20
	// mostSpare bounds the blocks that are kept for the next that are needed.
	mostSpare = 64
)

// store is the memory and the disk that the backlog of a stream lies in, for all of its readings: what goes beyond the bound is written to files, one block behind the other, and read
// back when its turn comes. It is safe for concurrent use.
type store struct {
	memory int64
	block  int // the size of a block
	folder string

	// held is the memory of all blocks, mostHeld its maximum.
	held, mostHeld atomic.Int64
	// spilled counts the bytes that were ever written to files.
	spilled atomic.Int64
	// broken says that something was lost that waits: what the books say from then on is not to be believed.
	broken  atomic.Bool
	failure *failure

	mu    sync.Mutex
	spare [][]byte
	files map[*file]bool
	last  *file // that is written to
}

// file is a file of blocks. Where the system allows it, it has no name any more, so that nothing is left of it however the process ends.
type file struct {
	*os.File
	size   int64
	blocks int // that are in it and nowhere else
	named  bool
}

// onDisk is where a block is.
type onDisk struct {
	file   *file
	offset int64
	sum    uint32
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newStore(memory int64, folder string, failure *failure) *store {
	if memory <= 0 {
		memory = DefaultMemory
	}
	if folder == "" {
		folder = os.TempDir()
	}
	return &store{memory: memory, block: blockBytes, folder: folder, failure: failure, files: make(map[*file]bool)}
}

// take is an empty block with room for n bytes or more.
func (s *store) take(n int) []byte {
	var data []byte
	s.mu.Lock()
	if last := len(s.spare) - 1; last >= 0 && n <= s.block {
		data, s.spare = s.spare[last], s.spare[:last]
	}
	s.mu.Unlock()
	if data == nil {
		data = make([]byte, 0, max(n, s.block))
	}
	raise(&s.mostHeld, s.held.Add(int64(cap(data))))
	return data
}

// release takes a block's memory back.
func (s *store) release(data []byte) {
	s.held.Add(-int64(cap(data)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if cap(data) == s.block && len(s.spare) < mostSpare {
		s.spare = append(s.spare, data[:0])
	}
}

// spill writes a block to the disk, if the memory is used up. If that fails the block stays where it is, and the run has to end.
func (s *store) spill(b *block) {
	if s.held.Load() <= s.memory || b.data == nil {
		return
	}
	sum := crc32.Checksum(b.data, castagnoli)
	s.mu.Lock()
	file, offset, err := s.append(b.data)
	s.mu.Unlock()
	if err != nil {
		return
	}
	s.spilled.Add(int64(len(b.data)))
	s.release(b.data)
	b.data, b.on = nil, onDisk{file: file, offset: offset, sum: sum}
}

// append appends to the last file.
func (s *store) append(data []byte) (_ *file, offset int64, err error) {
	if err := s.failure.get(); err != nil {
		return nil, 0, err
	}
	if s.last == nil || s.last.size >= fileBytes {
		if s.last, err = s.create(); err != nil {
			return nil, 0, s.fail(err)
		}
	}
	f := s.last
	if _, err := f.WriteAt(data, f.size); err != nil {
		return nil, 0, s.fail(err)
	}
	offset = f.size
	f.size += int64(len(data))
	f.blocks++
	return f, offset, nil
}

func (s *store) create() (*file, error) {
	named, err := os.CreateTemp(s.folder, ".backlog-*")
	if err != nil {
		return nil, err
	}
	f := &file{File: named}
	f.named = os.Remove(named.Name()) != nil
	s.files[f] = true
	return f, nil
}

// fail notes why a file failed.
func (s *store) fail(err error) error {
	return s.failure.set(fmt.Errorf("what waits to be read takes more than %d MiB, and could not be kept on the disk: %w", s.memory>>20, err))
}

// load brings a block back into memory, if it is not there. Where that is not possible, the store is broken.
func (s *store) load(b *block) bool {
	if b.data != nil {
		return true
	}
	data := s.take(b.end)[:b.end]
	if !s.read(b, data) {
		s.release(data)
		return false
	}
	b.data = data
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(b.on.file)
	b.on = onDisk{}
	return true
}

// look is what is in a block, which stays where it is.
func (s *store) look(b *block) (data []byte, ok bool) {
	if b.data != nil {
		return b.data, true
	}
	data = make([]byte, b.end)
	return data, s.read(b, data)
}

// read reads a block from the disk.
func (s *store) read(b *block, data []byte) bool {
	_, err := b.on.file.ReadAt(data, b.on.offset)
	if err == nil && crc32.Checksum(data, castagnoli) != b.on.sum {
		err = errors.New("what was read back is not what was written")
	}
	if err != nil {
		s.broken.Store(true)
		_ = s.fail(fmt.Errorf("%s at %d: %w", b.on.file.Name(), b.on.offset, err)) // which it keeps
	}
	return err == nil
}

// forget takes note that one block of a file is needed no more.
func (s *store) forget(f *file) {
	if f.blocks--; f.blocks > 0 {
		return
	}
	if f == s.last {
		s.last = nil
	}
	f.close()
	delete(s.files, f)
}

// close removes a file in which nothing is needed any more.
func (f *file) close() {
	_ = f.Close()
	if f.named {
		_ = os.Remove(f.Name())
	}
}

// close removes the files.
func (s *store) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.files {
		f.close()
	}
	clear(s.files)
	s.last = nil
}
