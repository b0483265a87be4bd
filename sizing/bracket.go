package sizing

// bracket narrows down where a pipeline stops holding. The numbers that are tried are the rungs of a ladder, from easy to hard: a load 3 % above the one
// below it, or a stream with one shard fewer. It knows the hardest rung that held and the easiest that did not; it is done when one follows the other.
type bracket struct {
	// easiest and hardest are the ends of the ladder.
	easiest, hardest int
	held, failed     int
	hasHeld, missed  bool // whether held and failed are known
	stride           int
}

func newBracket(easiest, hardest int) *bracket {
	return &bracket{easiest: easiest, hardest: hardest, stride: 1}
}

// strides is what the search reaches out by, each time more, where it has not found both ends: 1, 4 and 16 rungs.
const strides = 4

// note takes what a trial of a rung has shown. Of trials that contradict each other the one that did not hold counts: what holds only sometimes does not.
func (b *bracket) note(rung int, holds bool) {
	switch {
	case holds && (!b.hasHeld || rung > b.held) && (!b.missed || rung < b.failed):
		b.held, b.hasHeld = rung, true
	case !holds && (!b.missed || rung < b.failed):
		b.failed, b.missed = rung, true
		if b.hasHeld && b.held >= rung {
			b.hasHeld = false
		}
	}
}

// next is the rung to try, none once it is done, or where the ladder ends. The hint, if there is one, is where the last trial suggests that the edge is;
// it is followed where nothing that is known speaks against it.
func (b *bracket) next(start int, hint *int) (rung int, ok bool) {
	switch {
	case b.hasHeld && b.missed:
		if b.failed-b.held <= 1 {
			return 0, false
		}
		if hint != nil && *hint > b.held && *hint < b.failed {
			return *hint, true
		}
		return b.held + (b.failed-b.held)/2, true
	case !b.hasHeld && !b.missed:
		return min(max(start, b.easiest), b.hardest), true
	}
	if hint != nil && b.fits(*hint) {
		return *hint, true
	}
	reach := b.stride
	b.stride *= strides
	if b.hasHeld {
		if b.held == b.hardest {
			return 0, false
		}
		return min(b.held+reach, b.hardest), true
	}
	if b.failed == b.easiest {
		return 0, false
	}
	return max(b.failed-reach, b.easiest), true
}

// fits says that a rung is on the ladder, and on the side that nothing is known of.
func (b *bracket) fits(rung int) bool {
	if rung < b.easiest || rung > b.hardest {
		return false
	}
	return b.hasHeld && rung > b.held || b.missed && rung < b.failed
}

// closed says that the answer is as exact as it can be: a rung that held, and right behind it one that did not, or the end of the ladder.
func (b *bracket) closed() bool {
	return b.hasHeld && (b.held == b.hardest || b.missed && b.failed == b.held+1)
}
