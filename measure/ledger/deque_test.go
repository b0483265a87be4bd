package ledger

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A deque holds what a plain slice would, and forgets what was taken.
func TestDequeIsAQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d deque[int]
		var model []int
		for step := range rapid.IntRange(0, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				for i := range rapid.SampledFrom([]int{1, 3, 2000}).Draw(t, "push") {
					d.push(step*10_000 + i + 1)
					model = append(model, step*10_000+i+1)
				}
			case 2:
				for range min(len(model), rapid.SampledFrom([]int{1, 3, 3000}).Draw(t, "pop")) {
					d.pop()
					model = model[1:]
				}
			case 3:
				if len(model) > 0 {
					i := rapid.IntRange(0, len(model)-1).Draw(t, "remove")
					d.remove(i)
					model = slices.Delete(slices.Clone(model), i, i+1)
				}
			}
			if !slices.Equal(d.live(), model) || d.len() != len(model) {
				t.Fatalf("holds %d items, want %d", d.len(), len(model))
			}
			if i := slices.IndexFunc(d.items[:d.head], func(n int) bool { return n != 0 }); i >= 0 {
				t.Fatalf("an item that was taken is still held")
			}
		}
	})
}
