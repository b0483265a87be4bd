package simulator

import (
	"testing"
	"time"

	"weir/sizing/trace"
)

func TestAWindowOfARecordingTakesAsLongAsItIsReplayed(t *testing.T) {
	records := []trace.Record{{Event: 1_000_000}, {Event: 1_100_000}, {Event: 0, Row: trace.Unreadable}}
	if took := inRun(10*time.Second, records, 10*time.Second); took != time.Second {
		t.Errorf("ten seconds of a hundred that are replayed in ten take %s", took)
	}
}

// A row that a late record fires again comes with no window, so that no more is covered. A hold of which next to nothing is covered is not judged.
func TestOnlyWindowsCoverTime(t *testing.T) {
	d := demand{schedule: schedule{feed: time.Minute, holds: []hold{{"first", 0, 30 * time.Second}, {"second", 30 * time.Second, time.Minute}}}}
	d.firings = firings{slide: 10 * time.Second, trigger: noDue}
	for _, r := range []row{{trigger: 11 * time.Second}, {trigger: 31 * time.Second}, {trigger: 41 * time.Second, again: true}} {
		d.next(&r)
		d.due(&d.fired, 100)
	}
	over := d.covered(&d.schedule)
	if over.feed != 30*time.Second || over.holds[0] != (hold{"first", time.Second, 30 * time.Second}) || over.holds[1].end > over.holds[1].start {
		t.Errorf("%+v", over)
	}
	// The rows of the second window fall into the first hold but for their last second.
	if l := over.of(&d.fired, 1, 0); l.HoldName != "first" || !near(l.Hold, 190.0/29, 0.01) || !near(l.Feed, 10, 0.01) {
		t.Errorf("%+v", l)
	}
}
