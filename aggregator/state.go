package aggregator

import "iter"

// cells are all cells of a window subtask's state, each with the start of its pane. They are valid until the subtask goes on.
func (w *windowSubtask) cells() iter.Seq2[int64, *cell] {
	return func(yield func(int64, *cell) bool) {
		for start, p := range w.open {
			for c := range p.all() {
				if !yield(start, c) {
					return
				}
			}
		}
	}
}

// put brings a cell back into a window subtask's state, which was made anew.
func (w *windowSubtask) put(start int64, c *cell) error { return w.pane(start).put(c) }
