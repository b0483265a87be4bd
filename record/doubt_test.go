package record

import (
	"testing"
	"time"
)

// TestAClockThatIsShownTwiceOrNeverIsInDoubt counts, for each quarter of an hour around changes of clocks, the instants of four days that show it.
func TestAClockThatIsShownTwiceOrNeverIsInDoubt(t *testing.T) {
	const clock = "2006-01-02 15:04:05"
	for _, c := range []struct {
		zone         string
		day          time.Time
		twice, never int
	}{
		{"Europe/Berlin", time.Date(2013, 10, 27, 0, 0, 0, 0, time.UTC), 4, 0},
		{"Europe/Berlin", time.Date(2013, 3, 31, 0, 0, 0, 0, time.UTC), 0, 4},
		{"America/New_York", time.Date(2013, 11, 3, 0, 0, 0, 0, time.UTC), 4, 0},
		{"Australia/Lord_Howe", time.Date(2013, 4, 7, 0, 0, 0, 0, time.UTC), 2, 0},
		{"Pacific/Apia", time.Date(2011, 12, 30, 0, 0, 0, 0, time.UTC), 0, 96},
		{"Europe/Berlin", time.Date(2013, 7, 1, 0, 0, 0, 0, time.UTC), 0, 0},
		{"+01:00", time.Date(2013, 10, 27, 0, 0, 0, 0, time.UTC), 0, 0},
	} {
		zone, err := ParseZone(c.zone)
		if err != nil {
			continue // a machine without zones
		}
		shown := make(map[string]int)
		for at := c.day.Add(-48 * time.Hour); at.Before(c.day.Add(72 * time.Hour)); at = at.Add(15 * time.Minute) {
			shown[at.In(zone).Format(clock)]++
		}
		for _, format := range []string{"", "%Y-%m-%d %H:%M:%S"} {
			d, err := NewDecoder(Fields{EventTime: "t", TimeFormat: format, TimeZone: c.zone})
			if err != nil {
				t.Fatal(err)
			}
			found := make(map[Doubt]int)
			for quarter := range 96 {
				text := c.day.Add(time.Duration(quarter) * 15 * time.Minute).Format(clock)
				var got Decoded
				if err := d.Decode([]byte(`{"t":"`+text+`"}`), &got); err != nil {
					t.Fatal(err)
				}
				doubt := d.EventTimeDoubt(got.Event.Time)
				if want := map[int]Doubt{0: NeverComes, 1: NoDoubt, 2: ComesTwice}[shown[text]]; doubt != want {
					t.Errorf("%s %q %s: %d, want %d", c.zone, format, text, doubt, want)
				}
				found[doubt]++
				if err := d.Decode([]byte(`{"t":"`+text+`Z"}`), &got); err != nil || d.EventTimeDoubt(got.Event.Time) != NoDoubt {
					t.Errorf("%s %q %sZ is in doubt (%v)", c.zone, format, text, err)
				}
			}
			if found[ComesTwice] != c.twice || found[NeverComes] != c.never {
				t.Errorf("%s on %s: %v", c.zone, c.day.Format(time.DateOnly), found)
			}
		}
	}
}

func TestACertainEventTimeCostsNoMemory(t *testing.T) {
	d, err := NewDecoder(Fields{EventTime: "t", TimeZone: "Europe/Berlin"})
	if err != nil {
		t.Skip(err)
	}
	var got Decoded
	if err := d.Decode([]byte(`{"t":"2013-07-01 12:00:00"}`), &got); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { d.EventTimeDoubt(got.Event.Time) }); n > 0 || d.EventTimeDoubt(got.Event.Time) != NoDoubt {
		t.Errorf("%v allocations", n)
	}
}
