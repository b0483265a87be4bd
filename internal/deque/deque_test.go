package deque

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestADequeHoldsWhatASliceWouldAndForgetsWhatWasTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Deque[int]
		var model []int
		next := 0
		items := func(t *rapid.T) []int {
			list := make([]int, rapid.IntRange(0, 3*perBlock).Draw(t, "n"))
			for i := range list {
				next++
				list[i] = next
			}
			return list
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				for _, item := range items(t) {
					d.Push(item)
					model = append(model, item)
				}
			},
			"extend": func(t *rapid.T) {
				list := items(t)
				for len(list) > 0 {
					run := d.Extend(len(list))
					if slices.ContainsFunc(run, func(item int) bool { return item != 0 }) {
						t.Fatalf("what is new is %d", run)
					}
					n := copy(run, list)
					model, list = append(model, list[:n]...), list[n:]
				}
			},
			"push front": func(t *rapid.T) {
				list := items(t)
				d.PushFront(list...)
				model = slices.Concat(list, model)
			},
			"drop": func(t *rapid.T) {
				n := rapid.IntRange(0, len(model)).Draw(t, "n")
				d.Drop(n)
				model = model[n:]
			},
			"truncate": func(t *rapid.T) {
				n := rapid.IntRange(0, len(model)).Draw(t, "n")
				d.Truncate(n)
				model = model[:n:n]
			},
			"remove": func(t *rapid.T) {
				if len(model) == 0 {
					t.Skip("empty")
				}
				i := rapid.IntRange(0, len(model)-1).Draw(t, "i")
				d.Remove(i)
				model = slices.Delete(slices.Clone(model), i, i+1)
			},
			"": func(t *rapid.T) { check(t, &d, model) },
		})
	})
}

func check(t *rapid.T, d *Deque[int], model []int) {
	if d.Len() != len(model) {
		t.Fatalf("%d items, not %d", d.Len(), len(model))
	}
	for i, item := range d.All() {
		if *item != model[i] || *d.At(i) != model[i] {
			t.Fatalf("item %d is %d, not %d", i, *item, model[i])
		}
	}
	for i := 0; i < d.Len(); {
		run := d.Run(i)
		if len(run) == 0 || !slices.Equal(run, model[i:i+len(run)]) {
			t.Fatalf("the items from %d on are %d, not %d", i, run, model[i:])
		}
		i += len(run)
	}
	if run := d.Run(d.Len()); run != nil {
		t.Fatalf("behind the end are %d", run)
	}
	if room := len(d.blocks) * perBlock; room > d.Len()+2*perBlock {
		t.Fatalf("%d items take room for %d", d.Len(), room)
	}
	for i := range d.head {
		if d.blocks[0][i] != 0 {
			t.Fatalf("what was taken is still there: %d", d.blocks[0][i])
		}
	}
}

func BenchmarkDeque(b *testing.B) {
	var d Deque[[8]int]
	for b.Loop() {
		for range 1000 {
			d.Push([8]int{})
		}
		d.Drop(1000)
	}
}
