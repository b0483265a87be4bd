package generator

import (
	"errors"
	"testing"

	"weir/record"
)

// Each way of breaking is met with the error that it is for, whatever the payload is made of.
func TestEachBreakageIsUnreadableInItsOwnWay(t *testing.T) {
	c := busy()
	c.Unreadable = 0
	g := mustNew(t, c)
	decoder, err := record.NewDecoder(c.Fields)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		broken breakage
		want   error
	}{
		"cut short":     {cutShort, record.ErrNotJSON},
		"single quotes": {singleQuotes, record.ErrNotJSON},
		"no time":       {noTime, record.ErrNoEventTime},
		"zero time":     {zeroTime, record.ErrNoEventTime},
		"wrong type":    {wrongType, record.ErrBadValue},
	} {
		t.Run(name, func(t *testing.T) {
			s := g.Stream(epoch)
			for i := range int64(500) {
				var d draft
				var whole, broken record.Record
				s.draw(i, 0, &d)
				if d.kind.template != nil && test.broken > singleQuotes {
					continue // it can be broken afterwards only
				}
				if err := s.render(&d, &whole); err != nil {
					t.Fatal(err)
				}
				d.broken = test.broken
				if err := s.render(&d, &broken); err != nil {
					t.Fatal(err)
				}
				s.spoil(&d, &broken)
				var got record.Decoded
				if err := decoder.Decode(broken.Data, &got); !errors.Is(err, test.want) {
					t.Fatalf("%s: %v, want %v", broken.Data, err, test.want)
				}
				if broken.PartitionKey != whole.PartitionKey || broken.Event != (record.Event{Time: whole.Event.Time, Unreadable: true}) {
					t.Fatalf("%q with %+v was %q with %+v", broken.PartitionKey, broken.Event, whole.PartitionKey, whole.Event)
				}
			}
		})
	}
}

func TestUnreadableIsAShareOfTheRecordsInAllWays(t *testing.T) {
	c := typical()
	c.Phases = []Phase{{Shape: Hold, For: second, At: 20000}}
	c.Unreadable = 0.1
	decoder, err := record.NewDecoder(c.Fields)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[error]int{}
	for _, r := range all(t, mustNew(t, c).Stream(epoch)) {
		if !r.Event.Unreadable {
			continue
		}
		var got record.Decoded
		reasons[errors.Unwrap(decoder.Decode(r.Data, &got))]++
	}
	// Of 20,000 a tenth, ± 4 standard deviations of 42; of these two fifths, two fifths and a fifth.
	for reason, want := range map[error]int{record.ErrNotJSON: 800, record.ErrNoEventTime: 800, record.ErrBadValue: 400} {
		if got := reasons[reason]; got < want-115 || got > want+115 {
			t.Errorf("%d records with %v, want about %d", got, reason, want)
		}
	}
	if len(reasons) != 3 {
		t.Errorf("other reasons: %v", reasons)
	}
}
