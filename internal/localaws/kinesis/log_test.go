package kinesis

import (
	"fmt"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"weir/limits"
)

// A log against a slice, whatever is appended, trimmed, searched and read; what was read stays as it is.
func TestLogIsASliceThatIsCutInFront(t *testing.T) {
	type model struct {
		arrival int64
		size    int
	}
	type answer struct {
		records records
		want    []model
	}
	rapid.Check(t, func(t *rapid.T) {
		l := newLog(birth{})
		var all []model
		var answers []answer
		first := 0
		clock := int64(1000)
		for range rapid.IntRange(1, 8).Draw(t, "rounds") {
			for range rapid.IntRange(0, 1500).Draw(t, "appended") {
				clock += int64(rapid.SampledFrom([]int{-3, 0, 0, 0, 1, 5}).Draw(t, "tick"))
				m := model{clock, len(all) % 7}
				if len(all)%97 == 0 {
					m.size += largeRecord
				}
				if len(all) > 0 {
					m.arrival = max(m.arrival, all[len(all)-1].arrival)
				}
				all = append(all, m)
				index, arrival := l.append(clock, "", make([]byte, m.size))
				if index != uint64(len(all)) || arrival != m.arrival {
					t.Fatalf("record %d is %d and arrived %d, want %d", len(all), index, arrival, m.arrival)
				}
			}
			passed := rapid.IntRange(1, len(all)+2).Draw(t, "passed")
			before := clock - int64(rapid.IntRange(0, 2000).Draw(t, "age"))
			goal := int64(rapid.SampledFrom([]int{0, 1, 5_000, 1 << 40}).Draw(t, "goal"))
			freed, want := l.trim(uint64(passed), before, goal), int64(0)
			for want < goal && first < min(passed-1, len(all)) && all[first].arrival < before {
				want += memoryOf("", make([]byte, all[first].size))
				first++
			}
			if freed != want {
				t.Fatalf("%d bytes are freed, want %d", freed, want)
			}
			if l.first != uint64(first+1) || l.next != uint64(len(all)+1) {
				t.Fatalf("the log holds [%d, %d), want [%d, %d)", l.first, l.next, first+1, len(all)+1)
			}
			bytes, large := int64(0), 0
			for i := first; i < len(all); i++ {
				e := l.at(uint64(i + 1))
				if e.arrival != all[i].arrival || len(e.data) != all[i].size {
					t.Fatalf("record %d is %v, want %v", i+1, e, all[i])
				}
				bytes += memoryOf(e.key, e.data)
				if all[i].size >= largeRecord {
					large++
				}
			}
			for _, s := range l.segments {
				for _, data := range s.large {
					if data != nil {
						large--
					}
				}
			}
			if large != 0 {
				t.Fatalf("%d large records more are in memory than are kept", -large)
			}
			if l.bytes != bytes {
				t.Fatalf("%d bytes, want %d", l.bytes, bytes)
			}
			from := rapid.IntRange(first, len(all)).Draw(t, "from")
			end := rapid.IntRange(from, len(all)).Draw(t, "end")
			most := int64(rapid.SampledFrom([]int{0, 1, 100, largeRecord - 1, 2 * largeRecord, 1 << 40}).Draw(t, "most"))
			a := answer{records: l.read(uint64(from+1), uint64(end+1), most)}
			for left := most; from < end && (int64(all[from].size) <= left || len(a.want) == 0); from++ {
				left -= int64(all[from].size)
				a.want = append(a.want, all[from])
			}
			answers = append(answers, a)
			for _, a := range answers {
				list := a.records.list()
				if len(list) != len(a.want) || a.records.count != len(a.want) {
					t.Fatalf("%d records are read, said to be %d, want %d", len(list), a.records.count, len(a.want))
				}
				for i, r := range list {
					if r.SequenceNumber != (sequence{a.want[i].arrival, a.records.first + uint64(i), 0}) || len(r.Data) != a.want[i].size {
						t.Fatalf("record %d of an answer is %v with %d bytes, want %v", i, r.SequenceNumber, len(r.Data), a.want[i])
					}
				}
			}
			at := clock - int64(rapid.IntRange(-5, 2000).Draw(t, "at"))
			since := first
			for since < len(all) && all[since].arrival < at {
				since++
			}
			if got := l.since(at); got != uint64(since+1) {
				t.Fatalf("since %d: %d, want %d", at, got, since+1)
			}
		}
	})
}

func TestARecordForAStreamThatIsGoneTakesNoMemory(t *testing.T) {
	s := New(Config{MemoryBytes: 1 << 20})
	st := s.newStream("s", provisioned, 1, limits.RecordBytes, 0)
	st.lineage.Load().open[0].delete()
	if _, _, refused := s.store(st, [16]byte{}, s.now(), "k", []byte("d")); refused == nil || refused.Code != "ResourceNotFoundException" {
		t.Errorf("%v", refused)
	}
	if left := s.memory.Load(); left != 0 {
		t.Errorf("%d bytes are still reserved", left)
	}
}

func TestReadersThatNeverComeBackAreForgotten(t *testing.T) {
	r := newReaders()
	now := epoch
	for chain := range uint64(100_000) {
		now = now.Add(iteratorLifetime / 1000)
		r.note(chain, chain, now)
		if len(r.places) > 3000 {
			t.Fatalf("%d readers are remembered, a thousand of them alive", len(r.places))
		}
	}
	if got, want := r.passed(1<<40, now), uint64(100_000-1-1000); got != want {
		t.Errorf("all have passed %d, want %d", got, want)
	}
}

func TestSequenceNumberComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) sequence {
			return sequence{
				rapid.Int64Range(0, 1e14-1).Draw(t, name+" arrival"), rapid.Uint64Range(0, 1e18-1).Draw(t, name+" index"), rapid.IntRange(0, 1e12-1).Draw(t, name+" shard"),
			}
		}
		a, b := draw("a"), draw("b")
		textA, textB := a.String(), b.String()
		if got, ok := parseSequence(textA); !ok || got != a {
			t.Errorf("%s is read as %v", textA, got)
		}
		if len(textA) != 56 || (a.arrival < b.arrival && textA >= textB) || (a.arrival == b.arrival && a.index < b.index && textA >= textB) {
			t.Errorf("%v is %s, and %v is %s", a, textA, b, textB)
		}
	})
}

func FuzzSequenceNumber(f *testing.F) {
	f.Add(sequence{1357020000123, 7, 3}.String())
	f.Add("49")
	f.Add("4900000000000000+1000000000000000000000000000000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		if q, ok := parseSequence(text); ok && q.String() != text {
			t.Errorf("%q is taken for %v", text, q)
		}
	})
}

// What the log takes is what its records do, and a tenth of it.
func TestMemoryIsThatOfTheRecordsAndATenth(t *testing.T) {
	for _, size := range []int{200, 1000, 20_000} {
		s := New(Config{})
		st := s.newStream("s", provisioned, 1, limits.RecordBytes, 0)
		before := heap()
		stored, n := 0, 80<<20/size
		for i := range n {
			key := fmt.Sprint("key-", i)
			hash, err := hash(key, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, refused := s.store(st, hash, s.now(), key, make([]byte, size)); refused != nil {
				t.Fatal(refused)
			}
			stored += len(key) + size
		}
		taken := heap() - before
		if ratio := float64(taken) / float64(stored); ratio > 1.10 || ratio < 0.9 {
			t.Errorf("%d records of %d bytes take %.3f times as much", n, size, ratio)
		}
		runtime.KeepAlive(s)
		runtime.KeepAlive(st)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
