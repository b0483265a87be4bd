package record

// Place is where the value of Paths()[i] stands in the data that was decoded last, as long as that was a JSON object: from its first byte
// to behind its last, a string with its quotes. It is not ok where there is no value, or null.
func (d *Decoder) Place(i int) (start, end int, ok bool) {
	switch s := &d.scanner.slots[i]; s.kind {
	case absent:
		return 0, 0, false
	case stringValue:
		return s.start - 1, s.end + 1, true
	default:
		return s.start, s.end, true
	}
}

// Repeated says that what was decoded last has values of a path beside the one that counts, which is the last: a member has come twice in an object.
func (d *Decoder) Repeated() bool { return d.scanner.repeated }

// Barred says that in what was decoded last a path leads into an array, where it finds nothing.
func (d *Decoder) Barred() bool { return d.scanner.barred }

// Numeric says that the value of the path Paths()[i], a string in the data that was decoded last, is a number of DynamoDB's, as in {"N":"1.5"}.
func (d *Decoder) Numeric(i int) bool { return d.scanner.slots[i].numeric }
