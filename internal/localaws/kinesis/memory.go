package kinesis

import "time"

const (
	// trimShare of the bound is freed at once, beside what is needed: so much that not every put has to, and so little that no reader waits
	// long for its shard (at 4 GiB, 16 MiB: some 80,000 records of 200 bytes, some 5 ms).
	trimShare = 256
	// trimPause is for how long nothing is tried again once too little could go. A look at all shards and readers takes longer than a put.
	trimPause = 100 * time.Millisecond
)

// reserve takes memory, and says whether there is any.
func (s *Service) reserve(bytes int64) bool {
	if s.config.MemoryBytes == 0 {
		return true
	}
	over := s.memory.Add(bytes) - s.config.MemoryBytes
	if over <= 0 || s.makeRoom(over) {
		return true
	}
	s.memory.Add(-bytes)
	return false
}

// release gives back what reserve took.
func (s *Service) release(bytes int64) {
	if s.config.MemoryBytes > 0 {
		s.memory.Add(-bytes)
	}
}

// makeRoom drops records for a put that is over the bound by that much, and says whether it is no longer.
func (s *Service) makeRoom(over int64) bool {
	now := s.now()
	if now.mono < time.Duration(s.nextTrim.Load()) {
		return false
	}
	freed := s.trim(now.wall, over+s.config.MemoryBytes/trimShare)
	if freed < over {
		s.nextTrim.Store(int64(now.mono + trimPause))
	}
	return s.memory.Add(-freed) <= s.config.MemoryBytes
}

// trim drops what may be dropped, until so much is free, and says how much that was.
func (s *Service) trim(now time.Time, goal int64) (freed int64) {
	before := now.Add(-s.config.Retention).UnixMilli()
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, st := range s.streams {
		for _, sh := range st.lineage.Load().all {
			if freed >= goal {
				return freed
			}
			freed += sh.trim(now, before, st.horizon(now), goal-freed)
		}
	}
	return freed
}

// expire drops what a locked shard holds from before its stream's retention.
func (s *Service) expire(st *stream, sh *shard, now time.Time) { s.release(sh.expire(st.horizon(now))) }
