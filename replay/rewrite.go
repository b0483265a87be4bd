package replay

import (
	"cmp"
	"slices"

	"weir/record"
)

// rewriter writes other values into the JSON of records, and leaves every other byte as it is.
type rewriter struct {
	decoder *record.Decoder
	decoded record.Decoded
	edits   []edit
	arena   []byte
}

// edit puts text in the place of the bytes from start to before end.
type edit struct {
	start, end int
	text       []byte
}

func newRewriter(fields record.Fields) (rewriter, error) {
	decoder, err := record.NewDecoder(fields)
	return rewriter{decoder: decoder}, err
}

// read finds the values of a record that was decoded before.
func (w *rewriter) read(data []byte) {
	w.edits = w.edits[:0]
	_ = w.decoder.Decode(data, &w.decoded) // it is JSON, and the places are all that is asked
}

// index is the place of a path among the decoder's, -1 for none.
func (w *rewriter) index(path string) int { return slices.Index(w.decoder.Paths(), path) }

// write is the data with the edits, in memory that is not written to again.
func (w *rewriter) write(data []byte) []byte {
	slices.SortFunc(w.edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	need := len(data)
	for _, e := range w.edits {
		need += len(e.text)
	}
	if cap(w.arena)-len(w.arena) < need {
		w.arena = make([]byte, 0, max(arenaBytes, need))
	}
	start, at := len(w.arena), 0
	for _, e := range w.edits {
		w.arena = append(append(w.arena, data[at:e.start]...), e.text...)
		at = e.end
	}
	w.arena = append(w.arena, data[at:]...)
	return w.arena[start:len(w.arena):len(w.arena)]
}
