package ledger

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"weir/internal/deque"
	"weir/record"
)

// taken are the records of a shard that a consumer was given, in their order, with what they add to a backlog: so it is known how much of it the
// consumer has still to process, and what it reads again after it has gone back. Of a consumer that never goes back, those at the front are
// forgotten as soon as they are processed.
type taken struct {
	progress, rewinds bool
	seed              maphash.Seed

	// records were given to the consumer, and it has not gone back before them. The index of a record is its place among all of them, and first that of
	// the first one that is kept.
	records deque.Deque[takenRecord]
	first   int64
	// numbers are the hashes of their sequence numbers, which those of a KPL aggregate share; none where the consumer never goes back.
	numbers deque.Deque[uint64]
	// ahead are the records that the consumer had been given before it went back, and is to read again.
	ahead []aheadRecord
	// lost says that the consumer has gone back, and it is not known yet to where.
	lost bool
	// gap says that the consumer has passed over records without reading them, and the next that it is given lies behind them.
	gap bool
	// origin is the index of the record of place 0: the first since the consumer began last.
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

// aheadRecord is a record that is to be read again.
type aheadRecord struct {
	takenRecord
	number uint64
}

type takenState uint8

const (
	// flushRecord marks one that is outside of every count.
	flushRecord takenState = 1 << iota
	// processed marks one that the consumer is done with.
	processed
	// behindGap marks one in front of which the consumer once passed over records.
	behindGap
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

// next is the index that the record which comes next will have.
func (t *taken) next() int64 { return t.first + int64(t.records.Len()) }

// behind says that the consumer has gone back, and not read all of it again.
func (t *taken) behind() bool { return t.lost || len(t.ahead) > 0 }

func (t *taken) number(sequence string) uint64 {
	number, _, _ := strings.Cut(sequence, "/")
	return maphash.String(t.seed, number)
}

// give takes records that the consumer had not been given before.
func (t *taken) give(records []record.Stored) {
	for given := records; len(given) > 0; {
		run := t.records.Extend(len(given))
		for i := range run {
			r := &given[i]
			run[i].due, run[i].size = r.Due, uint32(r.Size())
			if record.IsFlush(r.PartitionKey) {
				run[i].state = flushRecord
				continue
			}
			t.given++
			if t.progress {
				t.open.records++
				t.open.bytes += int64(run[i].size)
			}
		}
		if t.gap {
			run[0].state |= behindGap
			t.gap = false
		}
		given = given[len(run):]
	}
	if t.rewinds {
		for i := range records {
			t.numbers.Push(t.number(records[i].Sequence))
		}
	}
	if !t.progress {
		t.done = t.next()
	}
}

// giveAgain takes a record that the consumer had been given before it went back, and sets its due time. It is false where the record is another one. Those
// in front of it that did not come again never will.
func (t *taken) giveAgain(r *record.Stored) bool {
	number := t.number(r.Sequence)
	if t.ahead[0].number != number {
		i := slices.IndexFunc(t.ahead, func(a aheadRecord) bool { return a.number == number || a.state&behindGap != 0 })
		if i < 0 || t.ahead[i].number != number {
			return false
		}
		t.skip(i)
	}
	one := t.ahead[0].takenRecord
	if t.ahead = t.ahead[1:]; len(t.ahead) == 0 {
		t.ahead = nil // and its memory with it
	}
	r.Due = one.due
	t.left.remove(&one)
	t.records.Push(one)
	t.numbers.Push(number)
	if t.progress {
		t.open.add(&one)
	} else {
		t.done = t.next()
	}
	if one.state&flushRecord == 0 {
		t.given++
		t.again++
	}
	return true
}

// skip forgets the first of the records that are to be read again: they will not be.
func (t *taken) skip(n int) {
	for i := range n {
		t.left.remove(&t.ahead[i].takenRecord)
	}
	t.ahead = t.ahead[n:]
}

// process marks records that the consumer is done with, by their places, and says when the oldest of them was due.
func (t *taken) process(places []int64) (oldest time.Duration, err error) {
	oldest = record.NoDue
	next := t.next()
	var run []takenRecord // that begins with the record of the index start: places that follow each other stand together
	start := int64(0)
	for _, place := range places {
		i := t.origin + place
		if place < 0 || i >= next || t.lost {
			return oldest, fmt.Errorf("place %d was never given", place)
		}
		if i < t.done {
			return oldest, fmt.Errorf("place %d was processed before", place)
		}
		if i < start || i >= start+int64(len(run)) {
			start, run = i, t.records.Run(int(i-t.first))
		}
		one := &run[i-start]
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
	for run := t.records.Run(int(t.done - t.first)); len(run) > 0; run = t.records.Run(int(t.done - t.first)) {
		n := slices.IndexFunc(run, func(one takenRecord) bool { return one.state&processed == 0 })
		if n >= 0 {
			t.done += int64(n)
			break
		}
		t.done += int64(len(run))
	}
	if !t.rewinds && t.done > t.first {
		t.records.Drop(int(t.done - t.first))
		t.first = t.done
	}
}

// rewind goes back to behind the last record of a sequence number, to the beginning where that is empty or of no record.
func (t *taken) rewind(sequence string) {
	if sequence == "" {
		t.goTo(0)
		return
	}
	number := t.number(sequence)
	for i := len(t.ahead) - 1; i >= 0; i-- {
		if t.ahead[i].number == number {
			t.goTo(t.records.Len() + i + 1)
			return
		}
	}
	i := t.records.Len() - 1
	for i >= 0 && *t.numbers.At(i) != number {
		i--
	}
	t.goTo(i + 1)
}

// lose goes back to where the records that come next will show. Until then, what was not processed may be read again.
func (t *taken) lose() {
	t.left.records += t.open.records
	t.left.bytes += t.open.bytes
	t.open = extent{}
	t.lost = t.records.Len()+len(t.ahead) > 0
	t.gap = !t.lost
}

// find goes to the first record of a sequence number. Where that is none of those that were given, it lies behind them all; but where something was read
// behind it, it is one that was passed over, and the records behind that gap are read again.
func (t *taken) find(sequence string, passed bool) {
	t.goTo(0)
	number := t.number(sequence)
	i := slices.IndexFunc(t.ahead, func(a aheadRecord) bool { return a.number == number })
	for gap := len(t.ahead) - 1; passed && i < 0 && gap >= 0; gap-- {
		if t.ahead[gap].state&behindGap != 0 {
			i = gap
		}
	}
	if i < 0 {
		t.goToEnd()
		return
	}
	t.goTo(i)
}

// goToEnd goes behind all that was ever given, of which nothing is read again. What lies between that and what comes next is passed over.
func (t *taken) goToEnd() {
	t.goTo(t.records.Len() + len(t.ahead))
	t.gap = true
}

// goTo has the record of an index come next, of all that were ever given: those from it on are to be read again, and the consumer needs none before it.
func (t *taken) goTo(index int) {
	switch n := t.records.Len(); {
	case index > n:
		for _, one := range t.ahead[:index-n] {
			t.records.Push(one.takenRecord)
			t.numbers.Push(one.number)
		}
		t.ahead = t.ahead[index-n:]
	case index < n:
		again := make([]aheadRecord, 0, n-index+len(t.ahead))
		for i := index; i < n; i++ {
			again = append(again, aheadRecord{*t.records.At(i), *t.numbers.At(i)})
		}
		t.ahead = append(again, t.ahead...)
		t.records.Truncate(index)
		t.numbers.Truncate(index)
	}
	t.lost, t.gap = false, false
	t.origin, t.done = t.next(), t.next()
	t.open, t.left = extent{}, extent{}
	for i := range t.ahead {
		t.ahead[i].state &^= processed
		t.left.add(&t.ahead[i].takenRecord)
	}
}

// oldestOpen is the due time of the first record that was given and is not processed, NoDue where none has one.
func (t *taken) oldestOpen() time.Duration {
	if t.lost {
		return record.NoDue
	}
	return t.firstOpen()
}

// oldestLeft is the due time of the first record that is to be read again, or may be, NoDue where none has one.
func (t *taken) oldestLeft() time.Duration {
	if t.lost {
		if due := t.firstOpen(); due != record.NoDue {
			return due
		}
	}
	for i := range t.ahead {
		if due := t.ahead[i].due; due != record.NoDue {
			return due
		}
	}
	return record.NoDue
}

func (t *taken) firstOpen() time.Duration {
	for i := int(t.done - t.first); i < t.records.Len(); i++ {
		if one := t.records.At(i); one.state&processed == 0 && one.due != record.NoDue {
			return one.due
		}
	}
	return record.NoDue
}

// earliestOpen is the earliest due time of all records that were given and are not processed, NoDue where none has one.
func (t *taken) earliestOpen() time.Duration {
	earliest := record.NoDue
	if t.lost {
		return earliest
	}
	for i := int(t.done - t.first); i < t.records.Len(); i++ {
		if one := t.records.At(i); one.state&processed == 0 {
			earliest = older(earliest, one.due)
		}
	}
	return earliest
}

// older is the earlier of two due times, of which each may be none.
func older(a, b time.Duration) time.Duration {
	if a == record.NoDue || b != record.NoDue && b < a {
		return b
	}
	return a
}
