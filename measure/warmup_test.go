package measure

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"weir/result"
)

func TestMSERCutsTheStartOff(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	steady := func(n int) (values []float64) {
		for range n {
			values = append(values, 100+5*random.NormFloat64())
		}
		return values
	}
	for name, test := range map[string]struct {
		values      []float64
		least, most int
		settled     bool
	}{
		"a step":       {append([]float64{400, 380, 390, 370, 400, 390}, steady(60)...), 6, 9, true},
		"a decay":      {append([]float64{900, 500, 300, 200, 150, 125, 112}, steady(60)...), 4, 12, true},
		"nothing":      {[]float64{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}, 0, 0, true},
		"it grows":     {[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 40, 80, 160, 320, 320, 320, 320, 320, 320, 320}, 21, 29, false},
		"a late start": {append(append([]float64{}, repeated(300, 40)...), steady(20)...), 40, 45, false},
	} {
		cut, ok := mser(test.values)
		if cut < test.least || cut > test.most || ok != test.settled {
			t.Errorf("%s: %d cut off, settled %t", name, cut, ok)
		}
	}
}

func repeated(value float64, n int) (values []float64) {
	for range n {
		values = append(values, value)
	}
	return values
}

// settled is the warm-up of a run whose latencies are as latency says at each second of a ramp and a hold.
func settled(latency func(second int) time.Duration) *result.WarmUp {
	m := New(Config{Phases: []Phase{{Name: "ramp", End: 20 * time.Second}, {Name: "hold", Start: 20 * time.Second, End: 320 * time.Second, Hold: true}}})
	m.Begin(time.Second)
	for second := 1; second <= 321; second++ {
		at := time.Duration(second) * time.Second
		m.input.acked.record(at, 10, func(int) time.Duration { return latency(second) })
		m.second(at)
	}
	m.End(321 * time.Second)
	var r result.Result
	m.Fill(&r, 321*time.Second)
	return r.WarmUp
}

func TestTheWarmUpOfAHoldIsTold(t *testing.T) {
	w := settled(func(second int) time.Duration {
		shake := time.Duration(second%7) * time.Millisecond
		return 20*time.Millisecond + shake + time.Duration(400*math.Exp(-float64(second-21)/10))*time.Millisecond
	})
	if w == nil || w.Point != Acked || w.Phase != "hold" || !w.Settled || !w.Matters || w.Seconds < 25 || w.Seconds > 80 || w.Times < 2 {
		t.Errorf("%+v", w)
	}
	w = settled(func(second int) time.Duration { return 20*time.Millisecond + time.Duration(second%7)*time.Millisecond })
	if w == nil || w.Matters || !w.Settled {
		t.Errorf("of noise alone: %+v", w)
	}
	w = settled(func(second int) time.Duration { return time.Duration(second*second) * time.Millisecond })
	if w == nil || w.Settled {
		t.Errorf("of a backlog that grows: %+v", w)
	}
}

func TestAShortRunHasNoWarmUp(t *testing.T) {
	m := New(Config{})
	m.Begin(0)
	m.input.acked.record(time.Second, 10, func(int) time.Duration { return time.Millisecond })
	m.End(2 * time.Second)
	var r result.Result
	if m.Fill(&r, 2*time.Second); r.WarmUp != nil {
		t.Errorf("%+v", r.WarmUp)
	}
}
