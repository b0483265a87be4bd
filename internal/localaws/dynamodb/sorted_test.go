package dynamodb

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSortedIsAnOrderedMap does the same to a sorted and to a map, with few places and small numbers of them in a hash, so
// that places meet, and enough of them for chunks to split and to empty.
func TestSortedIsAnOrderedMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s sorted
		model := map[place]*stored{}
		spread := rapid.IntRange(1, 5000).Draw(t, "spread")
		places := rapid.Custom(func(t *rapid.T) place {
			n := rapid.IntRange(0, spread).Draw(t, "n")
			return place{hash: uint64(n % 7), pk: fmt.Sprint(n % 11), order: fmt.Sprint(n)}
		})
		fill := rapid.IntRange(0, 4000).Draw(t, "fill")
		for i := range fill { // a bulk that needs no draw for each
			n := i * 7919 % (spread + 1)
			p, item := place{hash: uint64(n % 7), pk: fmt.Sprint(n % 11), order: fmt.Sprint(n)}, &stored{size: i}
			s.put(p, item)
			model[p] = item
		}
		for range rapid.IntRange(0, 50).Draw(t, "steps") {
			p := places.Draw(t, "place")
			switch rapid.SampledFrom([]string{"put", "remove", "get", "drop many"}).Draw(t, "step") {
			case "put":
				item := &stored{size: len(model)}
				s.put(p, item)
				model[p] = item
			case "remove":
				s.remove(p)
				delete(model, p)
			case "get":
				if got := s.get(p); got != model[p] {
					t.Fatalf("get %v gives %v, want %v", p, got, model[p])
				}
			case "drop many":
				for _, q := range order(model)[:len(model)/2] {
					s.remove(q)
					delete(model, q)
				}
			}
		}
		from := places.Draw(t, "from")
		checkSorted(t, &s, model, from)
	})
}

func order(model map[place]*stored) []place {
	return slices.SortedFunc(maps.Keys(model), place.compare)
}

func checkSorted(t *rapid.T, s *sorted, model map[place]*stored, from place) {
	want := order(model)
	if s.count != len(want) {
		t.Fatalf("count is %d, want %d", s.count, len(want))
	}
	start, _ := slices.BinarySearchFunc(want, from, place.compare)
	got := []place{}
	for e := range s.from(from) {
		if e.stored != model[e.place] {
			t.Fatalf("%v holds another item", e.place)
		}
		got = append(got, e.place)
	}
	if !slices.Equal(got, want[start:]) {
		t.Fatalf("from %v upwards: %v\nwant %v", from, got, want[start:])
	}
	got = got[:0]
	for e := range s.before(from) {
		got = append(got, e.place)
	}
	slices.Reverse(got)
	if !slices.Equal(got, want[:start]) {
		t.Fatalf("before %v: %v\nwant %v", from, got, want[:start])
	}
}

func BenchmarkSortedPut(b *testing.B) {
	var s sorted
	item := &stored{}
	i := uint64(0)
	for b.Loop() {
		i++
		s.put(place{hash: i * 0x9E3779B97F4A7C15, pk: "departure#JFK", order: "2013-01-01T06:00:00Z"}, item)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/record")
}
