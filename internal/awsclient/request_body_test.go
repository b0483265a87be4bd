package awsclient

import (
	"io"
	"strings"
	"sync"
	"testing"

	"weir/internal/buffers"
)

// The transport is at the body in a goroutine of its own, and may be so when the call is over.
func TestABodyWhoseMemoryWasGivenBackReadsNothingOfTheNextCalls(t *testing.T) {
	pool := new(buffers.Pool)
	const calls, size = 100, 4 << 10
	var reading sync.WaitGroup
	for i := range calls {
		mark := string(rune('a' + i%26))
		body := &requestBody{pool: pool}
		buffer := pool.Get(size)
		buffer.Bytes = append(buffer.Bytes, strings.Repeat(mark, size)...)
		body.fill(buffer)
		first := make([]byte, 10)
		if _, err := io.ReadFull(body, first); err != nil || string(first) != strings.Repeat(mark, 10) {
			t.Fatalf("%q: %v", first, err)
		}
		reading.Go(func() {
			rest, err := io.ReadAll(struct{ io.Reader }{body})
			if err != nil || strings.Trim(string(rest), mark) != "" {
				t.Errorf("%.20q is read of the body of %s: %v", rest, mark, err)
			}
		})
		body.done()
		if n, err := body.Read(first); n != 0 || err != io.EOF {
			t.Errorf("%d bytes, %v", n, err)
		}
		body.done() // gives nothing back twice
		if one, other := pool.Get(size), pool.Get(size); one == other {
			t.Fatal("two borrowers have the same memory")
		} else {
			pool.Put(one)
		}
	}
	reading.Wait()
}
