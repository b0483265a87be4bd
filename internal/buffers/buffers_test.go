package buffers

import "testing"

func TestABufferHasTheRoomThatWasAskedForWhateverCameBackBefore(t *testing.T) {
	var p Pool
	for _, room := range []int{0, 1, 2, 3, 1000, 1024, 1025, 3 << 20} {
		for _, grown := range []int{0, 1, 1500, 1 << 21} {
			b := p.Get(room)
			if len(b.Bytes) != 0 || cap(b.Bytes) < room {
				t.Errorf("asked for %d, got %d bytes with room for %d", room, len(b.Bytes), cap(b.Bytes))
			}
			b.Bytes = append(b.Bytes, make([]byte, grown)...)
			p.Put(b)
		}
	}
	p.Put(&Buffer{})
}

func BenchmarkGetAndPut(b *testing.B) {
	var p Pool
	for b.Loop() {
		p.Put(p.Get(100_000))
	}
}
