package limits

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// readLimits are the buckets of a shard that its readers share.
func readLimits() (reads, bytes *Bucket) {
	return NewBucket(ShardReadsPerSecond, ShardReadsPerSecond), NewBucket(ShardReadBytesPerSecond, ShardReadBytesPerSecond)
}

// A consumer that asks every 200 ms asks for all five reads. With the others, as many of them are throttled as the others take.
func TestOthersTakeTheirReadsOfTheFive(t *testing.T) {
	for others, want := range []int{0, 1, 2, 3, 4, 5, 5} {
		reads, bytes := readLimits()
		o := NewOtherReaders(others, 0)
		throttled := 0
		const minute = 60
		for at := time.Duration(0); at < minute*time.Second; at += 200 * ms {
			o.Poll(at, reads, bytes)
			if !reads.Take(at, 1) {
				throttled++
			}
		}
		// A second's worth is saved up at the beginning.
		if most := want * minute; throttled > most || throttled < most-ShardReadsPerSecond {
			t.Errorf("%d others: %d of 300 reads in a minute are throttled, want %d less what was saved up", others, throttled, most)
		}
	}
}

// Two readers: one at 500 ms, 1500 ms and so on, the other at 1 s, 2 s and so on. Each reads all that was written, once.
func TestOthersReadWhatWasWrittenSinceTheirLastRead(t *testing.T) {
	reads, bytes := readLimits()
	o := NewOtherReaders(2, 0)
	debt := func(now time.Duration) float64 {
		o.Poll(now, reads, bytes)
		return ShardReadBytesPerSecond - bytes.Level(now)
	}
	for _, c := range []struct {
		at    time.Duration
		wrote int
		debt  float64
	}{
		{400 * ms, 1000, 0},
		{500 * ms, 300, 1000},     // what is written at the time of a read is not in it
		{1000 * ms, 0, 1300},      // by the other one; the first debt is paid
		{1500 * ms, 1 << 20, 300}, // the rest, by the first
		{2000 * ms, 0, 1 << 20},   // by the other
		{2500 * ms, 0, 1 << 20},   // by the first
		{3000 * ms, 0, 0},         // all was read by both
		{3600 * ms, 3 << 20, 0},   // more than the second's worth
		{4000 * ms, 0, 5 << 20},   // blocks the shard, whatever was saved up
		{4500 * ms, 0, 7 << 20},   // and again: 1 MiB was paid
		{8000 * ms, 0, 0},         // seven MiB take three seconds and a half
		{8000*ms + 1, 0, 0},
	} {
		if got := debt(c.at); got != c.debt {
			t.Errorf("at %v the shard owes %v bytes, want %v", c.at, got, c.debt)
		}
		o.Wrote(c.wrote)
	}
}

func TestAfterTheEndOfAShardEachOtherReadsOnce(t *testing.T) {
	reads, bytes := readLimits()
	o := NewOtherReaders(3, 0)
	o.Poll(1500*ms, reads, bytes)
	o.Wrote(1 << 20)
	o.End(1500*ms, reads, bytes)
	o.Poll(10*time.Second, reads, bytes)
	if o.next != never {
		t.Errorf("the next read is at %v", o.next)
	}
	for i, read := range o.read {
		if read != 1<<20 {
			t.Errorf("reader %d read %d bytes", i, read)
		}
	}
	if reads.Level(10*time.Second) != ShardReadsPerSecond {
		t.Error("their reads go on")
	}
}

// However many there are, and whatever is written, they read everything once, and it does not matter when they are looked at.
func TestOthersReadEverythingOnceWheneverTheyAreLookedAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "others")
		start := time.Duration(rapid.IntRange(0, 5000).Draw(t, "start")) * ms
		often, seldom := NewOtherReaders(n, start), NewOtherReaders(n, start)
		reads, bytes := readLimits()
		reads2, bytes2 := readLimits()
		now, written := start, int64(0)
		for range rapid.IntRange(1, 50).Draw(t, "writes") {
			// A number of eighths of a second, so that the sums of the buckets are exact.
			gap := rapid.IntRange(0, 16).Draw(t, "gap")
			for range gap {
				now += 125 * ms
				often.Poll(now, reads, bytes)
			}
			size := rapid.IntRange(1, 1<<20).Draw(t, "size")
			for o, b := range map[*OtherReaders][2]*Bucket{often: {reads, bytes}, seldom: {reads2, bytes2}} {
				o.Poll(now, b[0], b[1])
				o.Wrote(size)
			}
			written += int64(size)
		}
		now += time.Duration(2+n/ShardReadsPerSecond) * time.Second
		often.Poll(now, reads, bytes)
		seldom.Poll(now, reads2, bytes2)
		for i := range n {
			if often.read[i] != written || seldom.read[i] != written {
				t.Fatalf("reader %d read %d and %d of %d bytes", i, often.read[i], seldom.read[i], written)
			}
		}
		if a, b := bytes.Level(now), bytes2.Level(now); a-b > 1e-3 || b-a > 1e-3 {
			t.Fatalf("the shard has %v bytes left, and %v where it was looked at seldom", a, b)
		}
	})
}

func TestNoOthersTakeNothing(t *testing.T) {
	reads, bytes := readLimits()
	o := NewOtherReaders(0, 0)
	o.Wrote(1)
	o.Poll(time.Hour, reads, bytes)
	o.End(time.Hour, reads, bytes)
	if o != nil || reads.Level(time.Hour) != ShardReadsPerSecond || bytes.Level(time.Hour) != ShardReadBytesPerSecond {
		t.Error("nobody reads, and something is taken")
	}
}
