package ledger

import (
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"weir/internal/deque"
	"weir/record"
)

// taken are the records of a shard that a consumer was given, in their order, with what they add to a backlog: so it is known how much of it the
// consumer has still to process, and what it reads again after it has gone back. Of a consumer that never goes back, those at the front are
// forgotten as soon as they are processed.
//
// A record has an index, its place among all that were ever given. Those before at were given since the consumer began last, or it needs them no
// more; those behind are to be read again.
type taken struct {
	progress, rewinds bool
	seed              maphash.Seed

	records deque.Deque[takenRecord]
	// numbers are the hashes of their sequence numbers, which those of a KPL aggregate share; none where the consumer never goes back.
	numbers deque.Deque[uint64]
	// first is the index of the first that is kept.
	first int64
	// at is the index of the record that comes next. Where the consumer has gone back and it is not known yet to where, lost.
	at   int64
	lost bool
	// origin is the index of the first record that was given since the consumer began last: that of its place 0.
	origin int64
	// done is the index of the first that is not processed.
	done int64

	// open are the records that were given and are not processed, left those that are to be read again.
	open, left extent
	// given counts the records that were given since the consumer began last, again those of them that it had been given before.
	given, again int64
}

// takenRecord is a record that was given.
type takenRecord struct {
	due   time.Duration
	size  uint32
	state takenState
}

type takenState uint8

const (
	// flushRecord marks one that is outside of every count.
	flushRecord takenState = 1 << iota
	// processed marks one that the consumer is done with.
	processed
)

// extent is a number of records, and their bytes.
type extent struct{ records, bytes int64 }

func (e *extent) add(r *takenRecord) {
	if r.state&flushRecord == 0 {
		e.records++
		e.bytes += int64(r.size)
	}
}

func (e *extent) remove(r *takenRecord) {
	if r.state&flushRecord == 0 {
		e.records--
		e.bytes -= int64(r.size)
	}
}

func (t *taken) end() int64                  { return t.first + int64(t.records.Len()) }
func (t *taken) record(i int64) *takenRecord { return t.records.At(int(i - t.first)) }
func (t *taken) number(sequence string) uint64 {
	number, _, _ := strings.Cut(sequence, "/")
	return maphash.String(t.seed, number)
}

// give takes records that the consumer had not been given before.
func (t *taken) give(records []record.Stored) {
	for i := range records {
		r := &records[i]
		one := t.records.Add()
		one.due, one.size = r.Due, uint32(r.Size())
		if record.IsFlush(r.PartitionKey) {
			one.state = flushRecord
		} else {
			t.given++
		}
		if t.progress {
			t.open.add(one)
		}
		if t.rewinds {
			t.numbers.Push(t.number(r.Sequence))
		}
	}
	t.at += int64(len(records))
	if !t.progress {
		t.done = t.at
	}
}

// giveAgain takes the records of a page that the consumer had been given before it went back, which are the first ones of it. It sets their due times,
// and says how many they are, and the due time of the oldest.
func (t *taken) giveAgain(records []record.Stored) (n int, oldest time.Duration) {
	oldest = record.NoDue
	for end := t.end(); n < len(records) && t.at < end; n++ {
		one := t.record(t.at)
		records[n].Due = one.due
		oldest = older(oldest, one.due)
		t.left.remove(one)
		if t.progress {
			t.open.add(one)
		}
		if one.state&flushRecord == 0 {
			t.given++
			t.again++
		}
		t.at++
	}
	if !t.progress {
		t.done = t.at
	}
	return n, oldest
}

// process marks records that the consumer is done with, by their places, and says when the oldest of them was due.
func (t *taken) process(places []int64) (oldest time.Duration, err error) {
	oldest = record.NoDue
	for _, place := range places {
		i := t.origin + place
		if place < 0 || i >= t.at || t.lost {
			return oldest, fmt.Errorf("place %d was never given", place)
		}
		if i < t.done {
			return oldest, fmt.Errorf("place %d was processed before", place)
		}
		one := t.record(i)
		if one.state&processed != 0 {
			return oldest, fmt.Errorf("place %d was processed before", place)
		}
		one.state |= processed
		t.open.remove(one)
		oldest = older(oldest, one.due)
	}
	t.prune()
	return oldest, nil
}

// prune goes on to the first record that is not processed.
func (t *taken) prune() {
	for t.done < t.at && t.record(t.done).state&processed != 0 {
		t.done++
	}
	if !t.rewinds && t.done > t.first {
		t.records.Drop(int(t.done - t.first))
		t.first = t.done
	}
}

// rewind goes back to behind the last record of a sequence number, to the beginning where that is empty or of no record.
func (t *taken) rewind(sequence string) {
	if sequence == "" {
		t.goTo(t.first)
		return
	}
	number := t.number(sequence)
	i := t.records.Len() - 1
	for i >= 0 && *t.numbers.At(i) != number {
		i--
	}
	t.goTo(t.first + int64(i) + 1)
}

// lose goes back to where the records that come next will show. Until then, what was not processed may be read again.
func (t *taken) lose() {
	t.left.records += t.open.records
	t.left.bytes += t.open.bytes
	t.open = extent{}
	t.lost = t.records.Len() > 0
}

// find goes to the first record of a sequence number, behind the last one where it is none of those that were given.
func (t *taken) find(sequence string) {
	number := t.number(sequence)
	i, n := 0, t.numbers.Len()
	for i < n && *t.numbers.At(i) != number {
		i++
	}
	t.goTo(t.first + int64(i))
}

// goTo has the record of an index come next: all from it on are to be read again, and the consumer needs none before it.
func (t *taken) goTo(index int64) {
	t.at, t.origin, t.done, t.lost = index, index, index, false
	t.open, t.left = extent{}, extent{}
	for end := t.end(); index < end; index++ {
		one := t.record(index)
		one.state &^= processed
		t.left.add(one)
	}
}

// oldestOpen is the due time of the first record that was given and is not processed, NoDue where none has one.
func (t *taken) oldestOpen() time.Duration {
	if t.lost {
		return record.NoDue
	}
	return t.oldest(t.done, t.at)
}

// earliestOpen is the earliest due time of all records that were given and are not processed, NoDue where none has one.
func (t *taken) earliestOpen() time.Duration {
	earliest := record.NoDue
	if t.lost {
		return earliest
	}
	for i := t.done; i < t.at; i++ {
		if one := t.record(i); one.state&processed == 0 {
			earliest = older(earliest, one.due)
		}
	}
	return earliest
}

// oldestLeft is the due time of the first record that is to be read again, NoDue where none has one.
func (t *taken) oldestLeft() time.Duration {
	if t.lost {
		return t.oldest(t.done, t.end())
	}
	return t.oldest(t.at, t.end())
}

// oldest is the due time of the first record between two indexes that is not processed and has one.
func (t *taken) oldest(from, to int64) time.Duration {
	for ; from < to; from++ {
		if one := t.record(from); one.state&processed == 0 && one.due != record.NoDue {
			return one.due
		}
	}
	return record.NoDue
}

// older is the earlier of two due times, of which each may be none.
func older(a, b time.Duration) time.Duration {
	if a == record.NoDue || b != record.NoDue && b < a {
		return b
	}
	return a
}
