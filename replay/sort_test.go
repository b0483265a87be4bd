package replay

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/record"
)

// entry is a record by its event time and its place in the recording.
type entry struct{ at, place int64 }

var wide = bound{span: 1 << 40, records: 1 << 30, bytes: 1 << 40}

// sortTimes is the order in which a sorter gives back records with the given event times, of one byte each.
func sortTimes(b bound, times ...int64) (got []entry, disordered int64) {
	s := newSorter(b, whole{}, func(r *record.Record) { got = append(got, entry{moment(r), r.Event.Time}) })
	for i, at := range times {
		s.add(&record.Record{Data: []byte{0}, Due: time.Duration(at), Event: record.Event{Time: int64(i)}})
	}
	s.flush()
	return got, s.disordered
}

func TestSorterSortsWithinItsBound(t *testing.T) {
	for _, test := range []struct {
		name       string
		bound      bound
		times      []int64
		want       []entry
		disordered int64
	}{
		{"nothing", wide, nil, nil, 0},
		{"ties keep the recording's order", wide, []int64{5, 3, 5, 3, 5}, []entry{{3, 1}, {3, 3}, {5, 0}, {5, 2}, {5, 4}}, 0},
		{"reversed", wide, []int64{3, 2, 1}, []entry{{1, 2}, {2, 1}, {3, 0}}, 0},
		{"a span of event time", bound{10, 99, 99}, []int64{0, 5, 9, 1}, []entry{{0, 0}, {1, 3}, {5, 1}, {9, 2}}, 0},
		{"a whole span lets go", bound{10, 99, 99}, []int64{0, 10, 1}, []entry{{0, 0}, {1, 2}, {10, 1}}, 0},
		{"too late for the span", bound{10, 99, 99}, []int64{0, 5, 15, 4, 6}, []entry{{0, 0}, {5, 1}, {4, 3}, {6, 4}, {15, 2}}, 1},
		{"as old as what went out is not too late", bound{10, 99, 99}, []int64{5, 15, 5}, []entry{{5, 0}, {5, 2}, {15, 1}}, 0},
		{"two records at most", bound{1000, 2, 99}, []int64{3, 2, 1, 0}, []entry{{1, 2}, {0, 3}, {2, 1}, {3, 0}}, 1},
		{"two bytes at most", bound{1000, 99, 2}, []int64{3, 2, 1}, []entry{{1, 2}, {2, 1}, {3, 0}}, 0},
		{"a date far off does not stop the rest", bound{10, 99, 99}, []int64{0, 1 << 50, 2, 1, 3}, []entry{{0, 0}, {2, 2}, {1, 3}, {3, 4}, {1 << 50, 1}}, 1},
		{"the ends of the range", wide, []int64{-1 << 63, 1<<63 - 1, 0}, []entry{{-1 << 63, 0}, {0, 2}, {1<<63 - 1, 1}}, 0},
	} {
		got, disordered := sortTimes(test.bound, test.times...)
		if !slices.Equal(got, test.want) || disordered != test.disordered {
			t.Errorf("%s: %v, %d disordered; want %v, %d", test.name, got, disordered, test.want, test.disordered)
		}
	}
}

func TestSorterEqualsAStableSortWhenTheDisorderFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const span = 50
		steps := rapid.SliceOfN(rapid.Int64Range(0, 20), 0, 300).Draw(t, "steps")
		var times []int64
		now := int64(0)
		for _, step := range steps {
			now += step
			times = append(times, now-rapid.Int64Range(0, span-1).Draw(t, "delay"))
		}
		got, disordered := sortTimes(bound{span: span, records: 1000, bytes: 1000}, times...)
		if disordered != 0 {
			t.Fatalf("%d records were too late", disordered)
		}
		want := make([]entry, len(times))
		for i, at := range times {
			want[i] = entry{at, int64(i)}
		}
		slices.SortStableFunc(want, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// TestSorterSortsMoreThanAPieceHolds has runs of several pieces, which empty while others fill.
func TestSorterSortsMoreThanAPieceHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 5))
	times := make([]int64, 10*pieceItems)
	want := make([]entry, len(times))
	for i := range times {
		times[i] = int64(i/3) - r.Int64N(4)*r.Int64N(pieceItems)
		want[i] = entry{times[i], int64(i)}
	}
	slices.SortStableFunc(want, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
	got, disordered := sortTimes(bound{span: 3 * pieceItems, records: 1 << 30, bytes: 1 << 40}, times...)
	if disordered != 0 || !slices.Equal(got, want) {
		t.Errorf("%d of %d records, %d too late, not in their order", len(got), len(want), disordered)
	}
}

func TestSorterKeepsItsBoundAndLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := bound{
			span:    rapid.Uint64Range(1, 100).Draw(t, "span"),
			records: rapid.IntRange(1, 20).Draw(t, "records"),
			bytes:   rapid.Int64Range(1, 30).Draw(t, "bytes"),
		}
		var out, disordered int64
		var horizon int64 = -1 << 63
		s := newSorter(b, whole{}, func(r *record.Record) {
			out++
			if moment(r) < horizon {
				disordered++
			}
			horizon = max(horizon, moment(r))
		})
		times := rapid.SliceOf(rapid.Int64Range(-200, 200)).Draw(t, "times")
		for i, at := range times {
			s.add(&record.Record{Data: make([]byte, i%3+1), Due: time.Duration(at)})
			if s.held > b.records || s.bytes > b.bytes {
				t.Fatalf("%d records and %d bytes are held, %+v allowed", s.held, s.bytes, b)
			}
			if int64(s.held)+out != int64(i+1) {
				t.Fatalf("%d held and %d out of %d", s.held, out, i+1)
			}
		}
		s.flush()
		if out != int64(len(times)) || disordered != s.disordered || s.bytes != 0 {
			t.Fatalf("%d of %d came out, %d out of order, %d counted, %d bytes left", out, len(times), disordered, s.disordered, s.bytes)
		}
	})
}

func BenchmarkSort(b *testing.B) {
	const n = 100_000
	for name, delay := range map[string]int{"in order": 0, "delayed by up to 10,000 records": 10_000} {
		b.Run(name, func(b *testing.B) {
			records := make([]record.Record, n)
			state := uint32(1)
			for i := range records {
				state = state*1664525 + 1013904223
				records[i].Due = time.Duration(i)
				if delay > 0 {
					records[i].Due -= time.Duration(state>>8) % time.Duration(delay)
				}
			}
			out := 0
			for b.Loop() {
				s := newSorter(bound{span: 20_000, records: 1_000_000, bytes: 1 << 30}, whole{}, func(*record.Record) { out++ })
				for i := range records {
					s.add(&records[i])
				}
				s.flush()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/record")
		})
	}
}
