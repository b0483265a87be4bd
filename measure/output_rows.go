package measure

import (
	"time"

	"weir/measure/backlog"
)

// outputRows are the rows that some route is not done with: from their firing on. In a direct pipeline there are none. They belong to the lock of [Rows].
type outputRows struct {
	routes int
	ages   backlog.Ages
	// records counts firings, bytes the records that carry them and are stored.
	records, bytes int64
}

// fired takes one more firing of a row.
func (o *outputRows) fired(f *flight, trigger time.Duration) {
	if o.routes == 0 {
		return
	}
	f.waiting = append(f.waiting, trigger)
	o.ages.Add(trigger, 1)
	o.records++
}

// unfired takes the last firing back.
func (o *outputRows) unfired(f *flight) {
	last := len(f.waiting) - 1
	if last < 0 {
		return
	}
	o.ages.Remove(f.waiting[last])
	f.waiting = f.waiting[:last]
	o.records--
}

// stored takes the size of a record that carries a firing, once the stream has it.
func (o *outputRows) stored(f *flight, size int64) {
	switch {
	case o.routes == 0:
	case f.early > 0:
		f.early--
	default:
		f.sizes = append(f.sizes, size)
		o.bytes += size
	}
}

// done takes note that a route is done with one more firing of a row.
func (o *outputRows) done(f *flight, route string) {
	if o.routes == 0 {
		return
	}
	left := f.fired - f.finish(route, o.routes)
	for len(f.waiting) > left {
		o.ages.Remove(f.waiting[0])
		f.waiting = f.waiting[1:]
		o.records--
		if len(f.sizes) == 0 {
			f.early++
			continue
		}
		o.bytes -= f.sizes[0]
		f.sizes = f.sizes[1:]
	}
}
