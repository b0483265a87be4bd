package record

// Decoded is what a Decoder found in one record.
type Decoded struct {
	Event Event
	// PartitionKey holds the values of Fields.PartitionKey joined by "|", missing ones left out; empty where none is
	// there. Not escaped: two keys that join alike share a shard, which harms nothing.
	PartitionKey string
	// Found has bit i set where the record has the path Decoder.Paths()[i].
	Found uint64
}

// Decoder reads the fields of records. It is not safe for concurrent use: one a goroutine.
type Decoder struct{}

// NewDecoder compiles the paths.
func NewDecoder(f Fields) (*Decoder, error) { panic("being written") }

// Paths are the distinct paths that the decoder looks for, in the order of their bits in Decoded.Found.
func (d *Decoder) Paths() []string { panic("being written") }

// Decode reads one record. The error wraps ErrNotJSON or ErrNoEventTime where the record cannot be scheduled, and
// ErrBadValue where it can but the aggregator cannot use it: then Event.Time is set and Event.Unreadable is true.
func (d *Decoder) Decode(data []byte, to *Decoded) error { panic("being written") }
