package canary

import (
	"testing"
	"time"
)

func TestAStepOfTheWallClockIsTheGreatestOneAndNeverACorrectionLittleByLittle(t *testing.T) {
	ms := func(ahead ...int) []time.Duration {
		all := make([]time.Duration, len(ahead))
		for i := range ahead {
			all[i] = time.Duration(ahead[i]) * time.Millisecond
		}
		return all
	}
	for name, test := range map[string]struct {
		ahead []time.Duration
		want  time.Duration
	}{
		"never set":            {ms(0, 0, 0), 0},
		"set forwards":         {ms(0, 2000, 2000), 2 * time.Second},
		"set back":             {ms(0, 0, -1500), -1500 * time.Millisecond},
		"set twice":            {ms(100, -900, -800), -time.Second},
		"corrected by degrees": {ms(10, 20, 30, 40, 50, 60, 70, 80), 0},
	} {
		i := -1
		w := &wallClock{ahead: func() time.Duration { i++; return test.ahead[i] }}
		for range test.ahead {
			w.look()
		}
		if w.greatest != test.want {
			t.Errorf("%s: %v, want %v", name, w.greatest, test.want)
		}
	}
}

func TestTheWallClockOfABubbleIsNeverSet(t *testing.T) {
	facts := runFor(t, nil, 5*time.Second, punctual)
	if facts.ClockStep != nil {
		t.Errorf("set by %v", *facts.ClockStep)
	}
}
