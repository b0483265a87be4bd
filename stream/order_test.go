package stream

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"weir/record"
	"weir/stream/kpl"
)

// opened are the payloads in what was stored.
func opened(data string) (payloads []string) {
	all, ok := new(kpl.Opener).Open([]byte(data))
	if !ok {
		return []string{data}
	}
	for _, r := range all {
		payloads = append(payloads, string(r.Data))
	}
	return payloads
}

// counted are the numbers below n, as payloads.
func counted(n int) (payloads []string) {
	for i := range n {
		payloads = append(payloads, strconv.Itoa(i))
	}
	return payloads
}

// throttlingOne has every third record throttled the first time that a call holds one in its place.
func throttlingOne(seen map[int]bool) func(i, n int) event {
	return func(i, n int) event {
		e := event{takes: time.Millisecond, codes: make([]string, n)}
		for j := range n {
			if at := 7*i + j; at%3 == 0 && !seen[at] {
				seen[at] = true
				e.codes[j] = throughputExceeded
			}
		}
		return e
	}
}

func TestInStrictOrderNoRecordIsStoredBeforeAnEarlierOneOfItsShard(t *testing.T) {
	for _, packed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeStream(2)
			f.script = throttlingOne(make(map[int]bool))
			r := start(t, f, func(c *WriterConfig) { c.Strict, c.Pack = true, packed })
			for shard := range 2 {
				r.put(t, numbered(shard, 2, 0, 40)...)
			}
			r.Close()
			if err := r.end(t); err != nil {
				t.Error(err)
			}
			for shard := range 2 {
				var got []string
				for _, l := range f.logs[shardName(shard)] {
					got = append(got, opened(l.data)...)
				}
				if want := counted(40); !slices.Equal(got, want) {
					t.Errorf("packed %v, shard %d holds %v", packed, shard, got)
				}
			}
			if n := r.watcher.outcomes()[record.Acked]; n != 80 {
				t.Errorf("%d records are acked", n)
			}
		})
	}
}

func TestARecordWhoseAttemptsAreSpentIsFailedAndTheOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStream(1)
		f.script = func(i, n int) event { // the record in front is never taken
			e := event{codes: make([]string, n)}
			if i < 3 {
				e.codes[0] = throughputExceeded
			}
			return e
		}
		r := start(t, f, func(c *WriterConfig) { c.Attempts = 3 })
		r.put(t, numbered(0, 1, 0, 5)...)
		time.Sleep(10 * time.Second)
		r.put(t, numbered(0, 1, 5, 6)...)
		r.Close()
		if err := r.end(t); err != nil {
			t.Error(err)
		}
		outcomes := r.watcher.outcomes()
		if outcomes[record.Failed] != 1 || outcomes[record.Acked] != 5 {
			t.Errorf("%v", outcomes)
		}
		for _, s := range r.watcher.final {
			if s.Outcome == record.Failed && (string(s.Data) != string(numbered(0, 1, 0, 1)[0].Data) || s.Attempts != 3) {
				t.Errorf("record %s failed after %d attempts", s.Data, s.Attempts)
			}
		}
	})
}
