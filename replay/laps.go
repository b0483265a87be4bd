package replay

import (
	"context"
	"errors"
	"fmt"
	"io"

	"weir/record"
)

// Forever loops a recording without end.
const Forever = -1

// once says that a recording is not looped.
func once(loop int) bool { return loop == 0 || loop == 1 }

// laps are the files of a source, several times over, with a mark between two laps.
type laps struct {
	find func(context.Context) (files, error)
	// opens is what the first lap found: files are opened by it while the next lap is found.
	opens files
	files files
	left  int // laps to come, or Forever
}

// lapMark stands in the place of a file's name, where no name can be empty.
const lapMark = ""

// errLap is what opening a lapMark gives.
var errLap = errors.New("the next lap begins")

func newLaps(ctx context.Context, o *Options, found *unopened) (files, error) {
	first, err := findWithin(ctx, o, found)
	if err != nil || once(o.Loop) {
		return first, err
	}
	switch {
	case o.Loop < 0 && o.Loop != Forever:
		return nil, fmt.Errorf("%w: a recording cannot be looped %d times", ErrImpossible, o.Loop)
	case Once(o.Source):
		return nil, fmt.Errorf("%w: %s cannot be looped: it can be read only once", ErrImpossible, SourceText(o.Source))
	}
	left := Forever
	if o.Loop > 0 {
		left = o.Loop - 1
	}
	find := func(ctx context.Context) (files, error) { return findWithin(ctx, o, new(unopened)) } // the first lap has counted them
	return &laps{find: find, opens: first, files: first, left: left}, nil
}

func (l *laps) next(ctx context.Context) (string, error) {
	name, err := l.files.next(ctx)
	if err != io.EOF || l.left == 0 {
		return name, err
	}
	if l.files, err = l.find(ctx); err != nil {
		return "", err
	}
	if l.left > 0 {
		l.left--
	}
	return lapMark, nil
}

func (l *laps) open(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == lapMark {
		return nil, errLap
	}
	return l.opens.open(ctx, name)
}

// lapClock says by how much the event times of a lap are later than the recorded ones. The moments at which a capture's records arrived have a clock of
// their own, by their own span: an hour of event times may have arrived in a minute.
//
// A lap takes
//
//	period = span + span / (records − 1)
//
// of event time, span being that of the first lap: between two laps lies the mean distance of two records, at least a millisecond, and where
// all event times are whole seconds, it is rounded up to one, or to a minute or an hour where their form has nothing finer. So lap n is n·period later, and no error adds up.
type lapClock struct {
	lap    int64
	period int64 // ms; 0 in the first lap
	grain  int64 // ms, of what the form of event times can say; 0 where nothing is written
	finer  bool  // there is an event time that is no whole second
	taken  int64 // records so far, without clones
}

// shift is how much later this lap is, in ms.
func (c *lapClock) shift() int64 { return c.lap * c.period }

// take notes a record of this lap, by its recorded event time.
func (c *lapClock) take(eventTime int64) {
	c.taken++
	c.finer = c.finer || eventTime%1000 != 0
}

// turn begins the next lap; first and last are the event times of what was read so far.
func (c *lapClock) turn(first, last int64) error {
	if c.lap == 0 {
		unit := int64(1)
		if !c.finer {
			unit = 1000
		}
		unit = max(unit, c.grain)
		span := last - first
		gap := max(span/max(c.taken-1, 1), 1)
		c.period = floorTo(span+gap+unit-1, unit)
	}
	c.lap++
	if last > record.MaxEventTime-c.period {
		return fmt.Errorf("lap %d would go beyond the year 8999", c.lap+1)
	}
	return nil
}
