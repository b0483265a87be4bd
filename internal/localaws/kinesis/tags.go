package kinesis

import (
	"maps"
	"slices"
	"sync"

	"weir/internal/localaws/wire"
)

// maxTags is how many tags a stream has at most (Kinesis API reference, AddTagsToStream).
const maxTags = 50

// tags are those of a stream.
type tags struct {
	mu     sync.Mutex
	values map[string]string
}

func (t *tags) add(given map[string]string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := maps.Clone(t.values)
	if all == nil {
		all = make(map[string]string)
	}
	maps.Copy(all, given)
	if len(all) > maxTags {
		return wire.NewError("InvalidArgumentException", "Failed to add tags to stream because a given stream cannot have more than %d tags associated with it.", maxTags)
	}
	t.values = all
	return nil
}

func (t *tags) remove(keys []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range keys {
		delete(t.values, key)
	}
}

// page is up to limit tags in the order of their keys, after a key; more says that there are others.
func (t *tags) page(after string, limit int) (page []tag, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	page = []tag{}
	for _, key := range slices.Sorted(maps.Keys(t.values)) {
		switch {
		case key <= after && after != "":
		case len(page) == limit:
			return page, true
		default:
			page = append(page, tag{key, t.values[key]})
		}
	}
	return page, false
}
